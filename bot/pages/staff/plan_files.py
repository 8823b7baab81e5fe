"""A plan as a file: taken away, changed elsewhere, brought back; first what would change, then the change."""

import asyncio
from dataclasses import dataclass, field

from fastapi import Request, UploadFile
from fastapi.responses import Response

from bot.exports import MEDIA_TYPES
from bot.pages.rendering import lang_of
from bot.pages.staff.gate import EditorReading, EditorSending, Field, Parts, console, router, see_other
from flows import accounts, commitments
from flows.accounts import Session
from flows.commitments import BadDocument, Difference, Means, PlanFile, PlanFormat, PlanMoved, seal
from flows.errors import FlowError, Invalid, NotFound
from flows.messages import clean
from flows.wording import N_, Lang

IMPORT = "/staff/plan-import"
FORMS: dict[PlanFormat, str] = {"xlsx": MEDIA_TYPES["xlsx"], "yaml": "application/yaml"}


class NoFileChosen(Invalid):
    field = "file"
    message = N_("Please choose a file.")


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
    """The page of an import. `document`, when there is something to confirm: the plan as it will be, for the next step.

    `groups`: what would change, by the commitment, or by the plan itself under its own code.
    """

    document: str | None = None
    seal: str = ""
    code: str = ""
    groups: dict[str, list[ShownDifference]] = field(default_factory=dict)
    count: int = 0
    faults: list[str] = field(default_factory=list)
    refused: str | None = None


@router.get("/plan-import")
async def show_import(request: Request, session: EditorReading) -> Response:
    return console(request, session, "staff/plan_import.html", view=ImportPage())


@router.post("/plan-import")
async def import_plan(
    request: Request,
    *,
    session: EditorSending,
    damso: Parts,
    file: UploadFile | None = None,
    document: Field = "",
    sealed: Field = "",
) -> Response:
    """A file is compared; with what the page of the comparison sends back, the change is made."""
    lang, by, now = lang_of(request), session.staff, damso.now()
    data = document.encode()
    if not document:
        data = await file.read(commitments.FILE_MOST_BYTES + 1) if file is not None and file.filename else b""
    try:
        if not data:
            raise NoFileChosen
        read = await asyncio.to_thread(commitments.read_file, data)
        async with damso.db.transaction() as tx:
            if not document:
                found = await commitments.compare(tx, read.document, where=read.where, at=now)
                return _compared(request, session, read, found, lang)
            made = await commitments.import_plan(
                tx, read.document, by=by, means=Means.IMPORT, where=read.where, at=now, seen=sealed
            )
            after = {"changes": len(made)}
            await accounts.audit(tx, by, "plan.imported", read.document.code, after=after, at=now)
    except BadDocument as bad:
        view = ImportPage(refused=FlowError.said(bad, lang), faults=bad.sentences(lang))
        return console(request, session, "staff/plan_import.html", status=422, view=view)
    except PlanMoved as moved:
        return console(
            request, session, "staff/plan_import.html", status=409, view=ImportPage(refused=moved.said(lang))
        )
    except Invalid as bad:
        return console(request, session, "staff/plan_import.html", status=422, view=ImportPage(refused=bad.said(lang)))
    return see_other("/staff/commitments?saved=imported")


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


def _compared(request: Request, session: Session, read: PlanFile, found: list[Difference], lang: Lang) -> Response:
    if not found:
        return see_other("/staff/commitments?saved=same")
    groups: dict[str, list[ShownDifference]] = {}
    for one in found:
        groups.setdefault(one.commitment or read.document.code, []).append(shown(one, lang))
    view = ImportPage(
        document=read.document.model_dump_json(exclude_none=True),
        seal=seal(found),
        code=read.document.code,
        groups=groups,
        count=len(found),
    )
    return console(request, session, "staff/plan_import.html", view=view)


def shown(one: Difference, lang: Lang) -> ShownDifference:
    about = f"{one.milestone}. {one.about.of(lang)}" if one.about else None
    return ShownDifference(about, one.name(lang), one.before_in(lang), one.after_in(lang))
