"""Saying what came of a suggestion: who wrote or supports it hears when that moves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, commitments, suggesting
from flows.accounts import Staff
from flows.city import Both
from flows.commitments import Milestone, Update
from flows.errors import Conflict, Invalid
from flows.store.tables.suggesting import SuggestionRow
from flows.suggesting import Actor, Kind, Suggestion
from flows.wording import N_


class NothingToLink(Invalid):
    field = "link"
    message = N_("Please choose a milestone or a published update.")


class LinkedAlready(Conflict):
    message = N_("The suggestion {receipt} is linked to this already.")


class NoSuchLink(Conflict):
    message = N_("This link is gone already.")


@dataclass(frozen=True, slots=True)
class Linked:
    """A link with what it leads to."""

    id: int
    to: Milestone | Update

    @property
    def title(self) -> Both:
        return title_of(self.to)


def title_of(target: Milestone | Update) -> Both:
    return target.title if isinstance(target, Milestone) else target.text


async def linked(tx: AsyncSession, s: Suggestion) -> list[Linked]:
    """What a suggestion is linked to."""
    known = await linkable(tx)
    found = [
        (it.id, f"milestone:{it.milestone}" if it.milestone else f"update:{it.update}")
        for it in await suggesting.links(tx, s)
    ]
    return [Linked(id_, known[name]) for id_, name in found if name in known]


async def linkable(tx: AsyncSession) -> dict[str, Milestone | Update]:
    """All that can be linked to, by the name that a form has for it: `milestone:<id>`, `update:<id>`."""
    plan = await commitments.all_of(tx)
    milestones = {f"milestone:{m.id}": m for c in plan for m in c.milestones}
    return milestones | {f"update:{u.id}": u for c in plan for u in c.updates}


async def link(
    tx: AsyncSession,
    receipt: str,
    to: str,
    *,
    by: Staff,
    at: datetime,
    seen: int | None = None,
) -> Suggestion:
    """Link a suggestion to a milestone or a published update, by its name in `linkable`.

    Its author and supporters are told once the update is public or the milestone reached. `seen`: the version that
    the caller saw. Raises NothingToLink, LinkedAlready, StatusMoved, NoSuchSuggestion.
    """
    s = await suggesting.as_seen(tx, receipt, seen)
    target = (await linkable(tx)).get(to)
    if target is None:
        raise NothingToLink
    if any(it.to == target for it in await linked(tx, s)):
        raise LinkedAlready(receipt=receipt)
    changed = await suggesting.change(tx, receipt, SuggestionRow.version == s.version, at=at)
    leads = {"milestone" if isinstance(target, Milestone) else "update": target.id}
    await suggesting.add_link(tx, s, **leads, at=at)
    title = title_of(target)
    await suggesting.note(tx, s.id, Kind.LINKED, Actor.STAFF, staff=by.id, public=title, at=at)
    await accounts.audit(tx, by, "suggestion.linked", receipt, after={"to": to}, at=at)
    return changed


async def unlink(
    tx: AsyncSession, receipt: str, link_id: int, *, by: Staff, at: datetime, seen: int | None = None
) -> Suggestion:
    """Take a link away. Raises NoSuchLink, StatusMoved, NoSuchSuggestion."""
    s = await suggesting.as_seen(tx, receipt, seen)
    titles = {it.id: it.title for it in await linked(tx, s)}
    gone = await suggesting.drop_link(tx, s, link_id)
    if gone is None:
        raise NoSuchLink
    changed = await suggesting.change(tx, receipt, SuggestionRow.version == s.version, at=at)
    await suggesting.note(tx, s.id, Kind.UNLINKED, Actor.STAFF, staff=by.id, public=titles.get(link_id), at=at)
    await accounts.audit(tx, by, "suggestion.unlinked", receipt, before={"link": link_id}, at=at)
    return changed
