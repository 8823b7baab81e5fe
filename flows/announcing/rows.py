"""The rows of announcements. Those that are over stay, as the record of what everybody was told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, wording
from flows.accounts import Staff
from flows.city import Both, day, zone
from flows.errors import Conflict, Invalid
from flows.store.tables.announcing import AnnouncementRow
from flows.wording import N_, Lang, written_date

TEXT_MOST_CHARS = 500
MOST_AHEAD = timedelta(days=366)


class TextMissing(Invalid):
    message = N_("Please write the notice in both languages.")


class TextTooLong(Invalid):
    message = N_("Please keep the notice to {most} characters. This one has {length}.")


class BadEnd(Invalid):
    field = "until"
    message = N_("Please choose an end between now and a year from now, or leave it open.")


class NotShown(Conflict):
    """It ended, or another took its place, before it was stopped."""

    message = N_("This notice is no longer shown, so there was nothing to stop.")


@dataclass(frozen=True, slots=True)
class Announcement:
    """One notice. Without `until` it lasts until staff stop it."""

    id: int
    text: Both
    since: datetime
    until: datetime | None

    def said(self, lang: Lang) -> str:
        """What a chat says: its first words tell it from an answer."""
        return wording.text(
            lang,
            N_("[Emergency notice, {date}, {time}]\n{text}"),
            date=written_date(lang, day(self.since).isoformat()),
            time=self.since.astimezone(zone()).strftime("%H:%M"),
            text=self.text.of(lang),
        )


async def start(
    tx: AsyncSession, words: Both, until: datetime | None = None, *, by: Staff | None = None, at: datetime
) -> Announcement:
    """Show `words` to everybody from now on. The one before ends; the same words again only change when they end.

    `by` is None for the command line.
    Raises TextMissing, TextTooLong, BadEnd.
    """
    for fault in faults(words, until, at=at).values():
        raise fault
    # Without it two editors at the same moment would not see each other's, and both would be shown.
    await tx.execute(text("LOCK TABLE announcements IN SHARE ROW EXCLUSIVE MODE"))
    row = await tx.scalar(select(AnnouncementRow).where(_lasts(at)))
    if row and Both(ko=row.ko, en=row.en) == words:
        before, row.until = row.until, until
        ends = {"before": {"until": _told(before)}, "after": {"until": _told(until)}}
        await accounts.audit(tx, by, "announcement.end_changed", str(row.id), **ends, at=at)
        return _announcement(row)
    if row:
        row.until = at
    row = AnnouncementRow(ko=words.ko, en=words.en, since=at, until=until, made_by=by.id if by else None)
    tx.add(row)
    await tx.flush()
    await accounts.audit(tx, by, "announcement.started", str(row.id), after={"until": _told(until)}, at=at)
    return _announcement(row)


async def stop(tx: AsyncSession, seen: int | None = None, *, by: Staff | None = None, at: datetime) -> None:
    """Show it no longer. `seen` is the one that somebody looked at; without, whichever is shown. Raises NotShown."""
    shown = update(AnnouncementRow).where(_lasts(at))
    if seen is not None:
        shown = shown.where(AnnouncementRow.id == seen)
    row = await tx.scalar(shown.values(until=at).returning(AnnouncementRow))
    if row is None:
        raise NotShown
    await accounts.audit(tx, by, "announcement.stopped", str(row.id), at=at)


async def current(tx: AsyncSession, at: datetime) -> Announcement | None:
    """What everybody is told at this moment."""
    row = await tx.scalar(select(AnnouncementRow).where(_lasts(at)))
    return _announcement(row) if row else None


def current_id(at: datetime) -> ScalarSelect[int]:
    """The id of the current one, to be asked within another statement."""
    return select(AnnouncementRow.id).where(_lasts(at)).scalar_subquery()


async def get(tx: AsyncSession, announcement: int) -> Announcement:
    """One that is there, be it over or not."""
    return _announcement(await tx.get_one(AnnouncementRow, announcement))


def faults(words: Both, until: datetime | None, *, at: datetime) -> dict[str, Invalid]:
    """What is wrong with a notice, by field, in the order of the fields."""
    found: dict[str, Invalid] = {}
    for field, written in (("ko", words.ko), ("en", words.en)):
        if not written.strip():
            found[field] = TextMissing()
        elif len(written) > TEXT_MOST_CHARS:
            found[field] = TextTooLong(most=TEXT_MOST_CHARS, length=len(written))
    if until is not None and not at < until <= at + MOST_AHEAD:
        found["until"] = BadEnd()
    return found


def _lasts(at: datetime) -> ColumnElement[bool]:
    return or_(AnnouncementRow.until.is_(None), AnnouncementRow.until > at)


def _told(until: datetime | None) -> str | None:
    return until.isoformat() if until else None


def _announcement(row: AnnouncementRow) -> Announcement:
    return Announcement(row.id, Both(ko=row.ko, en=row.en), row.since, row.until)
