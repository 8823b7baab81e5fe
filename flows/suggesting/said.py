"""A suggestion in the words of a chat."""

from flows.messages import Turn
from flows.suggesting.values import Suggestion
from flows.wording import N_, Lang

EXCERPT_CHARS = 60
SUPPORTERS = N_("Supporters: {count}")


def shortened(written: str, most: int = EXCERPT_CHARS) -> str:
    """A text as one line of at most `most` characters."""
    line = " ".join(written.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def excerpt(s: Suggestion, lang: Lang, most: int = EXCERPT_CHARS) -> str:
    """The beginning of what the public reads."""
    return shortened(s.public_text_for(lang), most)


def standing(turn: Turn, s: Suggestion) -> str:
    """Its state, its supporters, and until when its answer is promised, in a line."""
    known = [turn.say(s.status.wording)]
    if s.supports:
        known.append(turn.say(SUPPORTERS, count=s.supports))
    if promised := promise(turn, s):
        known.append(promised)
    return " · ".join(known)


def promise(turn: Turn, s: Suggestion) -> str:
    """Until when the city has promised its supporters an answer; nothing once it is given, or is its author's turn."""
    if s.answer_promised_by is None:
        return ""
    return turn.say(N_("Answer promised by {date}"), date=turn.date(s.answer_promised_by))
