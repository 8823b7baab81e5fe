"""Texts for answers that staff use again and again, in both languages, with placeholders."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, commitments
from flows.accounts import Staff
from flows.city import Both, city, day
from flows.errors import Conflict, Invalid
from flows.store.tables.reviewing import TemplateRow
from flows.suggesting import Suggestion
from flows.wording import LANGS, N_, Lang, written_date

NAME_MOST_CHARS = 60
TEXT_MOST_CHARS = 4_000
BRACES = re.compile(r"\{([^{}]*)\}")

# What each placeholder stands for, in the words of the console.
PLACEHOLDERS: Mapping[str, str] = {
    "receipt": N_("the receipt number"),
    "received": N_("the day on which it was received"),
    "date": N_("today"),
    "commitment": N_("the name of its commitment"),
    "theme": N_("the name of its theme"),
    "city": N_("the name of the city"),
}


class TemplateNameMissing(Invalid):
    field = "name"
    message = N_("Please give the template a name.")


class TemplateNameTooLong(Invalid):
    field = "name"
    message = N_("Please keep the name to {most} characters.")


class TemplateTextMissing(Invalid):
    message = N_("Please write the text in both languages.")


class TemplateTextTooLong(Invalid):
    message = N_("Please keep the text to {most} characters. This one has {length}.")


class UnknownPlaceholder(Invalid):
    message = N_("There is no placeholder {placeholder}. Known are: {known}")


class TemplateMoved(Conflict):
    message = N_("Somebody else has changed or deleted this template meanwhile. Look at it again.")


class TemplateNameTaken(Conflict):
    message = N_("There is a template with this name already.")


class NoSuchTemplate(Conflict):
    message = N_("This template is gone. Please choose another.")


@dataclass(frozen=True, slots=True)
class Template:
    id: int
    name: str
    text: Both
    changed_at: datetime


async def templates(tx: AsyncSession) -> list[Template]:
    """By name."""
    return [_template(row) for row in await tx.scalars(select(TemplateRow).order_by(TemplateRow.name))]


async def save_template(
    tx: AsyncSession, name: str, words: Both, *, by: Staff, at: datetime, seen: Template | None = None
) -> Template:
    """Keep a new template, or change the one that was `seen`.

    Raises TemplateNameMissing, TemplateNameTooLong, TemplateTextMissing, TemplateTextTooLong, UnknownPlaceholder,
    TemplateNameTaken, TemplateMoved.
    """
    _check(name, words)
    values = {"name": name, "ko": words.ko, "en": words.en, "changed_by": by.id, "changed_at": at}
    taken = select(TemplateRow.id).where(TemplateRow.name == name, TemplateRow.id != (seen.id if seen else 0))
    if await tx.scalar(taken) is not None:
        raise TemplateNameTaken
    if seen is None:
        new = insert(TemplateRow).values(**values).on_conflict_do_nothing().returning(TemplateRow)
        row = await tx.scalar(new)
        if row is None:
            raise TemplateNameTaken
    else:
        as_it_was = TemplateRow.id == seen.id, TemplateRow.changed_at == seen.changed_at
        row = await tx.scalar(update(TemplateRow).where(*as_it_was).values(**values).returning(TemplateRow))
        if row is None:
            raise TemplateMoved
    await accounts.audit(tx, by, "template.saved", name, before={"name": seen.name} if seen else None, at=at)
    return _template(row)


async def delete_template(tx: AsyncSession, id_: int, *, by: Staff, at: datetime) -> None:
    """Raises TemplateMoved."""
    name = await tx.scalar(delete(TemplateRow).where(TemplateRow.id == id_).returning(TemplateRow.name))
    if name is None:
        raise TemplateMoved
    await accounts.audit(tx, by, "template.deleted", name, at=at)


async def filled(tx: AsyncSession, id_: int, s: Suggestion, *, at: datetime) -> Both:
    """A template with what is known of a suggestion. What is not known stays in its braces, to be written by hand.

    Raises NoSuchTemplate.
    """
    row = await tx.get(TemplateRow, id_)
    if row is None:
        raise NoSuchTemplate
    known = await _known(tx, s, at)
    template = Both(ko=row.ko, en=row.en)
    return Both.said(
        lambda lang: BRACES.sub(lambda found: _in(known.get(found[1]), lang) or found[0], template.of(lang))
    )


async def _known(tx: AsyncSession, s: Suggestion, at: datetime) -> dict[str, Both | str | None]:
    named = await commitments.names(tx)
    return {
        "receipt": s.receipt,
        "received": Both.said(lambda lang: written_date(lang, day(s.created_at).isoformat())),
        "date": Both.said(lambda lang: written_date(lang, day(at).isoformat())),
        "commitment": named.get(s.commitment or ""),
        "theme": city().themes.get(s.theme or ""),
        "city": city().name,
    }


def _in(value: Both | str | None, lang: Lang) -> str | None:
    return value.of(lang) if isinstance(value, Both) else value


def _check(name: str, words: Both) -> None:
    if not name:
        raise TemplateNameMissing
    if len(name) > NAME_MOST_CHARS:
        raise TemplateNameTooLong(most=NAME_MOST_CHARS)
    for lang in LANGS:
        refused: Invalid | None = None
        written = words.of(lang)
        unknown = [found[0] for found in BRACES.finditer(written) if found[1] not in PLACEHOLDERS]
        if not written:
            refused = TemplateTextMissing()
        elif len(written) > TEXT_MOST_CHARS:
            refused = TemplateTextTooLong(most=TEXT_MOST_CHARS, length=len(written))
        elif unknown:
            known = ", ".join(f"{{{placeholder}}}" for placeholder in PLACEHOLDERS)
            refused = UnknownPlaceholder(placeholder=unknown[0], known=known)
        if refused:
            refused.field = lang
            raise refused


def _template(row: TemplateRow) -> Template:
    return Template(row.id, row.name, Both(ko=row.ko, en=row.en), row.changed_at)
