"""Once at the start: learn our own name, and show the commands in Telegram's menu."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, BotCommand
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.pacing import Pauses
from flows.store import Database
from flows.store.keeping import TELEGRAM_LINK, keep
from flows.wording import N_, Lang, text

log = structlog.get_logger()

# In the order of Telegram's menu; each is a word of flows.routes.COMMANDS.
COMMANDS: dict[str, str] = {
    "menu": N_("See what I can help with"),
    "commitments": N_("See the city's commitments"),
    "suggest": N_("Make a suggestion to the city"),
    "status": N_("See how far a suggestion is"),
    "follow": N_("Follow a commitment"),
    "alerts": N_("See and change your alerts"),
    "stop": N_("Turn all alerts off"),
    "news": N_("Read the latest news"),
    "language": N_("Change the language"),
    "mydata": N_("See what is held about you"),
    "forget": N_("Erase what is held about you"),
    "cancel": N_("Stop what we are doing and start again"),
}


async def introduce(bot: Bot, db: Database) -> None:
    """Keep the address of our chat and set the commands. Tries until Telegram takes both, or refuses."""
    pauses = Pauses()
    while True:
        try:
            await _keep_address(bot, db)
            await bot.set_my_commands(_menu("en"))
            await bot.set_my_commands(_menu("ko"), language_code="ko")
            return
        except BadRequest as refused:
            log.error("telegram.commands_refused", why=refused.message)
            return
        except (TelegramError, SQLAlchemyError) as problem:
            log.warning("telegram.not_introduced", error=type(problem).__name__)
        except Exception:  # an edge: citizens are answered all the same
            log.exception("telegram.introduction_broken")
        await asyncio.sleep(pauses.next_s())


async def _keep_address(bot: Bot, db: Database) -> None:
    me = await bot.get_me()
    async with db.transaction() as tx:
        await keep(tx, TELEGRAM_LINK, f"https://t.me/{me.username}")


def _menu(lang: Lang) -> list[BotCommand]:
    return [BotCommand(name, text(lang, said)) for name, said in COMMANDS.items()]
