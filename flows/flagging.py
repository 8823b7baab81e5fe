"""What has staff look twice at a text: personal data that masking may have missed, and abuse.

Nothing is refused for it. Marks by rule of thumb, so they may be wrong; the lists are content, in `flagged.yml`.
"""

import re
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field

from flows.city import Content
from flows.wording import N_


class Flag(StrEnum):
    PERSONAL = "personal"
    ABUSE = "abuse"

    @property
    def wording(self) -> str:
        return FLAG_WORDING[self]


FLAG_WORDING = {Flag.PERSONAL: N_("Perhaps personal data"), Flag.ABUSE: N_("Perhaps abuse")}


class Abuse(Content):
    ko: tuple[str, ...]
    en: tuple[str, ...]
    but_not: tuple[str, ...] = ()


class Flagged(Content):
    """The lists of `flagged.yml`."""

    abuse: Abuse
    no_names: tuple[str, ...] = Field(default=())


SURNAMES = (
    "가강고곽구권금기길김나남노도류마맹명문민박반방배백변서석선설성소손송신심안양엄여연염오옥왕우원위유육윤이인임장전정제조주지진"
    "차채천최추표하한함허현홍황"
)
NAME = re.compile(rf"(?<![가-힣])([{SURNAMES}][가-힣]{{2}})\s?(?:씨|님)(?![가-힣]{{2}})")
# A flat (101동 1203호), a car plate (12가 3456), a passport number, somebody with a title.
PERSONAL = re.compile(
    r"\d{1,4}동\s?\d{1,4}호"
    r"|(?<!\d)\d{2,3}\s?[가-힣]\s?\d{4}(?!\d)"
    r"|\b[MSROG]\d{8}\b"
    r"|\b(?:Mr|Mrs|Ms)\.?\s[A-Z][a-z]+"
)
BETWEEN = re.compile(r"[\d.*_]+")  # no blanks: “광주시 발전” is no abuse


@cache
def flagged() -> Flagged:
    """The city's lists. Raises pydantic's ValidationError, naming the line, when they are not whole."""
    return Flagged.model_validate(yaml.safe_load(Path(__file__).with_name("flagged.yml").read_text("utf-8")))


def flags_of(text: str) -> list[Flag]:
    """What staff should look twice at."""
    found = {Flag.PERSONAL: _is_personal(text), Flag.ABUSE: _is_abusive(text)}
    return [flag for flag, is_there in found.items() if is_there]


def _is_personal(text: str) -> bool:
    names = (name[1] for name in NAME.finditer(text))
    return bool(PERSONAL.search(text)) or any(name not in flagged().no_names for name in names)


def _is_abusive(text: str) -> bool:
    lists = flagged().abuse
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", text)}
    if words & set(lists.en):
        return True
    for harmless in lists.but_not:
        text = text.replace(harmless, "")
    bare = BETWEEN.sub("", text)
    return any(word in bare for word in lists.ko)
