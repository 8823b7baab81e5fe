"""The emergency notice (긴급 공지) that staff switch on for everybody, in every channel; at most one at a time."""

from flows.announcing.rows import (
    TEXT_MOST_CHARS,
    Announcement,
    BadEnd,
    current,
    current_id,
    faults,
    get,
    start,
    stop,
)

__all__ = [
    "TEXT_MOST_CHARS",
    "Announcement",
    "BadEnd",
    "current",
    "current_id",
    "faults",
    "get",
    "start",
    "stop",
]
