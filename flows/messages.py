"""What goes between a channel and a flow: Message in, Replies out."""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NewType

from sqlalchemy.ext.asyncio import AsyncSession

from flows.errors import Invalid
from flows.meaning import Meaning
from flows.topics import Source, Topic
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
class Picture:
    """A PNG picture on our own pages: `path`, from the slash on. `alt` says all that it shows."""

    path: str
    alt: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a citizen: plain text, buttons, where it comes from, and a picture that says the same.

    `topic` names the answer it is, when it is one, so that "tell me more" has something to hold on to.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    topic: str | None = None
    sources: tuple[Source, ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map, in degrees (WGS 84)."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError("not a place on earth")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a message: checked, and in the file store under `key`. It has no row yet."""

    key: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Message:
    """What a citizen did in a channel: wrote `text`, pressed `choice` or sent a place, `point`; one of them.

    Or they sent a `file`, alone or with `text`; it is as it came, unchecked.
    `address` is who they are there; `id`, when the channel has one, makes a repeat harmless.
    `lang` is the language of the interface, used until the citizen's own words say otherwise.
    """

    channel: ChannelName
    address: str
    at: datetime
    text: str | None = None
    choice: str | None = None
    point: Point | None = None
    file: bytes | None = field(default=None, repr=False)
    id: str | None = None
    lang: Lang | None = None

    def __post_init__(self) -> None:
        words = self.text if self.text is not None else self.file
        if [words, self.choice, self.point].count(None) != 2:  # all but one
            raise ValueError("a message is a text or a file, a choice, or a place")


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
    `edition` is the number of the last change to the answers in use. `plain` says that they asked for plain words in
    every answer. `came_back`: they had blocked us, or were gone, until this message.
    """

    id: CitizenId
    channel: ChannelName
    address: str
    lang: Lang
    lang_chosen: bool
    plain: bool
    step: Step | None
    topic: str | None
    others: tuple[str, ...]
    is_new: bool
    came_back: bool
    announced: int | None
    announcement: int | None
    edition: int


@dataclass(slots=True)
class Turn:
    """One message being answered, inside its transaction.

    `lang` is the language of this answer. Handlers leave what outlives the turn in `speaks` (the citizen's language),
    `lang_chosen`, `plain`, `step`, `topic` and `others`; `forgotten` says that the citizen asked to be erased and
    nothing is to be left.
    `topics` are the answers in use at this moment, by name.
    `args` are what a button carried after its intent's name; none for words. `meaning` is the text's vector, where
    the intent model was unsure. `attached` is the file that came with it.
    """

    tx: AsyncSession
    citizen: Citizen
    message: Message
    understood: Understood
    lang: Lang
    speaks: Lang
    step: Step | None
    topic: str | None
    topics: Mapping[str, Topic]
    others: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    lang_chosen: bool = False
    plain: bool = False
    forgotten: bool = False
    meaning: Meaning | None = None
    attached: Attached | None = None

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
