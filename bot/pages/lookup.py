"""What an address or a form names: the id of a row, a receipt, the suggestion that has it."""

from datetime import timedelta

from fastapi import Request

from bot.app import Damso
from bot.pages.rendering import host_of
from flows import suggesting
from flows.messages import clean
from flows.store.keeping import limit
from flows.suggesting import NoSuchSuggestion, Suggestion

MINUTE, LOOKUPS_A_MINUTE = timedelta(minutes=1), 30
ID_MOST_DIGITS = 18


def read_id(written: str) -> int | None:
    """The id of a row, as an address or a form has it; None when it is none, or more than a bigint surely holds."""
    if written.isascii() and written.isdigit() and len(written) <= ID_MOST_DIGITS:
        return int(written)
    return None


def receipt_in(written: str) -> str:
    """The receipt that was written; where it is none, the words as they can be repeated in an answer."""
    return suggesting.read_receipt(written) or clean(written)


async def looked_up(request: Request, damso: Damso, written: str) -> Suggestion:
    """The suggestion whose receipt was `written`. Raises NoSuchSuggestion, and TooMany for one who tries many."""
    async with damso.db.transaction() as tx:
        await limit(tx, damso.now(), MINUTE, receipt=(host_of(request), LOOKUPS_A_MINUTE))
    receipt = suggesting.read_receipt(written)
    if receipt is None:
        raise NoSuchSuggestion(receipt=clean(written))
    async with damso.db.transaction() as tx:
        return await suggesting.by_receipt(tx, receipt)
