"""When somebody last read an answer in both languages side by side, and what it said then: `reviews.yml`.

The file is written by `damso content reviewed`, so that a text which changes in one language only is noticed.
"""

import hashlib
from collections.abc import Collection
from datetime import date
from pathlib import Path

from flows.answering.content import HERE, read_entry, read_folder, read_mapping
from flows.city import Content
from flows.errors import NotFound
from flows.topics import Written
from flows.wording import N_, Lang

FILE = "reviews.yml"
HEAD = "# What each answer said when both languages were last read side by side. Written by `damso content reviewed`.\n"
DIGITS = 12  # of a hash: enough to notice a change, short enough to read


class NoSuchTopic(NotFound):
    message = N_("There is no answer named {topic}.")


class Review(Content):
    """The fingerprints of both texts, and the day on which they were found to say the same."""

    ko: str
    en: str
    reviewed: date


def fingerprint(topic: Written, lang: Lang) -> str:
    """What the answer says in one language, follow-ups included, as a few hexadecimal digits."""
    parts = (topic.title, topic.answer, topic.plain, topic.more, topic.when, topic.who)
    said = "\0".join(part.of(lang).strip() if part else "" for part in parts)
    return hashlib.sha256(said.encode()).hexdigest()[:DIGITS]


def read_reviews(folder: Path, faults: list[str]) -> dict[str, Review]:
    """The review of each topic that has one."""
    path = folder / FILE
    entries = read_mapping(path, faults) if path.exists() else {}
    read = {name: read_entry(Review, entry, f"{FILE}: {name}", faults) for name, entry in entries.items()}
    return {name: review for name, review in read.items() if review}


def record_reviews(names: Collection[str] | None, on: date, folder: Path = HERE) -> list[str]:
    """Write down that these topics, or all, were read in both languages on this day; their names.

    Raises NoSuchTopic, and ValueError when the content cannot be read. Leaves out topics that are gone.
    """
    found = read_folder(folder)
    for name in names or ():
        if name not in found.names:
            raise NoSuchTopic(topic=name)
    # All are written anew: a file that two branches broke needs no reading then.
    reviews = {} if names is None else read_reviews(folder, found.faults)
    if found.faults:
        raise ValueError("\n".join(found.faults))
    read = sorted(found.topics if names is None else {*names})
    for name in read:
        topic = found.topics[name]
        reviews[name] = Review(ko=fingerprint(topic, "ko"), en=fingerprint(topic, "en"), reviewed=on)
    lines = [
        f'{name}: {{ko: "{review.ko}", en: "{review.en}", reviewed: {review.reviewed}}}\n'
        for name, review in sorted(reviews.items())
        if name in found.names
    ]
    (folder / FILE).write_text(HEAD + "".join(lines), "utf-8")
    return read
