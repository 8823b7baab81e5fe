"""What a failed call of the Bot API means."""

from datetime import timedelta

from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from flows.delivering import Outcome

CHAT_NOT_FOUND = "chat not found"


def outcome_of(problem: TelegramError) -> Outcome:
    """The outcome of a message that ended in `problem`.

    A time-out after the request was written may hide a message that arrived; it is sent again all the same, since
    reading something twice is better than never. A rejected token is our fault, not this person's: later.
    """
    match problem:
        case RetryAfter():
            return Outcome("later", hold_of(problem))
        case Forbidden():
            return Outcome("gone")
        case BadRequest() if CHAT_NOT_FOUND in problem.message.lower():
            return Outcome("gone")
        case BadRequest() | ChatMigrated():
            return Outcome("refused")
        case _:
            return Outcome("later")


def hold_of(problem: RetryAfter) -> timedelta:
    """How long Telegram wants us to wait."""
    asked = problem.retry_after
    return asked if isinstance(asked, timedelta) else timedelta(seconds=asked)
