"""Everything that people read is there in every language, with the same blanks to fill in."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

import bot
import flows
from flows.accounts import Role
from flows.answering import EnquiryState, Freshness
from flows.commitments import Means, UpdateState
from flows.commitments import Status as CommitmentStatus
from flows.commitments.watching import TaskKind
from flows.delivering import SentKind
from flows.delivering.forecast import LeftOut
from flows.errors import FlowError
from flows.flagging import Flag
from flows.reviewing import View
from flows.scheduling import Result
from flows.subscribing import Frequency
from flows.suggesting import Order
from flows.suggesting import Status as SuggestionStatus
from flows.wording import LANGS, LOCALES, PARTICLES, Lang

ROOT = LOCALES.parent
HANGUL = re.compile("[가-힣]")
PERCENT = re.compile(r"%\((\w+)\)s")
SAME_IN_KOREAN = {"Switch to English"}
STATES = (
    CommitmentStatus,
    UpdateState,
    SuggestionStatus,
    Frequency,
    SentKind,
    LeftOut,
    Means,
    TaskKind,
    Result,
    Role,
    Freshness,
    EnquiryState,
    Flag,
    Order,
    View,
)


@cache
def catalogue(name: str) -> Catalog:
    path = LOCALES / ("messages.pot" if name == "pot" else f"{name}/LC_MESSAGES/damso.po")
    with path.open("rb") as file:
        return read_po(file)


def entries(name: str) -> Iterator[Message]:
    return (message for message in catalogue(name) if message.id)


def ids(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def blanks(text: str) -> set[str]:
    """The names of the placeholders, `{name}` or `%(name)s`; a particle after a name (`{name:을}`) is no part of it."""
    if PERCENT.search(text):
        return {*PERCENT.findall(text)}
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def wanted() -> set[tuple[str, ...]]:
    """Every msgid that the code and the templates have now, as `make wording` would collect them."""
    with (LOCALES / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, keywords={**DEFAULT_KEYWORDS, "N_": None, "say": None})
    # A plural is one entry with its singular, whichever of the two is found first.
    return {(m if isinstance(m, str) else m[0],) for _, _, m, _, _ in found}


def modules() -> Iterator[str]:
    for package in (flows, bot):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in module.name:
                yield module.name


def leaves(kind: type[FlowError] = FlowError) -> Iterator[type[FlowError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from leaves(child)


def test_messages_pot_is_up_to_date() -> None:
    now, then = wanted(), {(ids(message)[0],) for message in entries("pot")}
    assert now == then, f"run `make wording`: new {sorted(now - then)}, gone {sorted(then - now)}"


@pytest.mark.parametrize("lang", LANGS)
def test_the_catalogue_has_just_the_entries_of_the_template(lang: Lang) -> None:
    template, here = {ids(m) for m in entries("pot")}, {ids(m) for m in entries(lang)}
    assert here == template, f"run `make wording`: locales/{lang} lacks {template - here}, keeps {here - template}"


@pytest.mark.parametrize("lang", LANGS)
def test_every_sentence_is_translated(lang: Lang) -> None:
    empty = [ids(m)[0] for m in entries(lang) if not all(text and text.strip() for text in strings(m))]
    assert not empty, f"locales/{lang}/LC_MESSAGES/damso.po has no words for {empty}"
    fuzzy = [ids(m)[0] for m in entries(lang) if m.fuzzy]
    assert not fuzzy, f"locales/{lang}/LC_MESSAGES/damso.po is not sure (fuzzy) of {fuzzy}"


@pytest.mark.parametrize("lang", LANGS)
def test_every_translation_has_the_same_blanks(lang: Lang) -> None:
    for message in entries(lang):
        asked = set().union(*map(blanks, ids(message)))
        for text in strings(message):
            # A singular may do without the number: "One source".
            given, least = blanks(text), set.intersection(*map(blanks, ids(message)))
            assert least <= given <= asked, f"locales/{lang}: “{text}” has {given}, “{ids(message)[0]}” has {asked}"


@pytest.mark.parametrize("lang", LANGS)
def test_particles_are_korean_and_known(lang: Lang) -> None:
    for message in entries(lang):
        for text in strings(message):
            if PERCENT.search(text):
                continue
            specs = {spec for _, _, spec, _ in Formatter().parse(text) if spec}
            assert specs <= (PARTICLES.keys() if lang == "ko" else set()), f"locales/{lang}: “{text}” asks for {specs}"


def test_korean_is_korean() -> None:
    foreign = [text for m in entries("ko") for text in strings(m) if not HANGUL.search(text)]
    foreign = [text for text in foreign if text not in SAME_IN_KOREAN and re.search("[A-Za-z]", _bare(text))]
    assert not foreign, f"locales/ko: translate, or add to SAME_IN_KOREAN in this guard: {foreign}"


def test_english_is_as_written_in_the_code() -> None:
    """The msgid is the English; another sentence in the catalogue would make the code lie to its reader."""
    changed = {
        ids(m): strings(m)
        for m in entries("en")
        if strings(m) != ids(m)[: len(strings(m))] and not HANGUL.search(ids(m)[0])
    }
    assert not changed, f"locales/en/LC_MESSAGES/damso.po says something else than the code: {changed}"


@pytest.mark.parametrize("lang", LANGS)
def test_every_error_and_state_has_words(lang: Lang) -> None:
    for module in modules():
        importlib.import_module(module)
    said = {id_ for message in entries(lang) for id_ in ids(message)}
    mute = {error.__qualname__: error.message for error in leaves() if error.message not in said}
    mute |= {
        f"{kind.__module__}.{state}": state.wording for kind in STATES for state in kind if state.wording not in said
    }
    assert not mute, f"locales/{lang}/LC_MESSAGES/damso.po lacks {mute}: mark it with N_() and run `make wording`"


def test_every_enumeration_with_wording_is_looked_at() -> None:
    """A new state table comes into this guard by itself being missed here."""
    defined = {
        path.relative_to(ROOT).as_posix()
        for folder in ("flows", "bot")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"def wording\(self\)", path.read_text("utf-8"))
    }
    looked_at = {kind.__module__.replace(".", "/") + ".py" for kind in STATES}
    assert defined == looked_at, f"add to STATES in this guard: {defined - looked_at}"


def _bare(text: str) -> str:
    """What a translator could translate: no placeholders, no marks."""
    return PERCENT.sub("", re.sub(r"\{[^}]*\}", "", text))
