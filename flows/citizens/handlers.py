"""Korean or English from now on."""

from flows.messages import Reply, Turn, UnknownChoice
from flows.wording import LANGS, N_, Lang, as_lang


async def change_language(turn: Turn) -> list[Reply]:
    """By button or by name; without either, the other of the two."""
    named = turn.args[0] if turn.args else turn.understood.entity("language")
    if turn.args and named not in LANGS:
        raise UnknownChoice
    other: Lang = "en" if turn.citizen.lang == "ko" else "ko"
    turn.lang = turn.speaks = as_lang(named, other)
    turn.lang_chosen = True
    return [
        turn.reply(
            N_("From now on I will answer in English."),
            turn.choice(N_("한국어로 바꾸기"), "change_language:ko")
            if turn.lang == "en"
            else turn.choice(N_("Switch to English"), "change_language:en"),
            turn.choice(N_("Menu"), "menu"),
        )
    ]
