"""The public archive (발송 기록): all that was sent to followers or shown to everybody, and nothing personal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, Select, String, cast, func, literal, null, select, tuple_, union_all
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.commitments import Commitment, Update
from flows.errors import NotFound
from flows.store.tables.announcing import AnnouncementRow
from flows.store.tables.commitments import UpdateRow
from flows.store.tables.delivering import NoticeRow
from flows.store.tables.suggesting import IS_PUBLIC, SuggestionRow
from flows.wording import N_


class NeverSent(NotFound):
    message = N_("Nothing was sent under this address.")


class SentKind(StrEnum):
    UPDATE = "update"
    DIGEST = "digest"
    SUGGESTION = "suggestion"
    ANNOUNCEMENT = "announcement"

    @property
    def wording(self) -> str:
        return KIND_WORDING[self]


KIND_WORDING = {
    SentKind.UPDATE: N_("Progress update"),
    SentKind.DIGEST: N_("Digest"),
    SentKind.SUGGESTION: N_("News on a suggestion"),
    SentKind.ANNOUNCEMENT: N_("Emergency notice"),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing that was sent, under a `ref` that stays: `KRGNJ0001/3`, `weekly/2026-11-23`, `suggestion/7`,
    `announcement/5`.

    `text`: its words; a digest has none of its own. News on a suggestion has a `receipt`, which
    leads to what anybody may read of it: words of then may have been taken out since. `updates`: the update itself, or
    those that a digest gathered; each of its readers got those of them that they follow. `until`: when an emergency
    notice ended or is to end.
    """

    kind: SentKind
    id: int
    ref: str
    at: datetime
    text: Both | None
    updates: tuple[Update, ...]
    until: datetime | None
    receipt: str | None = None

    @property
    def cursor(self) -> str:
        """From where a list goes on after this one."""
        return f"{self.kind}-{self.id}"


async def sent(
    tx: AsyncSession,
    plan: Sequence[Commitment],
    *,
    kind: SentKind | None = None,
    is_whole: bool = True,
    after: tuple[SentKind, int] | None = None,
    limit: int,
) -> list[Sent]:
    """The newest first, from the one after `after`.

    Unless `is_whole`, only the updates of the commitments of `plan`: a digest is of all of them, and neither an
    emergency notice nor news on a suggestion is of one.
    """
    everything = _everything(None if is_whole else [c.code for c in plan])
    found = select(everything)
    if kind is not None:
        found = found.where(everything.c.kind == kind)
    if after is not None:
        of, number = after
        key = tuple_(everything.c.at, everything.c.kind, everything.c.id)
        then = select(everything.c.at).where(everything.c.kind == of, everything.c.id == number).scalar_subquery()
        found = found.where(key < tuple_(then, literal(str(of)), literal(number)))
    newest = (everything.c.at.desc(), everything.c.kind.desc(), everything.c.id.desc())
    return await _read(tx, plan, found.order_by(*newest).limit(limit))


async def sent_as(tx: AsyncSession, plan: Sequence[Commitment], ref: str) -> Sent:
    """The one of this ref. Raises NeverSent."""
    everything = _everything(None)
    found = await _read(tx, plan, select(everything).where(everything.c.ref == ref))
    if not found:
        raise NeverSent
    return found[0]


def _everything(codes: Sequence[str] | None) -> CTE:
    """All of it, or the updates of these commitments, with what each kind of it has of its own."""
    nothing = null()
    news = select(
        literal(str(SentKind.UPDATE)).label("kind"),
        UpdateRow.id.label("id"),
        (UpdateRow.commitment + "/" + cast(UpdateRow.number, String)).label("ref"),
        UpdateRow.published_at.label("at"),
        UpdateRow.ko.label("ko"),
        UpdateRow.en.label("en"),
        cast(nothing, NoticeRow.created_at.type).label("since"),
        cast(nothing, NoticeRow.created_at.type).label("until"),
        cast(nothing, String).label("receipt"),
    ).where(UpdateRow.published_at.is_not(None))
    if codes is not None:
        return news.where(UpdateRow.commitment.in_(codes)).cte("sent")
    # One that came to somebody at a time of their own says not since when it gathers, and is not for everybody.
    digests = select(
        literal(str(SentKind.DIGEST)),
        NoticeRow.id,
        NoticeRow.subject,
        NoticeRow.created_at,
        nothing,
        nothing,
        NoticeRow.since,
        nothing,
        nothing,
    ).where(NoticeRow.kind == SentKind.DIGEST, NoticeRow.since.is_not(None))
    # Only as long as anybody may read the suggestion.
    told = select(
        literal(str(SentKind.SUGGESTION)),
        NoticeRow.id,
        f"{SentKind.SUGGESTION}/" + cast(NoticeRow.id, String),
        NoticeRow.created_at,
        nothing,
        nothing,
        nothing,
        nothing,
        SuggestionRow.receipt,
    ).where(
        NoticeRow.kind == SentKind.SUGGESTION,
        func.split_part(NoticeRow.subject, "/", 1) == SuggestionRow.receipt,
        sql(IS_PUBLIC),
    )
    announcements = select(
        literal(str(SentKind.ANNOUNCEMENT)),
        AnnouncementRow.id,
        f"{SentKind.ANNOUNCEMENT}/" + cast(AnnouncementRow.id, String),
        AnnouncementRow.since,
        AnnouncementRow.ko,
        AnnouncementRow.en,
        nothing,
        AnnouncementRow.until,
        nothing,
    )
    return union_all(news, digests, told, announcements).cte("sent")


async def _read(tx: AsyncSession, plan: Sequence[Commitment], wanted: Select[Any]) -> list[Sent]:
    updates = [u for c in plan for u in c.updates]

    def gathered(row: Any) -> tuple[Update, ...]:  # of any columns
        if row.kind == SentKind.UPDATE:
            return tuple(u for u in updates if u.id == row.id)
        within = (u for u in updates if row.since and row.since < u.shown_at <= row.at)
        return tuple(sorted(within, key=lambda u: u.shown_at))

    return [
        Sent(
            kind=SentKind(row.kind),
            id=row.id,
            ref=row.ref,
            at=row.at,
            text=None if row.ko is None else Both(ko=row.ko, en=row.en),
            updates=gathered(row),
            until=row.until,
            receipt=row.receipt,
        )
        for row in await tx.execute(wanted)
    ]
