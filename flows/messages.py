"""What goes between a channel and a flow: Message in, Replies out."""

import re
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NewType

from sqlalchemy.ext.asyncio import AsyncSession

from flows.errors import Invalid
from flows.meaning import Meaning
from flows.understanding import Intent, Understood
from flows.wording import N_, Lang, text, written_date

CitizenId = NewType("CitizenId", int)
type ChannelName = Literal["web", "telegram"]

CHOICE_VALUE_MAX_BYTES = 64  # Telegram Bot API, InlineKeyboardButton.callback_data
TEXT_MAX_CHARS = 4_000  # what one message of a citizen may hold, in any channel


class UnknownChoice(Invalid):
    """A button that this version does not have, or whose subject is gone."""

    field = "choice"
    message = N_("That button no longer works. Please write what you need, or open the menu.")


# Control characters but line ends and tabs, lone surrogates, marks of direction, and what joins or breaks words unseen.
# The joiner of emoji stays where it joins emoji.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
    r"|(?<=\w)\u200d|\u200d(?=\w)"
)


def clean(raw: str) -> str:
    """A text as it is kept and shown: nothing in it that cannot be seen, Hangul whole (NFC), blanks at the ends gone.

    macOS sends Hangul in pieces (NFD); a zero-width joiner between them would keep them apart.
    """
    return unicodedata.normalize("NFC", _UNSEEN.sub("", raw)).strip()


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. `value` comes back as it left.

    At most 64 bytes of UTF-8: Telegram Bot API, InlineKeyboardButton.callback_data.
    """

    label: str
    value: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.value.encode()) <= CHOICE_VALUE_MAX_BYTES:
            raise ValueError(f"choice value out of range: {self.value!r}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from and what date it speaks for (as precise as the source is: "2021", "2021-12")."""

    title: str
    url: str | None
    as_of: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a citizen: plain text, buttons, and where it comes from.

    `topic` names the answer it is, when it is one, so that "tell me more" has something to hold on to.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    topic: str | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What a citizen did in a channel: wrote `text` or pressed `choice`, never both.

    `address` is who they are there; `id`, when the channel has one, makes a repeat harmless.
    `lang` is the language of the interface, used until the citizen's own words say otherwise.
    """

    channel: ChannelName
    address: str
    at: datetime
    text: str | None = None
    choice: str | None = None
    id: str | None = None
    lang: Lang | None = None

    def __post_init__(self) -> None:
        if (self.text is None) == (self.choice is None):
            raise ValueError("a message is either a text or a choice")


@dataclass(frozen=True, slots=True)
class Step:
    """Where a dialogue stands: what it waits for, and what it holds so far."""

    waits_for: str
    draft: dict[str, str] = field(default_factory=dict)

    def to(self, waits_for: str, **draft: str) -> "Step":
        return Step(waits_for, {**self.draft, **draft})


@dataclass(frozen=True, slots=True)
class Citizen:
    """One person in one channel, as the rows had them when their message came.

    `others` are the intents that their last question could have had instead, likeliest first.
    `announcement` is the emergency notice that is shown to everybody, `announced` the last one that they were shown.
    """

    id: CitizenId
    channel: ChannelName
    address: str
    lang: Lang
    lang_chosen: bool
    step: Step | None
    topic: str | None
    others: tuple[str, ...]
    is_new: bool
    announced: int | None
    announcement: int | None


@dataclass(slots=True)
class Turn:
    """One message being answered, inside its transaction.

    `lang` is the language of this answer. Handlers leave what outlives the turn in `speaks` (the citizen's language),
    `lang_chosen`, `step`, `topic` and `others`; `forgotten` says that the citizen asked to be erased and nothing is to
    be left.
    `args` are what a button carried after its intent's name; none for words. `meaning` is the text's vector, where
    the intent model was unsure.
    """

    tx: AsyncSession
    citizen: Citizen
    message: Message
    understood: Understood
    lang: Lang
    speaks: Lang
    step: Step | None
    topic: str | None
    others: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    lang_chosen: bool = False
    forgotten: bool = False
    meaning: Meaning | None = None

    @property
    def at(self) -> datetime:
        return self.message.at

    @property
    def text(self) -> str:
        return self.message.text or ""

    def say(self, msgid: str, /, **params: object) -> str:
        """Interface wording in the language of this turn."""
        return text(self.lang, msgid, **params)

    def date(self, partial: date | str) -> str:
        """A date as people write it in the language of this turn."""
        return written_date(self.lang, str(partial))

    def reply(self, msgid: str, /, *choices: Choice, **params: object) -> Reply:
        return Reply(self.say(msgid, **params), choices)

    def choice(self, msgid: str, value: str, /, **params: object) -> Choice:
        return Choice(self.say(msgid, **params), value)


type Handler = Callable[[Turn], Awaitable[list[Reply]]]


@dataclass(frozen=True, slots=True)
class Answered:
    """All that a channel needs to write back. `intents` has two where one message asked two things."""

    lang: Lang
    intents: tuple[Intent, ...]
    replies: tuple[Reply, ...] = ()

    @property
    def intent(self) -> Intent:
        return self.intents[0]
