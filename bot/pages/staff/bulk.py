"""One act on many suggestions: a page that says how many and which cannot, and then what was done."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Form, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import Field, NoAct, Parts, Sending, console, router, see_other
from bot.pages.staff.labels import commitment_labels, theme_labels
from bot.pages.staff.queue import CameFrom, Filter, queue_page, read_chosen
from flows import accounts, reviewing
from flows.accounts import Session
from flows.errors import Invalid
from flows.reviewing import Act, Batch
from flows.suggesting import Suggestion
from flows.wording import N_, text

# What each act is called as a question, before, and as a heading, after; `to` is whom or what it says.
ASKED = {
    Act.TAKE: N_("Take suggestions"),
    Act.RELEASE: N_("Give suggestions back"),
    Act.REVIEW: N_("Begin the review"),
    Act.PUBLISH: N_("Publish suggestions"),
    Act.UNPUBLISH: N_("Take suggestions off the public list"),
    Act.ASSIGN: N_("Assign suggestions to {to}"),
    Act.COMMITMENT: N_("Commitment: {to}"),
    Act.THEME: N_("Theme: {to}"),
}
WITH_OBJECT = (Act.ASSIGN, Act.COMMITMENT, Act.THEME)


class ActMissing(Invalid):
    field = "act"
    message = N_("Please choose what to do with those selected.")


@dataclass(frozen=True, slots=True)
class BulkForm:
    """`act` with whom or what after a colon: `assign:3`, `theme:energy`, `theme:` for none."""

    chosen: dict[str, int] = field(default_factory=dict)
    act: str = ""
    is_sure: bool = False

    def read(self) -> tuple[Act, str]:
        """The act, and whom or what it says. Raises ActMissing, NoAct."""
        if not self.act:
            raise ActMissing
        name, _, to = self.act.partition(":")
        if name not in set(Act) or (to and name not in WITH_OBJECT) or (name == Act.ASSIGN and read_id(to) is None):
            raise NoAct
        return Act(name), to


def bulk_form(chosen: Annotated[list[str] | None, Form()] = None, act: Field = "", step: Field = "") -> BulkForm:
    return BulkForm(read_chosen(chosen or []), act, step == "do")


@dataclass(frozen=True, slots=True)
class Bulk:
    """The page: what would be done, to be confirmed; or, with `is_done`, what was, and what was left out and why."""

    title: str
    form: BulkForm
    back: Filter
    done: list[Suggestion]
    left_out: dict[str, str]
    is_done: bool


@router.post("/queue/bulk")
async def act_on_chosen(
    request: Request, session: Sending, damso: Parts, back: CameFrom, form: Annotated[BulkForm, Depends(bulk_form)]
) -> Response:
    now, by = damso.now(), session.staff
    try:
        act, to = form.read()
        async with damso.db.transaction() as tx:
            if form.is_sure:
                pages = f"{damso.settings.pages_url}/suggestions"
                batch = await reviewing.act_on_all(tx, form.chosen, act, to, by=by, at=now, pages=pages)
            else:
                batch = await reviewing.rehearse(tx, form.chosen, act, to, by=by, at=now)
    except Invalid as refused:
        return await queue_page(request, session, back, refused=refused)
    if form.is_sure and not batch.left_out:
        return see_other(back.url(done=len(batch.done)))
    return await _page(request, session, form, back, batch)


async def _page(request: Request, session: Session, form: BulkForm, back: Filter, batch: Batch) -> Response:
    lang, (act, to) = lang_of(request), form.read()
    async with parts(request).db.transaction() as tx:
        names = {
            Act.ASSIGN: {str(id_): name for id_, name in accounts.names(await accounts.colleagues(tx)).items()},
            Act.COMMITMENT: await commitment_labels(tx, lang),
            Act.THEME: theme_labels(lang),
        }
    view = Bulk(
        title=text(lang, ASKED[act], to=names.get(act, {}).get(to) or text(lang, N_("none"))),
        form=form,
        back=back,
        done=batch.done,
        left_out={receipt: refused.said(lang) for receipt, refused in batch.left_out.items()},
        is_done=form.is_sure,
    )
    return console(request, session, "staff/bulk.html", view=view)
