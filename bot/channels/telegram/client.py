"""Our end of the Bot API: opened once a process, used for sending and for polling."""

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.telegram.limits import CALL_TIMEOUT_S, CHAT_PAUSE_S, CONNECT_TIMEOUT_S, POLL_ANSWER_S, SHARE_TAKEN
from bot.channels.telegram.outcomes import hold_of, outcome_of
from bot.channels.telegram.pacing import Held, Pacer
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.writing import Part, parts_of
from bot.plots import Pictures
from flows.conversation import Conversation
from flows.delivering import Outcome, Parcel, Slots
from flows.errors import FlowError
from flows.messages import Picture
from flows.store import Database

log = structlog.get_logger()

type Call = Callable[[], Awaitable[None]]

CONNECTIONS = 64
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class SilentBot(Bot):
    """A Bot whose token is not in its name: a trace that shows values would show it."""

    def __repr__(self) -> str:
        return "Bot[…]"


class Telegram:
    """Sends to Telegram's citizens, and listens to them."""

    def __init__(self, bot: Bot, pacer: Pacer, pictures: Pictures | None) -> None:
        self._bot, self._pacer, self._pictures = bot, pacer, pictures

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        token: str,
        api_url: str,
        db: Database,
        pictures: Pictures | None = None,
        *,
        per_second: float,
        chat_pause_s: float = CHAT_PAUSE_S,
    ) -> AsyncIterator["Telegram"]:
        """Open the connections. Asks Telegram nothing, so that a process starts without it too.

        `api_url`: the root of a Bot API server; `/bot<token>/<method>` and `/file/bot<token>/<path>` follow it.
        Without `pictures` a reply with one goes out as its text. `per_second`: what the platform allows the account;
        `chat_pause_s`: between two deliveries in a chat.
        """
        # Without this, python-telegram-bot 22 warns at every RetryAfter that its seconds will become a timedelta.
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        calls, polls = _request(CALL_TIMEOUT_S), _request(POLL_ANSWER_S)
        with _unlogged(token):
            async with calls, polls:
                bot_id = token.partition(":")[0]
                root = api_url.rstrip("/")
                bot = SilentBot(
                    token,
                    base_url=f"{root}/bot",
                    base_file_url=f"{root}/file/bot",
                    request=calls,
                    get_updates_request=polls,
                )
                slots = Slots(db, f"telegram:{bot_id}", gap_s=1 / (per_second * SHARE_TAKEN))
                yield cls(bot, Pacer(slots, per_second, chat_pause_s=chat_pause_s), pictures)

    async def send(self, parcel: Parcel) -> Outcome:
        """One delivery, however many messages it takes.

        When a later one of them fails, the whole comes again: better its beginning twice than its end never.
        """
        parts = parts_of(parcel.reply, parcel.lang)
        try:
            for part in parts:
                await self._deliver(parcel.address, part)
        except Held:
            return Outcome("held")
        except TelegramError as problem:
            outcome = outcome_of(problem)
            log.info("telegram.unsent", delivery=parcel.delivery, outcome=outcome.kind, error=type(problem).__name__)
            return outcome
        return Outcome("sent") if parts else Outcome("refused", "not_taken")

    async def poll(self, conversation: Conversation, db: Database, now: Callable[[], datetime]) -> None:
        """Receive and answer what citizens write, until cancelled. Waits while another process does."""
        await Poller(self._bot, self._reply, conversation, db, now).run()

    async def _deliver(self, chat: str, part: Part) -> None:
        call = await self._call(chat, part)
        if call is None:
            return
        try:
            async with self._pacer.delivery(chat):
                await call()
        except RetryAfter:  # by now the next slot is after what Telegram asked for, or out of reach
            async with self._pacer.delivery(chat):
                await call()

    async def _reply(self, chat: int, part: Part) -> None:
        call = await self._call(chat, part)
        if call is not None:
            await self._pacer.reply()
            await call()

    async def _call(self, chat: int | str, part: Part) -> Call | None:
        """The call that brings this part to a chat, its picture drawn; None when there is nothing to bring."""
        photo = await self._photo(part.picture)
        if photo is not None:
            send = partial(self._bot.send_photo, chat, photo, caption=part.html or None)
        elif part.html:
            send = partial(self._bot.send_message, chat, part.html, link_preview_options=NO_PREVIEW)
        else:
            return None

        async def call() -> None:
            try:
                await send(parse_mode=ParseMode.HTML, reply_markup=part.keyboard)
            except RetryAfter as held:
                # Going on to others would prolong it: the hold is the whole bot's (Bot API, ResponseParameters).
                await self._pacer.hold(hold_of(held).total_seconds())
                raise

        return call

    async def _photo(self, picture: Picture | None) -> bytes | None:
        """The file of a picture; None when it cannot be had: the text says the same."""
        if picture is None or self._pictures is None:
            return None
        try:
            return await self._pictures.png(picture.path)
        except (FlowError, SQLAlchemyError) as problem:
            log.warning("telegram.no_picture", error=type(problem).__name__)
            return None


def _request(read_timeout_s: float) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=CONNECTIONS,
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=read_timeout_s,
        write_timeout=CALL_TIMEOUT_S,
        pool_timeout=CALL_TIMEOUT_S,
    )


@contextmanager
def _unlogged(token: str) -> Iterator[None]:
    """Keep httpx from logging addresses, which contain the token."""

    def is_harmless(record: logging.LogRecord) -> bool:
        return token not in record.getMessage()

    logger = logging.getLogger("httpx")
    logger.addFilter(is_harmless)
    try:
        yield
    finally:
        logger.removeFilter(is_harmless)
