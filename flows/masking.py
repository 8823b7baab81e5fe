"""Personal data out of a text, once, before anything is stored or logged."""

import re

# Longest first: an account number must not be read as half of a card number.
# Resident registration number: 6 digits of birth, then 1-8 for sex and century, then 6 (주민등록법 시행규칙 제2조).
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("●●●●●●-●●●●●●●", re.compile(r"(?<!\d)\d{6}\s?[-–]?\s?[1-8]\d{6}(?!\d)")),
    ("●●●●-●●●●-●●●●-●●●●", re.compile(r"(?<!\d)(?:\d{4}[ -]?){3}\d{4}(?!\d)")),
    ("●●●@●●●", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        "●●●-●●●●-●●●●",
        re.compile(r"(?<!\d)(?:\+?82[ -.]?|0)(?:1[016789]|2|[3-6]\d|70|50\d)[ -.)]{0,2}\d{3,4}[ -.]?\d{4}(?!\d)"),
    ),
    ("●●●-●●-●●●●●●", re.compile(r"(?<!\d)\d{2,6}-\d{2,6}-\d{2,7}(?:-\d{1,3})?(?!\d)")),
)
DATE = re.compile(r"(?:19|20)\d{2}-\d{1,2}-\d{1,2}")


def mask(text: str) -> str:
    """`text` with what looks like a resident number, card, e-mail, phone or account number covered.

    A date such as 2021-07-30 stays. Masking twice changes nothing.
    """
    for cover, pattern in PATTERNS:
        text = pattern.sub(lambda found, cover=cover: found[0] if DATE.fullmatch(found[0]) else cover, text)  # type: ignore[misc]  # mypy reads no default of a lambda
    return text
