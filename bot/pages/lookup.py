"""Looking up a suggestion by its receipt, the same way for the page and for the API."""

from datetime import timedelta

from fastapi import Request

from bot.app import Damso
from bot.pages.rendering import host_of
from flows import suggesting
from flows.messages import clean
from flows.store.keeping import limit
from flows.suggesting import NoSuchSuggestion, Suggestion

MINUTE, LOOKUPS_A_MINUTE = timedelta(minutes=1), 30


async def looked_up(request: Request, damso: Damso, written: str) -> Suggestion:
    """The suggestion whose receipt was `written`. Raises NoSuchSuggestion, and TooMany for one who tries many."""
    async with damso.db.transaction() as tx:
        await limit(tx, damso.now(), MINUTE, receipt=(host_of(request), LOOKUPS_A_MINUTE))
    receipt = suggesting.read_receipt(written)
    if receipt is None:
        raise NoSuchSuggestion(receipt=clean(written))
    async with damso.db.transaction() as tx:
        return await suggesting.by_receipt(tx, receipt)
