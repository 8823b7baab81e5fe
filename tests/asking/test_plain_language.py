"""Whoever finds an answer hard gets the same answer in plain words, and finds the way back."""

import pytest

from flows.answering import read_topics
from flows.city import Both
from flows.city import city as city_content
from flows.wording import Lang, text
from tests.city import City

OGP, ENERGY = read_topics()["ogp"], read_topics()["commitment_energy"]
BUTTON = "plain_language:ogp"
TOO_HARD: dict[Lang, str] = {"ko": "너무 어려워요, 쉽게 설명해 주세요", "en": "easy English please"}


def plain(words: Both | None, lang: Lang) -> str:
    assert words, "no plain edition"
    return words.of(lang).strip()


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_the_button_under_an_answer_gives_it_in_plain_words_with_all_that_belongs_to_it(
    city: City, lang: Lang
) -> None:
    mina = city.citizen(lang)
    full = (await mina.press("ask:ogp"))["replies"][0]
    assert {"label": text(lang, "In plain words"), "value": BUTTON} in full["choices"]

    answer = await mina.press(BUTTON)
    (said,) = answer["replies"]
    assert (answer.intent, said["topic"]) == ("plain_language", "ogp")
    assert said["text"] == plain(OGP.plain, lang)
    assert said["sources"] == full["sources"]
    assert {"label": text(lang, "The full answer"), "value": "ask:ogp"} in said["choices"]
    assert {f"ask:{name}" for name in OGP.related} <= {*answer.choices}
    assert BUTTON not in answer.choices
    assert plain(OGP.answer, lang) in (await mina.press("ask:ogp")).text


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_it_is_asked_for_in_words(city: City, lang: Lang) -> None:
    city.rasa.means(TOO_HARD[lang], "plain_language")
    mina = city.citizen(lang)
    await mina.press("ask:ogp")
    answer = await mina.say(TOO_HARD[lang])
    assert answer.text == plain(OGP.plain, lang)
    assert answer.intent == "plain_language"


async def test_easy_english_is_english_for_somebody_who_writes_korean_otherwise(city: City) -> None:
    city.rasa.means(TOO_HARD["en"], "plain_language")
    mina = city.citizen("ko")
    await mina.press("ask:ogp")
    assert (await mina.say(TOO_HARD["en"])).text == plain(OGP.plain, "en")


@pytest.mark.parametrize(
    "word", ["쉬운 말", "쉬운말", "쉬운 말로", "plain", "easy", "Easy", "/plain", "In plain words"]
)
async def test_a_word_is_enough_even_when_the_intent_model_is_away(city: City, word: str) -> None:
    city.rasa.down = True
    mina = city.citizen("ko")
    await mina.press("ask:ogp")
    assert (await mina.say(word)).text in (plain(OGP.plain, "ko"), plain(OGP.plain, "en"))


async def test_what_is_asked_next_is_still_about_that_answer(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("ask:ogp")
    await mina.press(BUTTON)
    when = await mina.press("ask_when")
    assert when["replies"][0]["topic"] == "ogp"
    assert plain(OGP.when, "en") in when.text


async def test_a_button_under_an_older_answer_is_about_that_one(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("ask:ogp")
    await mina.press("ask:re100")
    assert (await mina.press(BUTTON)).text == plain(OGP.plain, "en")
    assert (await mina.press("ask_source"))["replies"][0]["topic"] == "ogp"


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_before_any_answer_it_says_what_it_does_and_shows_the_menu(city: City, lang: Lang) -> None:
    city.rasa.means(TOO_HARD[lang], "plain_language")
    answer = await city.citizen(lang).say(TOO_HARD[lang])
    assert {"ko": "쉬운 말로 다시", "en": "again in plain words"}[lang] in answer.text
    assert {f"ask:{name}" for name in city_content().first_topics} <= {*answer.choices}
    assert not await city.scalar("SELECT count(*) FROM unanswered")


@pytest.mark.parametrize(
    ("lang", "words", "question"),
    [
        ("ko", "OGP가 뭐예요? 쉽게 설명해 주세요.", "OGP가 뭐예요?"),
        ("en", "What is the OGP? In simple words please.", "What is the OGP?"),
    ],
)
async def test_a_question_with_the_wish_for_plain_words_is_answered_in_plain_words(
    city: City, lang: Lang, words: str, question: str
) -> None:
    city.rasa.means(words, "plain_language")
    city.rasa.means(question, "ask_ogp")
    mina = city.citizen(lang)
    await mina.press("ask:re100")
    answer = await mina.say(words)
    assert answer.text == plain(OGP.plain, lang)
    assert (answer.intent, answer["replies"][0]["topic"]) == ("plain_language", "ogp")


async def test_a_question_that_only_the_database_can_answer_is_answered_from_it(city: City) -> None:
    city.rasa.means("공약은 얼마나 됐나요? 쉽게 말해 주세요.", "plain_language")
    city.rasa.means("공약은 얼마나 됐나요?", "commitment_status")
    answer = await city.citizen().say("공약은 얼마나 됐나요? 쉽게 말해 주세요.")
    assert answer.intent == "commitment_status"


async def test_live_figures_and_the_bell_stay_under_the_plain_edition(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("menu")
    await mina.press("ask:commitment_energy")
    answer = await mina.press("plain_language:commitment_energy")
    assert answer.text.startswith(plain(ENERGY.plain, "en"))
    assert "Result not confirmed, and the period is over" in answer.text
    assert "subscribe:KRGNJ0002" in " ".join(answer.choices)


async def test_who_writes_a_suggestion_finds_the_draft_again(city: City) -> None:
    city.rasa.means("쉬운 말로 해 줄 수 있나요?", "plain_language")
    mina = city.citizen("ko")
    await mina.press("ask:ogp")
    await mina.press("submit_suggestion:start")
    await mina.say("버스 정류장에 그늘막을 늘려 주세요")
    answer = await mina.say("쉬운 말로 해 줄 수 있나요?")
    assert plain(OGP.plain, "ko") in answer.text
    assert "submit_suggestion:resume" in answer.choices


@pytest.mark.parametrize("tail", ["", "nowhere", "ogp:", "ogp:x", "OGP", "🙂", "../ogp"])
async def test_a_garbled_button_is_refused_in_words(city: City, tail: str) -> None:
    mina = city.citizen("en")
    await mina.press("ask:ogp")
    body = {"session": mina.session, "choice": f"plain_language:{tail}", "lang": "en"}
    refused = await city.http.post("/api/chat", json=body)
    assert refused.status_code == 422
    assert "That button no longer works" in refused.text
    assert (await mina.press("ask_source"))["replies"][0]["topic"] == "ogp"


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_a_topic_that_has_none_yet_says_so_and_leads_to_a_person(
    city: City, lang: Lang, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A city may begin without, and an old button may outlive a text that was taken back."""
    monkeypatch.setitem(read_topics(), "ogp", OGP.model_copy(update={"plain": None}))
    mina = city.citizen(lang)
    assert BUTTON not in (await mina.press("ask:ogp")).choices
    answer = await mina.press(BUTTON)
    assert {"ko": "아직 쉬운 말로 쓰지 못했습니다", "en": "not been written in plain words yet"}[lang] in answer.text
    assert {"human_handoff", "ask:ogp"} <= {*answer.choices}
    (item,) = [it for it in (await city.http.get("/api/topics")).json()["items"] if it["topic"] == "ogp"]
    assert item["plain"] is None


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_it_is_open_data_too(city: City, lang: Lang) -> None:
    items = (await city.http.get("/api/topics", params={"lang": lang})).json()["items"]
    assert {it["topic"]: it["plain"].strip() for it in items} == {
        name: plain(topic.plain, lang) for name, topic in read_topics().items()
    }
