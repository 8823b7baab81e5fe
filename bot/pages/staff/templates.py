"""Templates for answers: the list, and a form for each."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import EditorReading, EditorSending, Field, NoAct, Parts, console, router, see_other
from bot.pages.staff.suggestions import Words
from flows import reviewing
from flows.accounts import Session
from flows.city import Both
from flows.errors import Conflict, Invalid
from flows.reviewing import PLACEHOLDERS, Template, TemplateMoved
from flows.wording import N_

HOME = "/staff/templates"
SAVED = {"save": N_("The template is saved."), "delete": N_("The template is deleted.")}


@dataclass(frozen=True, slots=True)
class TemplateForm:
    """A template as it was sent. `id` is empty for a new one; `seen`: when it was last changed, as the page had it."""

    act: Field = ""
    id: Field = ""
    seen: Field = ""
    name: Words = ""
    ko: Words = ""
    en: Words = ""

    @property
    def text(self) -> Both:
        return Both(ko=self.ko, en=self.en)


@dataclass(frozen=True, slots=True)
class TemplatesPage:
    """`form`: what was sent and refused; it stands in the place of what it would change."""

    templates: list[Template]
    placeholders: dict[str, str]
    form: TemplateForm
    errors: dict[str, str]
    conflict: str | None
    saved: str | None


@router.get("/templates")
async def show_templates(request: Request, session: EditorReading, saved: Annotated[str, Query()] = "") -> Response:
    return await _page(request, session, TemplateForm(), saved=saved)


@router.post("/templates")
async def change_templates(
    request: Request, session: EditorSending, damso: Parts, form: Annotated[TemplateForm, Depends()]
) -> Response:
    by, now = session.staff, damso.now()
    try:
        async with damso.db.transaction() as tx:
            match form.act:
                case "save":
                    seen = _seen(form, await reviewing.templates(tx))
                    await reviewing.save_template(tx, form.name, form.text, seen=seen, by=by, at=now)
                case "delete":
                    await reviewing.delete_template(tx, read_id(form.id) or 0, by=by, at=now)
                case _:
                    raise NoAct
    except (Invalid, Conflict) as refused:
        return await _page(request, session, form, refused=refused)
    return see_other(f"{HOME}?saved={form.act}")


async def _page(
    request: Request,
    session: Session,
    form: TemplateForm,
    *,
    refused: Invalid | Conflict | None = None,
    saved: str = "",
) -> Response:
    async with parts(request).db.transaction() as tx:
        kept = await reviewing.templates(tx)
    said = refused.said(lang_of(request)) if refused else None
    view = TemplatesPage(
        templates=kept,
        placeholders=dict(PLACEHOLDERS),
        form=form,
        errors={refused.field: said} if isinstance(refused, Invalid) and said else {},
        conflict=said if isinstance(refused, Conflict) else None,
        saved=SAVED.get(saved),
    )
    status = status_of(refused) if refused else 200
    return console(request, session, "staff/templates.html", status=status, view=view)


def _seen(form: TemplateForm, kept: list[Template]) -> Template | None:
    """The template that the form is to change, if it is as it was; None for a new one. Raises TemplateMoved."""
    if not form.id:
        return None
    found = next((it for it in kept if str(it.id) == form.id), None)
    if found is None or found.changed_at.isoformat() != form.seen:
        raise TemplateMoved
    return found
