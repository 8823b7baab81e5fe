"""How fast we may go: slots between messages, and pauses after failures."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from bot.channels.telegram.limits import FIRST_PAUSE_S, LONGEST_PAUSE_S, MESSAGES_PER_SECOND

type Sleep = Callable[[float], Awaitable[None]]


class Pacer:
    """Gives out slots in time: at most `per_second` of them, in the order they are asked for.

    For this process alone. The limit leaves room for another one; what goes over it gets a 429 and is obeyed.
    """

    def __init__(
        self,
        per_second: float = MESSAGES_PER_SECOND,
        clock_s: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._gap_s, self._clock_s, self._sleep = 1 / per_second, clock_s, sleep
        self._free_at_s = self._held_until_s = clock_s()

    async def slot(self) -> None:
        """Wait for the next one."""
        now_s = self._clock_s()
        at_s = max(self._free_at_s, now_s)
        self._free_at_s = at_s + self._gap_s
        if at_s > now_s:
            await self._sleep(at_s - now_s)

    def hold(self, seconds: float) -> None:
        """No slot for so long, whoever asks: Telegram said so."""
        self._held_until_s = max(self._held_until_s, self._clock_s() + seconds)
        self._free_at_s = max(self._free_at_s, self._held_until_s)

    @property
    def held_s(self) -> float:
        """For how much longer a hold lasts."""
        return max(0.0, self._held_until_s - self._clock_s())


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
