"""Replies on their way: in order within a chat, and no chat waits for another."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

import structlog
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.channels.telegram.limits import REPLIES_WAITING_MAX, REPLY_TRIES
from bot.channels.telegram.outcomes import hold_of, outcome_of
from bot.channels.telegram.pacing import Pauses
from bot.channels.telegram.writing import Part

log = structlog.get_logger()


class Outbox:
    """One lane a chat, there for as long as something waits in it. In memory: what was received and not yet answered
    comes again from Telegram, as long as its update is not confirmed.
    """

    def __init__(self, send: Callable[[int, Part], Awaitable[None]], tasks: asyncio.TaskGroup) -> None:
        """`send` brings one part to a chat or raises TelegramError."""
        self._send, self._tasks = send, tasks
        self._waiting: dict[int, deque[Part]] = {}
        self._lanes: dict[int, asyncio.Task[None]] = {}

    def put(self, chat: int, parts: Iterable[Part]) -> None:
        for part in parts:
            waiting = self._waiting.setdefault(chat, deque())
            if len(waiting) >= REPLIES_WAITING_MAX:
                log.warning("telegram.reply_dropped", waiting=len(waiting))
                return
            waiting.append(part)
            if chat not in self._lanes:
                self._lanes[chat] = self._tasks.create_task(self._empty(chat))

    async def emptied(self, chats: Iterable[int] | None = None, *, within_s: float) -> None:
        """Wait for the lanes of `chats` (or all) to become empty, but no longer than `within_s`."""
        lanes = [lane for chat, lane in self._lanes.items() if chats is None or chat in set(chats)]
        if lanes:
            await asyncio.wait(lanes, timeout=within_s)

    async def _empty(self, chat: int) -> None:
        try:
            while self._waiting[chat]:
                await self._insist(chat, self._waiting[chat].popleft())
        except Exception:  # an edge: this lane's failure is not the others'
            log.exception("telegram.replies_lost", waiting=len(self._waiting[chat]))
        finally:
            del self._waiting[chat], self._lanes[chat]

    async def _insist(self, chat: int, part: Part) -> None:
        """Send one part, waiting where Telegram says so; given up with a line in the log."""
        pauses = Pauses()
        for _ in range(REPLY_TRIES):
            asked_s = 0.0
            try:
                await self._send(chat, part)
                return
            except RetryAfter as held:
                asked_s = hold_of(held).total_seconds()
            except TelegramError as problem:
                if (outcome := outcome_of(problem)).kind not in ("later", "uncertain"):
                    # Only these messages speak of what we sent; they hold neither token nor text.
                    why = problem.message if isinstance(problem, BadRequest) else type(problem).__name__
                    log.warning("telegram.reply_refused", outcome=outcome.kind, why=why)
                    return
            await asyncio.sleep(pauses.next_s(at_least_s=asked_s))
        log.warning("telegram.reply_lost", tries=REPLY_TRIES)
