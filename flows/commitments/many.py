"""One change to several milestones of a commitment: first told what it would do, then done in one transaction."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts import Staff, audit
from flows.commitments.changing import Difference, differences, hold, seal
from flows.commitments.documents import PlannedEvidence
from flows.commitments.importing import PlanMoved, export_plan
from flows.commitments.milestones import add_evidence, change_milestone, move_milestone
from flows.commitments.reading import NoSuchMilestone, milestones, plan_of
from flows.commitments.values import Milestone, MilestoneState
from flows.errors import Conflict, Invalid, Refused
from flows.store.tables.commitments import MilestoneRow
from flows.wording import N_

DAYS_MOST = 3_660


class NoneTicked(Invalid):
    field = "chosen"
    message = N_("Please choose at least one milestone first.")


class DaysMissing(Invalid):
    field = "days"
    message = N_("Please write by how many days, from 1 to {most}; with a minus, the dates are earlier.")


class SoAlready(Conflict):
    message = N_("It is in this state already.")


@dataclass(frozen=True, slots=True)
class ForEach:
    """What is to become of each: this state, with `evidence` for it; without a state, its date so many days on."""

    state: MilestoneState | None = None
    evidence: PlannedEvidence | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class ChangedMany:
    """What was changed, field by field, in which milestones by their numbers; which were left out and why."""

    done: list[int] = field(default_factory=list)
    left_out: dict[int, Refused] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def seal(self) -> str:
        return seal(self.differences)


async def rehearse(
    tx: AsyncSession, code: str, numbers: Collection[int], change: ForEach, *, by: Staff, at: datetime
) -> ChangedMany:
    """What `change_milestones` would do now. Nothing of it stays. Raises the same."""
    async with tx.begin_nested() as trial:
        changed = await change_milestones(tx, code, numbers, change, by=by, at=at)
        await trial.rollback()
    return changed


async def change_milestones(
    tx: AsyncSession,
    code: str,
    numbers: Collection[int],
    change: ForEach,
    *,
    by: Staff,
    at: datetime,
    seen: str | None = None,
) -> ChangedMany:
    """Do to each what is done to one; what cannot be is left out.

    `seen`: the seal of what the caller was shown. Raises NoSuchCommitment, NoneTicked, DaysMissing, and PlanMoved when
    it would be something else by now.
    """
    if not numbers:
        raise NoneTicked
    if change.state is None and not 0 < abs(change.days) <= DAYS_MOST:
        raise DaysMissing(most=DAYS_MOST)
    plan = (await plan_of(tx, code)).code
    await hold(tx, plan)
    before = await export_plan(tx, plan)
    made = ChangedMany()
    made.left_out.update({number: NoSuchMilestone() for number in numbers})
    wanted = await milestones(tx, MilestoneRow.commitment == code, MilestoneRow.number.in_(numbers))
    # By date, so that none is moved onto the date of its twin that has yet to move.
    for m in sorted(wanted, key=lambda m: m.due, reverse=change.days > 0):
        try:
            async with tx.begin_nested():
                await _change(tx, m, change, by=by, at=at)
        except Refused as refused:
            made.left_out[m.number] = refused
        else:
            made.done.append(m.number)
            del made.left_out[m.number]
    made.differences.extend(differences(before, await export_plan(tx, plan)))
    if seen is not None and seen != made.seal:
        raise PlanMoved
    return made


async def _change(tx: AsyncSession, m: Milestone, change: ForEach, *, by: Staff, at: datetime) -> None:
    target = f"{m.commitment}/{m.number}"
    if change.state is None:
        due = m.due + timedelta(days=change.days)
        await change_milestone(tx, m.commitment, m.number, m.title, due, by=by, at=at)
        before, after = {"due": m.due.isoformat()}, {"due": due.isoformat()}
        await audit(tx, by, "milestone.changed", target, before=before, after=after, at=at)
        return
    if m.state is change.state:
        raise SoAlready
    if change.evidence:
        await add_evidence(tx, m.commitment, m.number, change.evidence, by=by, at=at)
    await move_milestone(tx, m.commitment, m.number, change.state, by=by, at=at)
    before, after = {"state": str(m.state)}, {"state": str(change.state)}
    if change.evidence:
        after["evidence"] = change.evidence.date.isoformat()
    await audit(tx, by, f"milestone.{change.state}", target, before=before, after=after, at=at)
