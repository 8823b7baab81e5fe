"""A Reply as Telegram takes it: HTML in parts, buttons under the last one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from unicodedata import east_asian_width

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.telegram.limits import (
    BUTTONS_MAX,
    CAPTION_MAX_UNITS,
    HALF_ROW_COLUMNS,
    LABEL_MAX_COLUMNS,
    SOURCE_TITLE_MAX_CHARS,
    SOURCES_SHOWN,
    TEXT_MAX_UNITS,
)
from bot.channels.telegram.splitting import split, units
from flows.messages import Choice, Picture, Reply
from flows.topics import Source
from flows.wording import N_, Lang, text, written_date

SOURCE_AS_OF = N_("Source: {title}, as of {date}")
MORE_SOURCES = N_("More sources: {count}. Write “source” to see them all.")
RATING = "rate:"  # how the two buttons begin that ask whether an answer helped
SLOT = "\ue000"  # a private-use letter: keeps the place of a link while the sentence around it is escaped


@dataclass(frozen=True, slots=True)
class Part:
    """One message of the Bot API: a text, or a picture with the text, if any, under it."""

    html: str
    keyboard: InlineKeyboardMarkup | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line twice: as Telegram counts it, and as we send it."""

    seen: str
    html: str


def parts_of(reply: Reply, lang: Lang) -> list[Part]:
    """The messages that `reply` takes; none when there is nothing to read in it.

    A picture carries the text where it is short enough for that, else it goes before it.
    """
    # Telegram cuts blanks at both ends, and refuses what is then empty.
    bodies = [body for part in split(reply.text, TEXT_MAX_UNITS) if (body := part.strip())]
    written = [escape(body, quote=False) for body in bodies]
    lines = _source_lines(reply.sources, lang)
    if lines:
        block = "\n".join(line.html for line in lines)
        needed = units("\n".join(line.seen for line in lines))
        if bodies and units(bodies[-1]) + len("\n\n") + needed <= TEXT_MAX_UNITS:
            written[-1] += f"\n\n{block}"
        else:
            written.append(block)
    parts = [Part(html) for html in written]
    if parts and reply.picture:
        seen = units("\n\n".join([*bodies, *(line.seen for line in lines)]))
        alone = len(parts) == 1 and seen <= CAPTION_MAX_UNITS
        parts = [replace(parts[0], picture=reply.picture)] if alone else [Part("", picture=reply.picture), *parts]
    if parts and reply.choices:
        parts[-1] = replace(parts[-1], keyboard=keyboard(reply.choices))
    return parts


def keyboard(choices: Iterable[Choice]) -> InlineKeyboardMarkup:
    """Buttons in their order: two short ones share a row, a long one has its own; a rating stays apart."""
    rows: list[list[InlineKeyboardButton]] = []
    has_room = after_rating = False
    for choice in list(choices)[:BUTTONS_MAX]:
        button = InlineKeyboardButton(shortened(choice.label), callback_data=choice.value)
        is_short = columns(choice.label) <= HALF_ROW_COLUMNS
        is_rating = choice.value.startswith(RATING)
        if has_room and is_short and is_rating == after_rating:
            rows[-1].append(button)
            has_room = False
        else:
            rows.append([button])
            has_room = is_short
        after_rating = is_rating
    return InlineKeyboardMarkup(rows)


def columns(label: str) -> int:
    """How wide a label is: a Korean letter takes two columns, a Latin one."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in label)


def shortened(label: str, most: int = LABEL_MAX_COLUMNS) -> str:
    """The label, or as much of it as fits with an ellipsis, cut at a word where one ends in the last third."""
    if columns(label) <= most:
        return label
    kept = label
    while columns(kept) > most - 1:
        kept = kept[:-1]
    word_end = kept.rfind(" ")
    return (kept[:word_end] if word_end > len(kept) * 2 // 3 else kept).rstrip() + "…"


def _source_lines(sources: tuple[Source, ...], lang: Lang) -> list[Line]:
    lines = [_source_line(source, lang) for source in sources[:SOURCES_SHOWN]]
    if (more := len(sources) - SOURCES_SHOWN) > 0:
        said = text(lang, MORE_SOURCES, count=more)
        lines.append(Line(said, escape(said, quote=False)))
    return lines


def _source_line(source: Source, lang: Lang) -> Line:
    said = text(lang, SOURCE_AS_OF, title=SLOT, date=written_date(lang, source.as_of))
    title = source.title[:SOURCE_TITLE_MAX_CHARS]
    return Line(said.replace(SLOT, title), escape(said, quote=False).replace(SLOT, _link(title, source.url)))


def _link(title: str, url: str | None) -> str:
    named = escape(title, quote=False)
    return f'<a href="{escape(url)}">{named}</a>' if url else named
