"""What staff do to a file of a suggestion: show it to everybody, take that back, remove it for good."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, suggesting
from flows.accounts import Staff
from flows.city import Both
from flows.errors import Invalid
from flows.suggesting import Actor, Kind
from flows.wording import LANGS, N_

ALT_MOST_CHARS = 300


class AltMissing(Invalid):
    field = "alt"
    message = N_(
        "Please say in Korean and in English what the picture shows, in up to {most} characters each: "
        "people who cannot see it read that instead."
    )


async def show_file(tx: AsyncSession, id_: int, alt: Both, *, by: Staff, at: datetime) -> str:
    """Let everybody see a picture with its suggestion, once that is public; the receipt.

    Raises AltMissing, NoSuchFile (also for a document: what it says of its author inside cannot be taken out).
    """
    if any(not 1 <= len(alt.of(lang)) <= ALT_MOST_CHARS for lang in LANGS):
        raise AltMissing(most=ALT_MOST_CHARS)
    file, receipt = await suggesting.file(tx, id_)
    await suggesting.publish_file(tx, id_, alt)
    await _audit(tx, "file.shown", receipt, id_, by=by, at=at, before=file.published, after=True)
    return receipt


async def hide_file(tx: AsyncSession, id_: int, *, by: Staff, at: datetime) -> str:
    """Show a picture to staff alone again; the receipt. Raises NoSuchFile."""
    file, receipt = await suggesting.file(tx, id_)
    await suggesting.unpublish_file(tx, id_)
    await _audit(tx, "file.hidden", receipt, id_, by=by, at=at, before=file.published, after=False)
    return receipt


async def remove_file(tx: AsyncSession, id_: int, *, by: Staff, at: datetime) -> str:
    """Take a file away from its suggestion, never to be seen again; the receipt. Raises NoSuchFile."""
    file, receipt = await suggesting.file(tx, id_)
    await suggesting.remove_file(tx, id_)
    suggestion = await suggesting.by_receipt(tx, receipt)
    await suggesting.note(tx, suggestion.id, Kind.REDACTED, Actor.STAFF, staff=by.id, at=at)
    await _audit(tx, "file.removed", receipt, id_, by=by, at=at, before=file.published, after=None)
    return receipt


async def _audit(
    tx: AsyncSession,
    action: str,
    receipt: str,
    id_: int,
    *,
    by: Staff,
    at: datetime,
    before: bool,
    after: bool | None,
) -> None:
    """Note the act, and raise the suggestion's version: whoever has its page open is told."""
    await suggesting.change(tx, receipt, at=at)
    was, is_ = {"file": id_, "shown": before}, {"file": id_, "shown": after}
    await accounts.audit(tx, by, action, receipt, before=was, after=is_, at=at)
