"""A plan as a file: taken away, changed elsewhere, brought back; first what would change, then the change."""

import asyncio
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import Response

from bot.exports import MEDIA_TYPES
from bot.pages.rendering import lang_of
from bot.pages.staff.gate import EditorReading, EditorSending, Parts, console, router, see_other
from bot.pages.staff.uploads import Sent, Upload
from flows import accounts, commitments
from flows.accounts import Session
from flows.commitments import BadDocument, Difference, Means, PlanFormat, PlanMoved, seal
from flows.errors import FlowError, Invalid, NotFound
from flows.messages import clean
from flows.wording import Lang

IMPORT = "/staff/plan-import"
FORMS: dict[PlanFormat, str] = {"xlsx": MEDIA_TYPES["xlsx"], "yaml": "application/yaml"}


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A difference in words: of what, which field, and its two states; None where there is none."""

    about: str | None
    field: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The page of an import. `sent`: the file, when there is something to confirm.

    `groups`: what would change, by the commitment, or by the plan itself under its own code. `moved`: it is something
    else than what was shown before.
    """

    sent: Upload | None = None
    seal: str = ""
    code: str = ""
    groups: dict[str, list[ShownDifference]] = field(default_factory=dict)
    count: int = 0
    faults: list[str] = field(default_factory=list)
    refused: str | None = None
    moved: str | None = None


@router.get("/plan-import")
async def show_import(request: Request, session: EditorReading) -> Response:
    return _page(request, session, ImportPage())


@router.post("/plan-import")
async def import_plan(request: Request, session: EditorSending, damso: Parts, sent: Sent) -> Response:
    """First what would change; confirmed, it is changed. If that is something else by now, it is shown anew."""
    lang, by, now = lang_of(request), session.staff, damso.now()
    moved = None
    try:
        read = await asyncio.to_thread(commitments.read_file, sent.read())
        if sent.is_confirmed:
            try:
                async with damso.db.transaction() as tx:
                    made = await commitments.import_plan(
                        tx, read.document, by=by, means=Means.IMPORT, where=read.where, at=now, seen=sent.seen
                    )
                    after = {"changes": len(made)}
                    await accounts.audit(tx, by, "plan.imported", read.document.code, after=after, at=now)
            except PlanMoved as refused:
                moved = refused.said(lang)
            else:
                return see_other("/staff/commitments?saved=imported")
        async with damso.db.transaction() as tx:
            found = await commitments.compare(tx, read.document, where=read.where, at=now)
    except BadDocument as bad:
        return _page(request, session, ImportPage(refused=FlowError.said(bad, lang), faults=bad.sentences(lang)))
    except Invalid as bad:
        return _page(request, session, ImportPage(refused=bad.said(lang)))
    if not found:
        return see_other("/staff/commitments?saved=same")
    groups: dict[str, list[ShownDifference]] = {}
    for one in found:
        groups.setdefault(one.commitment or read.document.code, []).append(shown(one, lang))
    view = ImportPage(
        sent=sent, seal=seal(found), code=read.document.code, groups=groups, count=len(found), moved=moved
    )
    return _page(request, session, view)


@router.get("/plans/{code}.{form}")
async def export_plan(code: str, form: str, session: EditorReading, damso: Parts) -> Response:
    """The plan as it stands, to change and to bring back."""
    if form not in FORMS:
        raise NotFound
    async with damso.db.transaction() as tx:
        document = await commitments.export_plan(tx, clean(code))
    made = await asyncio.to_thread(commitments.write_file, document, form)
    headers = {"Content-Disposition": f'attachment; filename="{document.code}.{form}"'}
    return Response(made, media_type=FORMS[form], headers=headers)


def _page(request: Request, session: Session, view: ImportPage) -> Response:
    status = 422 if view.refused else 409 if view.moved else 200
    return console(request, session, "staff/plan_import.html", status=status, view=view)


def shown(one: Difference, lang: Lang) -> ShownDifference:
    about = f"{one.milestone}. {one.about.of(lang)}" if one.about else None
    return ShownDifference(about, one.name(lang), one.before_in(lang), one.after_in(lang))
