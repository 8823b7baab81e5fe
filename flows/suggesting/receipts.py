"""Receipt numbers: easy to read aloud, impossible to count up from one's own."""

import re
import secrets

from flows.city import city

# No letter or digit that is taken for another on paper or in handwriting: 0 O, 1 I L, 5 S, 8 B, 2 Z, U V.
ALPHABET = "234679ACDEFGHJKMNPQRTWXY"
DRAWN = 8
GROUP = f"[{ALPHABET}]{{4}}"
PRINTED = re.compile(rf"{GROUP}[\s\-–—]?{GROUP}")


def new_receipt() -> str:
    """`GJ-7K3M-9PQ2`: eight letters by chance, 110 thousand million of them."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(DRAWN))
    return f"{city().receipt_prefix}-{drawn[:4]}-{drawn[4:]}"


def read_receipt(text: str) -> str | None:
    """The receipt that somebody wrote, however they spaced it; None when the text is none.

    Eight letters without a digit and without the prefix are one only as they are printed: "hey there" is a greeting.
    """
    prefix, bare = city().receipt_prefix, re.sub(r"[\s\-–—.·_]", "", text).upper()
    if len(bare) > DRAWN:  # the eight letters may themselves begin like the prefix
        bare = bare.removeprefix(prefix)
    elif bare.isalpha() and not PRINTED.fullmatch(text.strip()):
        return None
    return f"{prefix}-{bare[:4]}-{bare[4:]}" if re.fullmatch(GROUP * 2, bare) else None
