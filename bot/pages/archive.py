"""The public archive: everything that was sent, each with an address of its own."""

from dataclasses import dataclass, replace
from typing import Annotated, Self
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Damso
from bot.pages.filters import Box
from bot.pages.lookup import read_id
from bot.pages.rendering import lang_of, page, parts
from flows import commitments, delivering, suggesting
from flows.city import Both
from flows.commitments import Commitment, Milestone, Update
from flows.delivering import Sent, SentKind
from flows.messages import clean
from flows.suggesting import Suggestion
from flows.wording import N_, Lang, text

router = APIRouter(include_in_schema=False)
Parts = Annotated[Damso, Depends(parts)]

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list asks for; what makes no sense there is left out."""

    kind: SentKind | None = None
    plan: str = ""
    commitment: str = ""
    before: tuple[SentKind, int] | None = None

    @classmethod
    def of(
        cls,
        kind: Annotated[str, Query()] = "",
        plan: Annotated[str, Query()] = "",
        commitment: Annotated[str, Query()] = "",
        before: Annotated[str, Query()] = "",
    ) -> Self:
        of, _, number = before.partition("-")
        after = read_id(number)
        return cls(
            SentKind(kind) if kind in set(SentKind) else None,
            clean(plan),
            clean(commitment),
            (SentKind(of), after) if of in set(SentKind) and after is not None else None,
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.kind or self.plan or self.commitment)

    def url(self, before: str = "") -> str:
        asked = {"kind": self.kind or "", "plan": self.plan, "commitment": self.commitment, "before": before}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/updates?{query}" if query else "/updates"


@dataclass(frozen=True, slots=True)
class Archive:
    """One page of the list."""

    asked: Asked
    sent: list[Sent]
    titles: dict[str, Both]
    updates: list[Update]
    milestones: list[Milestone]
    suggestions: dict[str, Suggestion]
    filters: list[Box]
    older_url: str | None
    newest_url: str | None


@router.get("/updates")
async def updates(request: Request, damso: Parts, asked: Annotated[Asked, Depends(Asked.of)]) -> Response:
    async with damso.db.transaction() as tx:
        plan = await commitments.all_of(tx)
        asked = replace(
            asked,
            plan=asked.plan if asked.plan in {c.plan.code for c in plan} else "",
            commitment=asked.commitment if asked.commitment in {c.code for c in plan} else "",
        )
        about = [c for c in plan if asked.plan in (c.plan.code, "") and asked.commitment in (c.code, "")]
        is_whole = not (asked.plan or asked.commitment)
        found = await delivering.sent(
            tx, about, kind=asked.kind, is_whole=is_whole, after=asked.before, limit=PAGE_SIZE + 1
        )
        about_them = await _suggestions(tx, found)
    view = Archive(
        asked=asked,
        sent=found[:PAGE_SIZE],
        titles={c.code: c.short for c in plan},
        updates=[u for c in plan for u in c.updates],
        milestones=[m for c in plan for m in c.milestones],
        suggestions=about_them,
        filters=_boxes(asked, plan, lang_of(request)),
        older_url=asked.url(found[PAGE_SIZE - 1].cursor) if len(found) > PAGE_SIZE else None,
        newest_url=asked.url() if asked.before else None,
    )
    return page(request, "updates.html", view=view)


@router.get("/updates/{of}/{which}")
async def one_sent(of: str, which: str, request: Request, damso: Parts) -> Response:
    """One of them: `KRGNJ0001/3`, `weekly/2026-11-23`, `suggestion/7`, `announcement/5`."""
    async with damso.db.transaction() as tx:
        plan = await commitments.all_of(tx)
        found = await delivering.sent_as(tx, plan, f"{clean(of)}/{clean(which)}")
        about_it = await _suggestions(tx, [found])
    return page(
        request,
        "update.html",
        one=found,
        titles={c.code: c.short for c in plan},
        updates=[u for c in plan for u in c.updates],
        milestones=[m for c in plan for m in c.milestones],
        suggestions=about_it,
    )


async def _suggestions(tx: AsyncSession, found: list[Sent]) -> dict[str, Suggestion]:
    """Those of which there was news, by their receipts."""
    return {receipt: await suggesting.by_receipt(tx, receipt) for receipt in {s.receipt for s in found} if receipt}


def _boxes(asked: Asked, plan: list[Commitment], lang: Lang) -> list[Box]:
    every = ("", text(lang, N_("All")))
    kinds = [every, *((str(kind), text(lang, kind.wording)) for kind in SentKind)]
    plans = [every, *{c.plan.code: (c.plan.code, c.plan.title.of(lang)) for c in plan}.values()]
    codes = [every, *((c.code, c.short.of(lang)) for c in plan)]
    return [
        Box("kind", text(lang, N_("Kind")), kinds, asked.kind or ""),
        Box("plan", text(lang, N_("Action plan")), plans, asked.plan),
        Box("commitment", text(lang, N_("Commitment")), codes, asked.commitment),
    ]
