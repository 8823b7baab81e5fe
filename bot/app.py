"""The composition root: the only place where the parts are made and put together."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.channels.telegram import Telegram
from bot.drawing import Drawing
from bot.plots import Pictures
from bot.settings import Settings
from flows import delivering
from flows.conversation import Conversation
from flows.delivering import Policy, Sender
from flows.store import Database
from flows.store.files import Files
from flows.store.keeping import CONSOLE_LINK, DEMO, keep, kept, signing_key
from flows.understanding import Understanding


def now() -> datetime:
    """The only place that asks the machine's clock; everything else is told."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Damso:
    """The parts, made once a process and closed in reverse."""

    settings: Settings
    db: Database
    files: Files
    understanding: Understanding
    conversation: Conversation
    telegram: Telegram | None
    drawing: Drawing
    pictures: Pictures
    now: Callable[[], datetime]
    signing_key: str
    is_demo: bool
    senders: Mapping[str, Sender] = field(default_factory=dict)

    @property
    def delivery_policy(self) -> Policy:
        again = self.settings.delivery_uncertain == "again"
        return Policy(uncertain_again=again, pause_after=self.settings.delivery_pause_after)


@asynccontextmanager
async def build(
    settings: Settings, *, database_url: str, nlu_url: str | Callable[[], str], now: Callable[[], datetime] = now
) -> AsyncIterator[Damso]:
    """Make the parts on a migrated database. Opens connections; leaving closes them.

    `nlu_url`: an address, or what says it at the moment.
    """
    async with AsyncExitStack() as stack:
        db = Database(database_url)
        stack.push_async_callback(db.close)
        async with db.transaction() as tx:
            key, is_demo = await signing_key(tx), await kept(tx, DEMO) is not None
            await keep(tx, CONSOLE_LINK, f"{settings.pages_url}/staff")
        files = Files.at(settings.data_dir / "files", settings.files_url)
        understanding = Understanding(nlu_url)
        stack.push_async_callback(understanding.close)
        conversation = Conversation(
            db,
            understanding,
            files,
            public_url=settings.pages_url,
            per_citizen=settings.chat_rate_per_session,
            is_demo=is_demo,
        )
        drawing = Drawing()
        pictures = Pictures(db, drawing)
        telegram = None
        if settings.telegram_token:
            token = settings.telegram_token.get_secret_value()
            connected = Telegram.connect(
                token,
                settings.telegram_api_url,
                db,
                pictures,
                per_second=settings.telegram_per_second,
                chat_pause_s=settings.telegram_chat_pause,
            )
            telegram = await stack.enter_async_context(connected)
        senders: dict[str, Sender] = {"web": delivering.Mailbox(db, now)}
        if telegram:
            senders["telegram"] = telegram
        yield Damso(
            settings, db, files, understanding, conversation, telegram, drawing, pictures, now, key, is_demo, senders
        )
