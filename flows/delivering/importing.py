"""A file of progress updates, YAML or CSV: checked whole before the first is written."""

import csv
import io
from datetime import date, datetime
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from flows import commitments
from flows.city import Both, Content, zone
from flows.commitments import BadDocument, Fault, Update
from flows.delivering.publishing import publish
from flows.errors import FlowError, Invalid
from flows.wording import N_, Lang, text

UPDATES_MOST_BYTES = 1024 * 1024
UPDATES_MOST = 500


class NoUpdateFile(Invalid):
    message = N_("This is neither a YAML list nor a CSV with the columns commitment, ko and en. Nothing was published.")


class BadUpdates(BadDocument):
    message = N_("Nothing was published, because this file cannot be taken as it is:")


def _as_text(written: object) -> object:
    # YAML makes a moment of what looks like one, and of a day a day.
    return written.isoformat() if isinstance(written, date) else written or None


def _moment(written: str | None) -> str | None:
    if written is not None:
        try:
            datetime.fromisoformat(written)
        except ValueError:
            raise PydanticCustomError("date", "no moment") from None
    return written


class UpdateEntry(Content):
    """`at`: ISO 8601, by the city's clock without an offset; now where there is none."""

    commitment: str
    ko: str
    en: str
    at: Annotated[str | None, BeforeValidator(_as_text), AfterValidator(_moment)] = None

    def moment(self, now: datetime) -> datetime:
        read = datetime.fromisoformat(self.at) if self.at else now
        return read if read.tzinfo else read.replace(tzinfo=zone())


ENTRIES = TypeAdapter(Annotated[list[UpdateEntry], Field(min_length=1, max_length=UPDATES_MOST)])


async def import_updates(tx: AsyncSession, data: bytes, *, at: datetime) -> list[Update]:
    """Write all updates of a file; those whose time is now or over are public at once.

    Raises NoUpdateFile; BadUpdates with everything that is wrong with it.
    """
    tree, place = _read(data)
    try:
        entries = ENTRIES.validate_python(tree)
    except ValidationError as wrong:
        raise BadUpdates(commitments.faults_of(wrong.errors()), place) from wrong
    written, faults = [], []
    for number, entry in enumerate(entries):
        try:
            async with tx.begin_nested():
                words = Both(ko=entry.ko.strip(), en=entry.en.strip())
                publish_at = max(entry.moment(at), at)
                written.append(await publish(tx, entry.commitment.upper(), words, at=publish_at, now=at))
        except FlowError as refused:
            faults.append(Fault((number,), refused))
    if faults:
        raise BadUpdates(faults, place)
    return written


def _read(data: bytes) -> tuple[Any, commitments.Where]:
    if len(data) > UPDATES_MOST_BYTES:
        raise NoUpdateFile
    try:
        words = data.decode("utf-8-sig")
        if words.partition("\n")[0].replace('"', "").startswith("commitment,"):
            return _without_empty(csv.DictReader(io.StringIO(words), strict=True)), _row
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(words)):
            raise NoUpdateFile
        tree = yaml.safe_load(words)
    except (UnicodeDecodeError, yaml.YAMLError, csv.Error, RecursionError, ValueError) as broken:
        raise NoUpdateFile from broken
    if not isinstance(tree, list):
        raise NoUpdateFile
    return tree, _entry


def _without_empty(rows: csv.DictReader[str]) -> list[dict[str, Any]]:
    return [{column or "": cell for column, cell in row.items() if cell} for row in rows]


def _row(path: commitments.Path, lang: Lang) -> str:
    number, field = _parts(path)
    return text(lang, N_("Row {row} {column}"), row=number + 2, column=field).strip()


def _entry(path: commitments.Path, lang: Lang) -> str:
    number, field = _parts(path)
    return text(lang, N_("Entry {number} {field}"), number=number + 1, field=field).strip()


def _parts(path: commitments.Path) -> tuple[int, str]:
    number, *field = path or (0,)
    return int(number), str(field[0]) if field else ""
