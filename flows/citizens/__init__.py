"""Who somebody is in a channel: their language, the open step of a dialogue, what was answered to which message."""

from flows.citizens.handlers import change_language
from flows.citizens.rows import (
    answered,
    arrive,
    at_step,
    erase,
    find,
    forget_answers,
    forget_steps,
    leave,
    lost,
    mark_gone,
    mark_reminded,
    meet,
    move,
    take_out,
    times_of,
)

__all__ = [
    "answered",
    "arrive",
    "at_step",
    "change_language",
    "erase",
    "find",
    "forget_answers",
    "forget_steps",
    "leave",
    "lost",
    "mark_gone",
    "mark_reminded",
    "meet",
    "move",
    "take_out",
    "times_of",
]
