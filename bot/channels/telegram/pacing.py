"""How fast we may go: slots between messages, and pauses after failures."""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.channels.telegram.limits import (
    AHEAD_S,
    CHAT_PAUSE_S,
    FIRST_PAUSE_S,
    HOLD_MAX_S,
    LONGEST_PAUSE_S,
    REPLY_WAIT_MAX_S,
    SECOND_S,
)
from flows.delivering import Slots

type Sleep = Callable[[float], Awaitable[None]]


class Held(Exception):
    """The account may not send for longer than anything waits in here."""


@dataclass(slots=True)
class _Call:
    """One call, and when the platform is likely to have counted it."""

    at_s: float


class Pacer:
    """Waits for the moment at which a message may go. The slots are shared with the other processes of this account.

    Slots alone do not do it: a call that is held up on its way arrives together with those behind it. So no call
    begins within a second of the arrival of the one that is as many calls before it as a second may have. When a call
    arrived nobody tells us; it cannot have been later than its answer less the quickest way there and back.

    Deliveries take theirs only `AHEAD_S` before they need them, so that a reply, which takes the very next one, never
    stands behind a broadcast for longer.
    """

    def __init__(
        self,
        slots: Slots,
        per_second: float,
        *,
        chat_pause_s: float = CHAT_PAUSE_S,
        clock_s: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`per_second`: what the platform allows the account; `chat_pause_s`: between two deliveries in a chat."""
        self._slots, self._clock_s, self._sleep = slots, clock_s, sleep
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._left, self._next_at_s = 0, 0.0  # slots taken and not yet used, and when the first of them is
        self._chat_pause_s = chat_pause_s
        self._chats: dict[str, float] = {}  # when a chat's next delivery may go, as far as that is to come
        self._last = deque[_Call](maxlen=max(1, int(per_second)))
        self._quickest_s = math.inf

    async def reply(self) -> None:
        """Wait for a slot for a reply to what somebody has just written."""
        while not (taken := await self._slots.take(1, within_s=REPLY_WAIT_MAX_S)).count:
            await self._sleep(taken.first_in_s)
        await self._sleep(max(0.0, taken.first_in_s))

    @asynccontextmanager
    async def delivery(self, chat: str) -> AsyncIterator[None]:
        """The call that brings a message to somebody who does not wait for it: begins in its slot. Raises Held."""
        await self._chat_free(chat)
        call = await self._slot()
        began_s = call.at_s
        try:
            yield
        finally:
            ended_s = self._clock_s()
            self._quickest_s = min(self._quickest_s, ended_s - began_s)
            call.at_s = ended_s - self._quickest_s

    async def _slot(self) -> "_Call":
        self._waiting += 1
        try:
            async with self._turn:
                if not self._left:
                    await self._take()
                at_s = self._next_at_s
                self._left -= 1
                self._next_at_s += self._slots.gap_s
                await self._sleep_until(at_s)
                if len(self._last) == self._last.maxlen:
                    await self._sleep_until(self._last[0].at_s + SECOND_S)
                self._last.append(call := _Call(self._clock_s()))
                return call
        finally:
            self._waiting -= 1

    async def hold(self, seconds: float) -> None:
        """No slot for so long, whoever asks: the platform said so."""
        self._left = 0
        await self._slots.hold(seconds)

    async def _take(self) -> None:
        count = max(1, min(self._waiting, int(AHEAD_S / self._slots.gap_s)))
        taken = await self._slots.take(count, within_s=HOLD_MAX_S)
        if not taken.count:
            raise Held
        self._left, self._next_at_s = taken.count, self._clock_s() + taken.first_in_s

    async def _chat_free(self, chat: str) -> None:
        now_s = self._clock_s()
        free_at_s = max(now_s, self._chats.get(chat, now_s))
        if len(self._chats) > 1_000:
            self._chats = {other: at_s for other, at_s in self._chats.items() if at_s > now_s}
        self._chats[chat] = free_at_s + self._chat_pause_s
        await self._sleep_until(free_at_s)

    async def _sleep_until(self, at_s: float) -> None:
        if (wait_s := at_s - self._clock_s()) > 0:
            await self._sleep(wait_s)


class Pauses:
    """Pauses that double from failure to failure, up to the longest."""

    def __init__(self, first_s: float = FIRST_PAUSE_S, longest_s: float = LONGEST_PAUSE_S) -> None:
        self._first_s, self._longest_s = first_s, longest_s
        self._next_s = first_s

    def next_s(self, at_least_s: float = 0) -> float:
        pause_s = self._next_s
        self._next_s = min(self._longest_s, pause_s * 2)
        return max(pause_s, at_least_s)

    def reset(self) -> None:
        self._next_s = self._first_s
