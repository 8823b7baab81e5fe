"""A file of a suggestion: to look at, to show to everybody, to remove."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response

from bot.pages.files import handed_out
from bot.pages.lookup import read_id
from bot.pages.staff.gate import Field, NoAct, Parts, Reading, Sending, router, see_other, typed
from flows import reviewing, suggesting
from flows.city import Both
from flows.store.files import NoSuchFile


@dataclass(frozen=True, slots=True)
class FileForm:
    """What was sent about one file. `alt`: what the picture shows."""

    act: str
    alt: Both


def file_form(act: Field = "", alt_ko: Field = "", alt_en: Field = "") -> FileForm:
    return FileForm(act, Both(ko=typed(alt_ko), en=typed(alt_en)))


@router.get("/files/{number}")
async def show_file(number: str, _session: Reading, damso: Parts) -> Response:
    async with damso.db.transaction() as tx:
        file, receipt = await suggesting.file(tx, _id(number))
    return await handed_out(damso, file, receipt)


@router.post("/files/{number}")
async def change_file(
    number: str, session: Sending, damso: Parts, form: Annotated[FileForm, Depends(file_form)]
) -> Response:
    id_, by, at = _id(number), session.staff, damso.now()
    async with damso.db.transaction() as tx:
        match form.act:
            case "show":
                receipt = await reviewing.show_file(tx, id_, form.alt, by=by, at=at)
            case "hide":
                receipt = await reviewing.hide_file(tx, id_, by=by, at=at)
            case "remove":
                receipt = await reviewing.remove_file(tx, id_, by=by, at=at)
            case _:
                raise NoAct
    return see_other(f"/staff/suggestions/{receipt}#files")


def _id(number: str) -> int:
    id_ = read_id(number)
    if id_ is None:
        raise NoSuchFile
    return id_
