"""What a failed call of the Bot API means."""

from datetime import timedelta

import httpx
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from flows.delivering import Outcome

CHAT_NOT_FOUND = "chat not found"


def outcome_of(problem: TelegramError) -> Outcome:
    """The outcome of a message that ended in `problem`.

    A call that broke off after the request was written may hide a message that arrived. A rejected token is our
    fault, not this person's: later.
    """
    match problem:
        case RetryAfter():
            return Outcome("held")
        case Forbidden():
            return Outcome("gone", "blocked")
        case BadRequest() if CHAT_NOT_FOUND in problem.message.lower():
            return Outcome("gone", "no_chat")
        case BadRequest() | ChatMigrated():
            return Outcome("refused", "not_taken")
        case InvalidToken():
            return Outcome("later", "account")
        case _:
            return _broken_off(problem)


def _broken_off(problem: TelegramError) -> Outcome:
    # python-telegram-bot says no more than TimedOut and NetworkError; what httpx met is behind them.
    match problem.__cause__:
        case httpx.ReadTimeout() | httpx.ReadError() | httpx.RemoteProtocolError():
            return Outcome("uncertain", "time_out")
        case httpx.HTTPError():
            return Outcome("later", "network")
        case _:
            return Outcome("later", "server")


def hold_of(problem: RetryAfter) -> timedelta:
    """How long Telegram wants us to wait."""
    asked = problem.retry_after
    return asked if isinstance(asked, timedelta) else timedelta(seconds=asked)
