"""What a message looks like in each channel, before it is sent."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.channels.telegram.limits import TEXT_MAX_UNITS
from bot.channels.telegram.splitting import split
from bot.channels.telegram.writing import keyboard
from flows.city import Both
from flows.messages import Reply
from flows.wording import LANGS, N_, Lang

KAKAO_TEXT_MAX_CHARS = 1_000  # Kakao i Open Builder, skill response: simpleText.text


@dataclass(frozen=True, slots=True)
class Sample:
    """One channel: the messages that it makes of one text, in each language, and the rows of buttons under them."""

    channel: str
    messages: dict[Lang, list[str]]
    buttons: dict[Lang, list[list[str]]] = field(default_factory=dict)


def samples(message: Both) -> list[Sample]:
    """Long texts are shown in the parts that the channel takes."""
    return [
        Sample(N_("Web chat"), {lang: [message.of(lang)] for lang in LANGS}),
        Sample(N_("Telegram"), {lang: split(message.of(lang), TEXT_MAX_UNITS) for lang in LANGS}),
        Sample(N_("KakaoTalk"), {lang: split(message.of(lang), KAKAO_TEXT_MAX_CHARS) for lang in LANGS}),
    ]


def alert_samples(said: Callable[[Lang], Reply]) -> list[Sample]:
    """A message with buttons, in the channels that take one unasked."""
    replies = {lang: said(lang) for lang in LANGS}
    return [
        Sample(
            N_("Web chat"),
            {lang: [reply.text] for lang, reply in replies.items()},
            {lang: [[choice.label] for choice in reply.choices] for lang, reply in replies.items()},
        ),
        Sample(
            N_("Telegram"),
            {lang: split(reply.text, TEXT_MAX_UNITS) for lang, reply in replies.items()},
            {lang: _rows(reply) for lang, reply in replies.items()},
        ),
    ]


def _rows(reply: Reply) -> list[list[str]]:
    return [[button.text for button in row] for row in keyboard(reply.choices).inline_keyboard]
