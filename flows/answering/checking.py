"""What is wrong with the content, a line each: all of it at once, so that nobody mends it fault by fault."""

from collections.abc import Mapping, Set
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from flows.answering.content import HERE, Folder, dead_links, read_folder, said_of
from flows.answering.expected import dialogue_faults
from flows.answering.in_use import Override
from flows.answering.reviews import Review, fingerprint, read_reviews
from flows.city import OfficeHours, city
from flows.commitments import read_plans
from flows.flagging import flagged
from flows.indicators import series_faults
from flows.topics import Written


def check_content(intents: Set[str], folder: Path = HERE, *, acting: Set[str] = frozenset()) -> list[str]:
    """Every fault of the city, the plan, and the topics and dialogues of a folder; none when all is whole.

    `intents`: what the intent model knows and topics are to answer. `acting`: what else can be understood or pressed.
    """
    found = read_folder(folder)
    faults = found.faults
    first: tuple[str, ...] = ()
    hours: OfficeHours | None = None
    try:
        first, hours = city().first_topics, city().office_hours
    except ValidationError as wrong:
        faults += said_of(wrong, "city.yml")
    pages: dict[str, str | None] = {f"sources.yml: {name}": source.url for name, source in found.sources.items()}
    codes = {code for topic in found.topics.values() for code in topic.commitments}
    try:
        plans = read_plans()
        codes = {planned.code for plan in plans for planned in plan.commitments}
        cited = {plan.code: plan.sources for plan in plans} | {c.code: c.sources for p in plans for c in p.commitments}
        pages |= {f"plans: {code}: {s.title}": s.url for code, sources in cited.items() for s in sources}
    except ValidationError as wrong:
        faults += said_of(wrong, "plans")
    try:
        flagged()
    except ValidationError as wrong:
        faults += said_of(wrong, "flagged.yml")
    reviews = read_reviews(folder, faults)
    return [
        *faults,
        *dead_links(found, first=first, codes=codes, hours=hours),
        *unknown_intents(found, intents),
        *bad_addresses(pages),
        *impossible_dates(found.topics),
        *not_plain(found.topics),
        *drifted(found.topics, reviews),
        *dialogue_faults(found, folder, intents | acting),
        *series_faults(found.names, codes),
    ]


def overridden(overrides: Mapping[str, Override]) -> list[str]:
    """Which files do not say what the bot says, because a text of the console is in use; none that is settled."""
    return [f"{name}.yml: {why}" for name, it in sorted(overrides.items()) if (why := _overridden(name, it))]


def _overridden(name: str, it: Override) -> str | None:
    if it.is_settled:
        return None
    if it.topic is None:
        return f"text {it.version} of the console cannot be used in its place any more; a source of it is gone"
    if it.is_older:
        return f"changed under text {it.version} of the console, still in use: choose one at /staff/content/{name}"
    return f"text {it.version} of the console is in use in its place; `damso content export` writes it into files"


def unknown_intents(found: Folder, intents: Set[str]) -> list[str]:
    """Topics that nobody can ask for in words, and intents that no topic answers."""
    mute = [
        f"{name}.yml: the intent model has no {topic.intent} for a topic to answer"
        for name, topic in found.topics.items()
        if topic.intent not in intents
    ]
    answered = {f"ask_{name}" for name in found.names} | {topic.intent for topic in found.topics.values()}
    return mute + [
        f"{intent}: the intent model knows it, but no topic answers it" for intent in sorted(intents - answered)
    ]


def bad_addresses(pages: Mapping[str, str | None]) -> list[str]:
    """Addresses of sources that no browser opens; None is a source that is not on the web."""
    return [f"{where}: not a web address: {url}" for where, url in pages.items() if not (url is None or _opens(url))]


def impossible_dates(topics: Mapping[str, Written]) -> list[str]:
    """Topics that were to be checked before what they speak of."""
    return [
        f"{name}.yml: review_by {topic.review_by} is before as_of {topic.as_of}"
        for name, topic in topics.items()
        if topic.is_reviewed_too_early
    ]


def not_plain(topics: Mapping[str, Written]) -> list[str]:
    """Topics that nobody has written in plain words."""
    return [f"{name}.yml: plain: nobody has written it yet" for name, topic in topics.items() if not topic.plain]


def drifted(topics: Mapping[str, Written], reviews: Mapping[str, Review]) -> list[str]:
    """Topics whose two languages may no longer say the same."""
    return [f"{name}: {why}" for name, topic in topics.items() if (why := _drift(name, topic, reviews.get(name)))]


def _drift(name: str, topic: Written, review: Review | None) -> str | None:
    then = f"run `damso content reviewed {name}`"
    if review is None:
        return f"no review is recorded: read both languages side by side, then {then}"
    ko_changed, en_changed = fingerprint(topic, "ko") != review.ko, fingerprint(topic, "en") != review.en
    if ko_changed and en_changed:
        return f"both changed: read them side by side, then {then}"
    if ko_changed:
        return f"the Korean text changed since its last review, the English one did not; once they agree, {then}"
    if en_changed:
        return f"the English text changed since its last review, the Korean one did not; once they agree, {then}"
    return None


def _opens(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in url)
