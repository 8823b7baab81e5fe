"""Intent models (질문 이해 모델): every version with its report, and the one to be put to use."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from bot import bank, nlu
from bot.bank import Version
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import AdminSending, EditorReading, Field, Parts, console, router, see_other
from bot.reports import Changes, Scores, Share
from flows import accounts, answering
from flows.accounts import Role, Session
from flows.errors import Conflict
from flows.messages import clean
from flows.understanding import FALLBACK
from flows.wording import LANGS, N_, Lang, text

SCORE_WORDING = {
    "right": N_("Right and sure; this decides"),
    "right_first": N_("Right at the first guess, sure or not"),
    "right_in_three": N_("Right within three guesses"),
    "wrong_but_sure": N_("Wrong, but sure of it"),
    "refused": N_("Out of scope, and seen as such"),
}
UNSURE = N_("Not sure")
NEWLY_WRONG = N_("Newly wrong")
NEWLY_RIGHT = N_("Newly right")
ELSEWHERE = N_(
    "The bot asks a model service that runs elsewhere, so no model can be put to use on this page. Whoever runs that "
    "service can do it there."
)


class ServedElsewhere(Conflict):
    message = ELSEWHERE


class ModelMoved(Conflict):
    """The model in use is not the one that was seen."""

    message = N_("Somebody else has put another model to use meanwhile, so nothing was changed. Look again.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A version in the list, with a score for each language."""

    version: Version
    scores: dict[Lang, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The scores in one language: what each says, and its figure for each model."""

    lang: Lang
    sentences: int
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class OneModel:
    """The page of one model. `in_use`: the name of the one in use, empty while that is being trained.

    `columns` are the models in the tables, this one first; `changes` the sentences on which it differs, by heading.
    """

    version: Version
    in_use: str
    columns: list[str]
    tables: list[Table]
    changes: list[tuple[str, Changes]]
    intents: dict[str, str]
    may_activate: bool
    elsewhere: str | None
    refused: str | None
    is_saved: bool


@router.get("/models")
async def show_models(request: Request, session: EditorReading, damso: Parts) -> Response:
    listed = [
        Listed(version, {lang: _percent(_scores_of(version, lang), "right") for lang in LANGS})
        for version in await asyncio.to_thread(bank.versions, damso.settings.data_dir)
    ]
    elsewhere = ELSEWHERE if damso.settings.nlu_url else None
    return console(request, session, "staff/models.html", listed=listed, elsewhere=elsewhere)


@router.get("/models/{name}")
async def show_model(
    request: Request, name: str, session: EditorReading, saved: Annotated[str, Query()] = ""
) -> Response:
    return await _page(request, session, name, is_saved=bool(saved))


@router.post("/models/{name}")
async def put_to_use(request: Request, name: str, session: AdminSending, damso: Parts, seen: Field = "") -> Response:
    data_dir = damso.settings.data_dir
    kept = await asyncio.to_thread(bank.versions, data_dir)
    version = bank.find(kept, clean(name))
    try:
        if damso.settings.nlu_url:
            raise ServedElsewhere
        if seen != _in_use(kept):
            raise ModelMoved
        await asyncio.to_thread(bank.check, version, url=nlu.address(data_dir))
        async with damso.db.transaction() as tx:
            before, after = {"model": seen or None}, {"model": version.name}
            await accounts.audit(
                tx, session.staff, "model.activated", version.name, before=before, after=after, at=damso.now()
            )
            await asyncio.to_thread(bank.put_to_use, data_dir, version)
    except Conflict as refused:
        return await _page(request, session, name, refused=refused)
    return see_other(f"/staff/models/{version.name}?saved=1")


async def _page(
    request: Request, session: Session, name: str, *, refused: Conflict | None = None, is_saved: bool = False
) -> Response:
    lang, settings = lang_of(request), parts(request).settings
    kept = await asyncio.to_thread(bank.versions, settings.data_dir)
    version = bank.find(kept, clean(name))
    columns = _columns(version, kept)
    compared = version.report.compared if version.report else None
    view = OneModel(
        version=version,
        in_use=_in_use(kept),
        columns=[heading for heading, _ in columns],
        tables=[_table(of, [scores.get(of) for _, scores in columns]) for of in columns[0][1]] if columns else [],
        changes=[(NEWLY_WRONG, compared.newly_wrong), (NEWLY_RIGHT, compared.newly_right)] if compared else [],
        intents=answering.intents(lang) | {FALLBACK: text(lang, UNSURE)},
        may_activate=session.staff.role is Role.ADMIN,
        elsewhere=ELSEWHERE if settings.nlu_url else None,
        refused=refused.said(lang) if refused else None,
        is_saved=is_saved,
    )
    return console(request, session, "staff/model.html", status=409 if refused else 200, view=view)


def _columns(version: Version, kept: Sequence[Version]) -> list[tuple[str, Mapping[Lang, Scores]]]:
    """The models to show side by side: this one, what it was compared with, and what is in use meanwhile."""
    if version.report is None:
        return []
    columns: list[tuple[str, Mapping[Lang, Scores]]] = [(N_("This model"), version.report.scores)]
    now = next((v.report for v in kept if v.is_in_use and v.name != version.name), None)
    if then := version.report.compared:
        is_still = now is not None and now.name == then.name
        columns.append((N_("In use") if is_still else N_("In use when this one was evaluated"), then.scores))
    if now and not (then and now.name == then.name):
        columns.append((N_("In use now"), now.scores))
    return columns


def _table(lang: Lang, side_by_side: Sequence[Scores | None]) -> Table:
    rows = [(words, [_percent(scores, name) for scores in side_by_side]) for name, words in SCORE_WORDING.items()]
    return Table(lang, side_by_side[0].sentences if side_by_side[0] else 0, rows)


def _percent(scores: Scores | None, name: str) -> str:
    share: Share = getattr(scores, name, None)
    return "–" if share is None else f"{share:.1%}"


def _scores_of(version: Version, lang: Lang) -> Scores | None:
    return version.report.scores.get(lang) if version.report else None


def _in_use(kept: Sequence[Version]) -> str:
    return next((version.name for version in kept if version.is_in_use), "")
