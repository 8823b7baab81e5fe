"""The suggestion dialogue, receipts, and what became of a suggestion."""

from flows.suggesting.dialogue import cancel, open_draft, proceed, remind, submit_suggestion
from flows.suggesting.handlers import (
    browse_suggestions,
    edit_suggestion,
    my_suggestions,
    suggestion_status,
    withdraw_suggestion,
)
from flows.suggesting.receipts import read_receipt
from flows.suggesting.rows import (
    NoSuchSuggestion,
    StatusMoved,
    by_receipt,
    counts,
    disown,
    mine,
    move,
    published,
    search,
    submit,
)
from flows.suggesting.values import Status, Suggestion

__all__ = [
    "NoSuchSuggestion",
    "Status",
    "StatusMoved",
    "Suggestion",
    "browse_suggestions",
    "by_receipt",
    "cancel",
    "counts",
    "disown",
    "edit_suggestion",
    "mine",
    "move",
    "my_suggestions",
    "open_draft",
    "proceed",
    "published",
    "read_receipt",
    "remind",
    "search",
    "submit",
    "submit_suggestion",
    "suggestion_status",
    "withdraw_suggestion",
]
