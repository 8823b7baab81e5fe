"""In the dialogue of a suggestion, the words on a button do what pressing it does."""

import pytest

from tests.city import City

WORDS = {"ko": "버스 정류장에 그늘막을 늘려 주세요", "en": "Please put more shade at the bus stops"}


@pytest.mark.parametrize(
    ("lang", "typed", "done"),
    [
        ("ko", ["건너뛰기", "위치 추가", "위치 없이", "이름 추가", "이름 없이", "보내기"], "접수번호"),
        ("en", ["skip", "Add a place", "No place.", "add a name", "Without a name", "Send"], "Receipt number"),
    ],
)
async def test_who_types_what_the_buttons_say_gets_to_the_end(
    city: City, lang: str, typed: list[str], done: str
) -> None:
    city.rasa.means("이름 없이", "forget_me")  # as the real model takes it, hardly sure
    mina = city.citizen(lang)
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS[lang])
    for words in typed:
        said = await mina.say(words)
    assert done in said.text
    assert await city.scalar("SELECT (district, shown_name) IS NULL FROM suggestions"), "neither is kept as words"


async def test_a_label_in_the_text_is_a_part_of_the_text(city: City) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS["ko"])
    await mina.press("submit_suggestion:skip")
    await mina.press("submit_suggestion:edit")
    assert "submit_suggestion:confirm" not in (await mina.say("보내기")).choices, "too short to be a suggestion"


async def test_a_name_in_latin_letters_changes_no_language(city: City) -> None:
    mina = city.citizen("ko")
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS["ko"])
    await mina.press("submit_suggestion:skip")
    await mina.press("submit_suggestion:name")
    confirm = await mina.say("Mina Kim")
    assert "이름: Mina Kim" in confirm.text


@pytest.mark.parametrize(
    ("words", "theme"),
    [("자연", "nature"), ("Nature", "nature"), ("energy", "energy"), ("에너지!", "energy"), ("자", None)],
)
async def test_the_first_words_of_a_label_are_enough_where_they_name_one(
    city: City, words: str, theme: str | None
) -> None:
    city.rasa.means(words, "out_of_scope")
    mina = city.citizen("ko" if words[0] > "z" else "en")
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS[mina.lang])
    assert ("submit_suggestion:confirm" in (await mina.say(words)).choices) is (theme is not None)
    if theme:
        await mina.press("submit_suggestion:confirm")
    assert await city.scalar("SELECT max(theme) FROM suggestions") == theme
