"""What a message about a suggestion looks like in each channel, before it is sent."""

from dataclasses import dataclass

from bot.channels.telegram.limits import TEXT_MAX_UNITS
from bot.channels.telegram.splitting import split
from flows.city import Both
from flows.wording import LANGS, N_, Lang

KAKAO_TEXT_MAX_CHARS = 1_000  # Kakao i Open Builder, skill response: simpleText.text


@dataclass(frozen=True, slots=True)
class Sample:
    """One channel: the messages that it makes of one text, in each language."""

    channel: str
    messages: dict[Lang, list[str]]


def samples(message: Both) -> list[Sample]:
    """Long texts are shown in the parts that the channel takes."""
    return [
        Sample(N_("Web chat"), {lang: [message.of(lang)] for lang in LANGS}),
        Sample(N_("Telegram"), {lang: split(message.of(lang), TEXT_MAX_UNITS) for lang in LANGS}),
        Sample(N_("KakaoTalk"), {lang: split(message.of(lang), KAKAO_TEXT_MAX_CHARS) for lang in LANGS}),
    ]
