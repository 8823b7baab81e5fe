"""Several updates as one message, for those who want to hear weekly or monthly."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import commitments
from flows.delivering.publishing import Priority, owe
from flows.store.queue import defer
from flows.store.tables.delivering import NoticeRow, RuleRow
from flows.subscribing import Frequency, followers

# In the city's time: Mondays, and the first of the month, at nine.
DEFAULT_RULES = {Frequency.WEEKLY: "0 9 * * mon", Frequency.MONTHLY: "0 9 1 * *"}


@dataclass(frozen=True, slots=True)
class Rule:
    """When a digest goes out (a crontab line in the city's time), and when it last did."""

    name: Frequency
    crontab: str
    fired_at: datetime


async def ready_rules(tx: AsyncSession, *, at: datetime) -> list[Rule]:
    """The rules kept in rows; the usual ones are written on the first call."""
    usual = [{"name": name, "crontab": crontab, "fired_at": at} for name, crontab in DEFAULT_RULES.items()]
    await tx.execute(insert(RuleRow).values(usual).on_conflict_do_nothing())
    return [Rule(Frequency(row.name), row.crontab, row.fired_at) for row in await tx.scalars(select(RuleRow))]


async def rule_fired(tx: AsyncSession, rule: Rule, *, at: datetime) -> None:
    """Note that a rule's time has come and queue its digest; the second of two clocks finds it done."""
    moved = (
        update(RuleRow)
        .where(RuleRow.name == rule.name, RuleRow.fired_at == rule.fired_at)
        .values(fired_at=at)
        .returning(RuleRow.name)
    )
    if await tx.scalar(moved):
        await defer(
            tx,
            "delivering:compile_digest",
            frequency=rule.name,
            after=rule.fired_at.isoformat(),
            until=at.isoformat(),
        )


async def compile_digest(tx: AsyncSession, frequency: Frequency, after: datetime, until: datetime) -> None:
    """Owe one edition to everybody who follows, at this frequency, something that moved. Nothing moved: no edition."""
    moved = {u.commitment for u in await commitments.updates_between(tx, after, until)}
    if not moved:
        return
    subject = f"{frequency}/{until.date()}"
    edition = insert(NoticeRow).values(kind="digest", subject=subject, since=after, created_at=until)
    notice = await tx.scalar(edition.on_conflict_do_nothing().returning(NoticeRow.id))
    if notice is not None:
        await owe(tx, notice, followers(frequency, moved), Priority.DIGEST, at=until)
