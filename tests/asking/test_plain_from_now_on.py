"""Whoever needs plain words says so once; and a question that asks for plain words gets them at once."""

import pytest

from flows.answering import read_topics
from flows.wording import LANGS, Lang, text
from tests.city import City

FROM_NOW_ON = "From now on I will answer in plain words."
NO_LONGER = "From now on I will give full answers."
ALWAYS: dict[Lang, str] = {"ko": "쉬운 말로만 답해줘", "en": "always use plain words"}
NEVER: dict[Lang, str] = {"ko": "쉬운 말은 그만", "en": "stop using plain words"}


def said(topic: str, lang: Lang, edition: str) -> str:
    words = getattr(read_topics()[topic], edition)
    return str(words.of(lang)).strip()


@pytest.mark.parametrize(
    ("lang", "question"),
    [("ko", "RE100이 무슨 뜻인가요? 쉽게 알려 주세요"), ("en", "What is RE100? In plain words please")],
)
async def test_a_question_that_asks_for_plain_words_gets_them_this_once(city: City, lang: Lang, question: str) -> None:
    city.rasa.means(question, "ask_re100", manner="plain")
    mina = city.citizen(lang)
    answer = await mina.say(question)
    assert said("re100", lang, "plain") in answer.text
    assert (answer.intent, answer["replies"][0]["topic"]) == ("ask_re100", "re100")
    assert "ask:re100" in answer.choices
    assert said("re100", lang, "answer") in (await mina.press("ask:re100")).text


async def test_a_wish_for_plain_words_that_names_a_topic_is_about_that_topic(city: City) -> None:
    words = "Explain the OGP in simple words"
    city.rasa.means(words, "plain_language", 0.6, runners_up={"ask_ogp": 0.3}, manner="plain")
    mina = city.citizen("en")
    await mina.press("ask:re100")
    answer = await mina.say(words)
    assert answer.text == said("ogp", "en", "plain")


@pytest.mark.parametrize("lang", LANGS)
async def test_asked_for_once_and_for_all_every_answer_is_in_plain_words(city: City, lang: Lang) -> None:
    city.rasa.means(ALWAYS[lang], "plain_language", lasting="always")
    mina = city.citizen(lang)
    answer = await mina.say(ALWAYS[lang])
    assert text(lang, FROM_NOW_ON) in answer.text
    assert "words:full" in answer.choices
    for topic in ("ogp", "re100"):
        assert (await mina.press(f"ask:{topic}")).text == said(topic, lang, "plain")


async def test_the_answer_that_was_too_hard_is_said_again_at_once(city: City) -> None:
    city.rasa.means(ALWAYS["en"], "plain_language", lasting="always")
    mina = city.citizen("en")
    await mina.press("ask:ogp")
    answer = await mina.say(ALWAYS["en"])
    assert [reply["text"] for reply in answer["replies"]] == [FROM_NOW_ON, said("ogp", "en", "plain")]


async def test_the_full_answer_is_still_a_button_away_and_changes_nothing(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("words:plain")
    assert "full_answer:ogp" in (await mina.press("ask:ogp")).choices
    assert (await mina.press("full_answer:ogp")).text == said("ogp", "en", "answer")
    assert (await mina.press("ask:re100")).text == said("re100", "en", "plain")


@pytest.mark.parametrize("lang", LANGS)
async def test_it_ends_when_they_say_so_or_press_the_button(city: City, lang: Lang) -> None:
    city.rasa.means(NEVER[lang], "plain_language", lasting="no_more")
    mina = city.citizen(lang)
    for end in (mina.say(NEVER[lang]), mina.press("words:full")):
        await mina.press("words:plain")
        assert text(lang, NO_LONGER) in (await end).text
        assert (await mina.press("ask:ogp")).text == said("ogp", lang, "answer")


async def test_it_is_among_what_is_held_about_somebody(city: City) -> None:
    kept = text("en", "· You asked for plain words in every answer.")
    mina = city.citizen("en")
    assert kept not in (await mina.press("my_data")).text
    await mina.press("words:plain")
    assert kept in (await mina.press("my_data")).text
    await mina.press("forget_me:confirm")
    assert (await mina.press("ask:ogp"))["replies"][0]["text"].startswith(said("ogp", "en", "answer"))


@pytest.mark.parametrize(
    "choice", ["words", "words:", "words:simple", "words:plain:plain", "full_answer", "full_answer:", "full_answer:no"]
)
async def test_a_garbled_button_is_refused_in_words(city: City, choice: str) -> None:
    mina = city.citizen("en")
    await mina.press("ask:ogp")
    refused = await city.http.post("/api/chat", json={"session": mina.session, "choice": choice, "lang": "en"})
    assert refused.status_code == 422
    assert "That button no longer works" in refused.text
