"""What comes again: when, and how it went the last time. Rows that staff change and the clock obeys."""

from flows.scheduling.rows import ask, change, fire, get, note, ready, switch
from flows.scheduling.values import Result, Schedule

__all__ = [
    "Result",
    "Schedule",
    "ask",
    "change",
    "fire",
    "get",
    "note",
    "ready",
    "switch",
]
