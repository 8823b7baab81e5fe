"""`make demo`: plainly fictional milestones, suggestions and updates, so that a visitor sees the whole circle."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

import yaml
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, announcing, answering, commitments, delivering, reviewing, suggesting
from flows.accounts import Role
from flows.citizens import arrive
from flows.city import Both, Content, day
from flows.commitments import EvidenceKind, Milestone, MilestoneState, PlannedEvidence
from flows.errors import Conflict
from flows.messages import Message
from flows.store import Database
from flows.store.keeping import DEMO, keep
from flows.store.tables.citizens import CitizenRow
from flows.suggesting import Status
from flows.wording import N_, Lang

STAFF = "demo@example.org"


class RealData(Conflict):
    """A demonstration was asked for on a folder that citizens have written to."""

    message = N_("This data folder holds real conversations. Choose another DATA_DIR for a demonstration.")


class DemoFigure(Content):
    title: Both
    in_days: int
    value: Decimal
    unit: Both


class DemoMilestone(Content):
    commitment: str
    title: Both
    due_in_days: int
    state: MilestoneState = MilestoneState.NOT_STARTED
    shown_by: DemoFigure | None = None


class DemoUpdate(Content):
    commitment: str
    ko: str
    en: str


class DemoSuggestion(Content):
    lang: Lang
    text: str
    commitment: str | None = None
    theme: str | None = None
    status: Literal["received", "accepted", "declined"]
    answer: Both | None = None


class DemoContent(Content):
    milestones: tuple[DemoMilestone, ...]
    updates: tuple[DemoUpdate, ...]
    suggestions: tuple[DemoSuggestion, ...]


async def load(db: Database, *, at: datetime) -> None:
    """Mark this database as a demonstration and fill it. All or nothing. Raises RealData."""
    made_up = DemoContent.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8")))
    async with db.transaction() as tx:
        if await tx.scalar(select(func.count()).select_from(CitizenRow)):
            raise RealData
        await keep(tx, DEMO, "yes")
        for m in made_up.milestones:
            due = day(at + timedelta(m.due_in_days))
            entered = await commitments.add_milestone(tx, m.commitment, m.title, due, by=None, at=at)
            if m.shown_by:
                await _show(tx, entered, m.shown_by, at=at)
            if m.state is not entered.state:
                await commitments.move_milestone(tx, m.commitment, entered.number, m.state, by=None, at=at)
        for u in made_up.updates:
            await delivering.publish(tx, u.commitment, Both(ko=u.ko, en=u.en), at=at, now=at)
        # Nobody knows this password: the account only signs the made-up answers.
        staff = await accounts.add(tx, STAFF, Role.REVIEWER, secrets.token_urlsafe(16), at=at)
        message = Message("web", "demonstration", at, text="-")
        author = await arrive(tx, message, "ko", announcing.current_id(at), answering.edition())
        for s in made_up.suggestions:
            sent = await suggesting.submit(tx, author, s.text, s.lang, at=at, commitment=s.commitment, theme=s.theme)
            if s.answer:
                await reviewing.decide(
                    tx, sent.receipt, Status(s.status), s.answer, seen=Status.RECEIVED, by=staff, at=at
                )


async def _show(tx: AsyncSession, m: Milestone, by: DemoFigure, *, at: datetime) -> None:
    dated = day(at + timedelta(by.in_days))
    figure = PlannedEvidence(kind=EvidenceKind.FIGURE, date=dated, title=by.title, value=by.value, unit=by.unit)
    await commitments.add_evidence(tx, m.commitment, m.number, figure, by=None, at=at)
