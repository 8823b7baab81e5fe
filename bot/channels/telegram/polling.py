"""The loop that brings in what citizens write.

The offset moves only after every update of a batch has been received, which means committed: an update that we lose
by dying comes again, and `Conversation.receive` knows it by its id.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, Update
from telegram.error import Conflict, RetryAfter, TelegramError

from bot.channels.telegram.introducing import introduce
from bot.channels.telegram.limits import (
    FETCH_TIMEOUT_S,
    LAST_WAIT_S,
    LOCK_PAUSE_S,
    POLL_TIMEOUT_S,
    RECEIVE_TIMEOUT_S,
    RECEIVED_AT_ONCE,
    REPLIES_WAIT_S,
    UPDATES_MAX,
)
from bot.channels.telegram.outbox import Outbox
from bot.channels.telegram.outcomes import hold_of
from bot.channels.telegram.pacing import Pauses
from bot.channels.telegram.reading import Heard, Joining, Posted, chat_of, has_left, joining, moved_to, read
from bot.channels.telegram.writing import Part, parts_of
from flows import citizens, delivering
from flows.conversation import Conversation
from flows.errors import FlowError, Unavailable
from flows.messages import Message, Reply
from flows.store import Database
from flows.store.only_one import POLLER, only_one
from flows.suggesting import FILE_MOST_BYTES, FILE_MOST_MB, FileTooLarge
from flows.wording import N_, Lang, text

log = structlog.get_logger()

WANTED = ["message", "callback_query", "my_chat_member"]
UNREAD = N_(
    "I can read text, photos, PDF documents and locations, but not what you sent. "
    "Please write your question, or open the menu with /menu."
)
APOLOGY = N_(
    "Something went wrong here, and your message was not handled. Please send it again in a moment.\n\n"
    "If it happens again, please tell us this number: {number}"
)


STAFF_CHAT = N_(
    "This is a staff chat now. I tell here how much waits for the staff, at most once an hour and never at night: only "
    "numbers, no names and nothing that citizens wrote.\n\n"
    "To end it, use “Staff chats” in the console, or take me out of this chat."
)


class Unfetched(Unavailable):
    message = N_("I could not get your file from Telegram. Please send it again in a moment.")


class DatabaseAway(Exception):
    """Some updates of a batch could not be received; they stay with Telegram until they can."""


class Poller:
    """Receives and answers until it is cancelled."""

    def __init__(
        self,
        bot: Bot,
        send: Callable[[int, Part], Awaitable[None]],
        conversation: Conversation,
        db: Database,
        now: Callable[[], datetime],
    ) -> None:
        """`send` brings one part to a chat or raises TelegramError."""
        self._bot, self._send, self._conversation, self._db, self._now = bot, send, conversation, db, now
        self._offset = self._confirming = 0  # `_confirming`: the offset that Telegram has from us
        self._received: set[int] = set()  # of the batch that is not confirmed yet
        self._at_once = asyncio.Semaphore(RECEIVED_AT_ONCE)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._tasks, self._outbox = tasks, Outbox(self._send, tasks)
            await self._poll_in_turn()

    async def _poll_in_turn(self) -> None:
        introducing: asyncio.Task[None] | None = None
        while True:
            try:
                async with only_one(self._db, POLLER, pause_s=LOCK_PAUSE_S) as is_held:
                    log.info("telegram.polling")
                    introducing = introducing or self._tasks.create_task(introduce(self._bot, self._db))
                    await self._poll_while(is_held)
            except SQLAlchemyError as problem:
                log.warning("telegram.database_away", error=type(problem).__name__)
            await asyncio.sleep(LOCK_PAUSE_S)

    async def _poll_while(self, is_held: Callable[[], Awaitable[bool]]) -> None:
        pauses = Pauses()
        try:
            while await is_held():
                if await self._try_to_poll(pauses):
                    pauses.reset()
            log.warning("telegram.lock_lost")
        finally:
            await self._outbox.emptied(within_s=LAST_WAIT_S)
            await self._confirm()

    async def _try_to_poll(self, pauses: Pauses) -> bool:
        """Whether it went well; after a failure it has waited."""
        asked_s = 0.0
        try:
            await self._poll_once()
            return True
        except RetryAfter as held:
            asked_s = hold_of(held).total_seconds()
            log.warning("telegram.poll_held", seconds=asked_s)
        except Conflict as conflict:
            log.warning("telegram.poll_conflict", why=conflict.message)
            if "webhook" in conflict.message.lower():
                await self._take_over_from_webhook()
        except (TelegramError, DatabaseAway) as problem:
            # The class alone: some of Telegram's messages contain the token.
            log.warning("telegram.poll_failed", error=type(problem).__name__)
        except Exception:  # an edge: whatever it is, citizens still want to be heard
            log.exception("telegram.poll_broken")
        await asyncio.sleep(pauses.next_s(at_least_s=asked_s))
        return False

    async def _poll_once(self) -> None:
        self._confirming = self._offset
        updates = await self._bot.get_updates(
            offset=self._offset or None, limit=UPDATES_MAX, timeout=POLL_TIMEOUT_S, allowed_updates=WANTED
        )
        if updates:
            await self._receive_all(updates)
            self._offset = updates[-1].update_id + 1
            self._received.clear()
            await self._outbox.emptied({chat_of(update) for update in updates}, within_s=REPLIES_WAIT_S)

    async def _confirm(self) -> None:
        """Before leaving: what was answered must not come again to the next process, to be answered twice."""
        if self._offset == self._confirming:
            return
        try:
            async with asyncio.timeout(LAST_WAIT_S):
                await self._bot.get_updates(offset=self._offset, limit=1, timeout=0, allowed_updates=WANTED)
        except (TelegramError, TimeoutError) as problem:
            log.warning("telegram.unconfirmed", error=type(problem).__name__)

    async def _take_over_from_webhook(self) -> None:
        log.warning("telegram.webhook_deleted")
        try:
            await self._bot.delete_webhook(drop_pending_updates=False)
        except TelegramError as problem:
            log.warning("telegram.webhook_stays", error=type(problem).__name__)

    async def _receive_all(self, updates: Sequence[Update]) -> None:
        """Receive a batch: one chat in its order, chats beside one another. Raises DatabaseAway."""
        chats: defaultdict[int, list[Update]] = defaultdict(list)
        for update in updates:
            if update.update_id not in self._received:
                chats[chat_of(update)].append(update)
        async with asyncio.TaskGroup() as receiving:
            tasks = [receiving.create_task(self._receive_in_order(mine)) for mine in chats.values()]
        if not all(task.result() for task in tasks):
            raise DatabaseAway

    async def _receive_in_order(self, updates: Sequence[Update]) -> bool:
        """Whether all could be received; stops at the first that could not."""
        for update in updates:
            async with self._at_once:
                try:
                    await self._receive(update)
                except DatabaseAway:
                    return False
            self._received.add(update.update_id)
        return True

    async def _receive(self, update: Update) -> None:
        chat = chat_of(update)
        if has_left(update):
            async with self._db.transaction() as tx:
                if lost := await citizens.lost(tx, "telegram", str(chat), at=self._now()):
                    await delivering.forget_staff_chat(tx, lost)
            return
        if moved := moved_to(update):
            async with self._db.transaction() as tx:
                await citizens.move(tx, "telegram", str(chat), str(moved))
            return
        if joins := joining(update):
            self._outbox.put(chat, await self._parts(joins.lang, self._joined(joins)))
            return
        heard = read(update, self._now())
        if heard is None:
            return
        if heard.query:
            self._tasks.create_task(self._acknowledge(heard.query))
        self._outbox.put(heard.chat, await self._parts(heard.lang, self._replies(heard)))

    async def _parts(self, lang: Lang, answered: Awaitable[tuple[Lang, Sequence[Reply]]]) -> list[Part]:
        """What to write back; `lang` is for what went wrong. Raises DatabaseAway when nothing could be received."""
        try:
            async with asyncio.timeout(RECEIVE_TIMEOUT_S):
                spoken, replies = await answered
            return [part for reply in replies for part in parts_of(reply, spoken)]
        except FlowError as refused:
            return parts_of(Reply(refused.said(lang)), lang)
        except Exception as problem:  # an edge: one message that breaks us must not silence the rest
            if not await self._db.is_up():
                raise DatabaseAway from problem
            number = secrets.token_hex(4)
            log.exception("telegram.failed", number=number, error=type(problem).__name__)
            return parts_of(Reply(text(lang, APOLOGY, number=number)), lang)

    async def _joined(self, joins: Joining) -> tuple[Lang, Sequence[Reply]]:
        """Raises StaffCodeOver."""
        async with self._db.transaction() as tx:
            address, at = str(joins.chat), self._now()
            lang = await delivering.join_staff_chat(tx, "telegram", address, joins.code, title=joins.title, at=at)
        return lang, (Reply(text(lang, STAFF_CHAT)),)

    async def _replies(self, heard: Heard) -> tuple[Lang, Sequence[Reply]]:
        message = await self._fetched(heard.file) if heard.file else heard.message
        if message:
            answered = await self._conversation.receive(message)
            return answered.lang, answered.replies
        # A button without a value is none of ours: nothing to say beyond the acknowledgement.
        return heard.lang, () if heard.query else (Reply(text(heard.lang, UNREAD)),)

    async def _fetched(self, file: Posted) -> Message:
        """The message with its file. Raises FileTooLarge, Unfetched."""
        if file.size_bytes > FILE_MOST_BYTES:
            raise FileTooLarge(most=FILE_MOST_MB)
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                there = await self._bot.get_file(file.id)
                return file.as_message(bytes(await there.download_as_bytearray()))
        except (TelegramError, TimeoutError) as problem:
            log.warning("telegram.file_unfetched", error=type(problem).__name__)
            raise Unfetched from None

    async def _acknowledge(self, query: str) -> None:
        """Stop the clock on a pressed button. A late one is refused, which harms nobody."""
        try:
            await self._bot.answer_callback_query(query)
        except TelegramError as problem:
            log.info("telegram.not_acknowledged", error=type(problem).__name__)
