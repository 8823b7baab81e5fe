"""Long texts in parts that Telegram takes."""

from bot.channels.telegram.limits import TEXT_MAX_UNITS

SEPARATORS = ("\n\n", "\n", " ")
FIRST_WITH_TWO_UNITS = 0x10000


def units(text: str) -> int:
    """Length as Telegram counts it: in UTF-16 units, so that an emoji is two (Bot API, MessageEntity)."""
    return len(text) + sum(ord(letter) >= FIRST_WITH_TWO_UNITS for letter in text)


def split(text: str, limit: int = TEXT_MAX_UNITS) -> list[str]:
    """Parts of at most `limit` units, cut after a paragraph, else a line, else a word, else anywhere.

    Not where half of the part would stay empty. Joined they give `text` back. `limit` is at least 2: one letter may
    take as much.
    """
    if limit < 2:
        raise ValueError(f"no letter may fit into {limit} units")
    parts, start = [], 0
    while start < len(text):
        end = _reach(text, start, limit)
        if end < len(text):
            end = _good_place(text, start, end)
        parts.append(text[start:end])
        start = end
    return parts


def _reach(text: str, start: int, limit: int) -> int:
    """The furthest index that `limit` units from `start` lead to."""
    left, end = limit, start
    while end < len(text) and (taken := units(text[end])) <= left:
        left -= taken
        end += 1
    return end


def _good_place(text: str, start: int, end: int) -> int:
    for separator in SEPARATORS:
        cut = text.rfind(separator, start, end) + len(separator)
        if cut > start + (end - start) // 2:
            return cut
    return end
