"""Citizens ask, and get a sourced and dated answer in the language of the question."""

import pytest

from flows.answering import read_topics
from tests.city import City

TOPICS = sorted(read_topics())


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_every_topic_is_answered_with_sources_and_dates(city: City, topic: str, lang: str) -> None:
    reply = (await city.citizen(lang).press(f"ask:{topic}"))["replies"][0]
    assert reply["topic"] == topic
    assert reply["sources"]
    assert all(source["title"] and source["as_of"] for source in reply["sources"])
    assert (
        ("가" <= max(reply["text"]) <= "힣") if lang == "ko" else reply["text"].isprintable() or "\n" in reply["text"]
    )


async def test_the_reply_is_in_the_language_of_the_question(city: City) -> None:
    city.rasa.means("OGP가 뭔가요?", "ask_ogp")
    city.rasa.means("What is the OGP about?", "ask_ogp")
    mina = city.citizen("ko")
    assert (await mina.say("OGP가 뭔가요?"))["lang"] == "ko"
    english = await mina.say("What is the OGP about?")
    assert english["lang"] == "en"
    assert "partnership" in english.text


async def test_a_chosen_language_outlives_a_sentence_in_the_other(city: City) -> None:
    city.rasa.means("what is OGP please", "ask_ogp")
    mina = city.citizen("ko")
    await mina.press("change_language:ko")
    assert (await mina.say("what is OGP please"))["lang"] == "en"
    assert (await mina.press("menu"))["lang"] == "ko"


async def test_status_comes_from_the_database_and_says_what_is_overdue_or_unknown(city: City) -> None:
    answer = await city.citizen("en").press("commitment_status:KRGNJ0002")
    assert "Result not confirmed, and the period is over" in answer.text
    assert "milestones have not been entered yet" in answer.text
    await city.publish("KRGNJ0002", "화면을 열었습니다.", "The screen is open.")
    await city.work_until_idle()
    assert "The screen is open." in (await city.citizen("en").press("ask:commitment_energy")).text


async def test_follow_ups_are_about_what_was_just_said(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("ask:commitment_climate")
    when = await mina.press("ask_when")
    assert when["replies"][0]["topic"] == "commitment_climate"
    assert "May 2022" in when.text
    assert "opengovpartnership.org" in (await mina.press("ask_source")).text


async def test_two_likely_intents_become_buttons(city: City) -> None:
    city.rasa.means("계획이 궁금해요", "ask_action_plan", confidence=0.2)
    answer = await city.citizen().say("계획이 궁금해요")
    assert answer.intent == "nlu_fallback"
    assert "ask:action_plan" in answer.choices


async def test_what_has_no_answer_is_logged_masked_and_without_a_name(city: City) -> None:
    await city.citizen().say("쿠쿠루 010-1234-5678 뿌뿌")
    assert await city.scalar("SELECT text FROM unanswered") == "쿠쿠루 ●●●-●●●●-●●●● 뿌뿌"


async def test_without_the_intent_model_words_and_buttons_still_work(city: City) -> None:
    city.rasa.down = True
    mina = city.citizen("en")
    searched = await mina.say("bicycle")
    assert "ask:transport" in searched.choices
    assert "cannot read whole questions" in searched.text
    assert "partnership" in (await mina.press("ask:ogp")).text
    health = (await city.http.get("/health")).json()
    assert health["checks"]["nlu"] == "down"
    assert health["status"] == "degraded"


async def test_danger_comes_before_everything(city: City) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    answer = await mina.say("너무 힘들어서 죽고 싶어요")
    assert "109" in answer.text
    assert city.rasa.asked == []


async def test_the_first_reply_names_what_is_kept_and_no_other_does(city: City) -> None:
    mina = city.citizen("en")
    assert "/privacy" in (await mina.press("menu")).text
    assert "/privacy" not in (await mina.press("menu")).text
