"""One change to several milestones of a commitment: what it would change, then the change."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from bot.pages.rendering import lang_of
from bot.pages.staff.gate import EditorSending, Field, Parts, console, router, see_other
from bot.pages.staff.plan import commitment_page
from bot.pages.staff.plan_files import ShownDifference, shown
from bot.pages.staff.plan_forms import ManyForm, many_form
from flows import commitments
from flows.commitments import PlanMoved
from flows.errors import Invalid
from flows.messages import clean


@dataclass(frozen=True, slots=True)
class ManyPage:
    """What would change, and which milestones would be left out and why. `refused`: it is not what was seen before."""

    code: str
    form: ManyForm
    done: list[int]
    changes: list[ShownDifference]
    left_out: dict[str, str]
    seal: str
    refused: str | None


@router.post("/commitments/{code}/many")
async def change_many(
    request: Request,
    code: str,
    session: EditorSending,
    damso: Parts,
    form: Annotated[ManyForm, Depends(many_form)],
    *,
    step: Field = "",
) -> Response:
    lang, by, now = lang_of(request), session.staff, damso.now()
    code, moved = clean(code), None
    try:
        wanted = form.read()
        if step == "do":
            try:
                async with damso.db.transaction() as tx:
                    await commitments.change_milestones(tx, code, form.chosen, wanted, by=by, at=now, seen=form.sealed)
            except PlanMoved as refused:
                moved = refused
            else:
                return see_other(f"/staff/commitments/{code}?saved=many")
        async with damso.db.transaction() as tx:
            would = await commitments.rehearse(tx, code, form.chosen, wanted, by=by, at=now)
            titles = {m.number: m.title for m in (await commitments.get(tx, code)).milestones}
    except Invalid as refused:
        errors = {refused.field or "many": refused.said(lang)}
        return await commitment_page(request, session, code, many=form, errors=errors)
    view = ManyPage(
        code=code,
        form=form,
        done=would.done,
        changes=[shown(one, lang) for one in would.differences],
        left_out={
            f"{number}. {titles[number].of(lang)}" if number in titles else str(number): why.said(lang)
            for number, why in sorted(would.left_out.items())
        },
        seal=would.seal,
        refused=moved.said(lang) if moved else None,
    )
    return console(request, session, "staff/many_milestones.html", status=409 if moved else 200, view=view)
