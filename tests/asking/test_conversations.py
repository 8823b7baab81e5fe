"""A conversation, not single shots: several sentences in one message."""

import pytest

from flows.conversation import language_of, looks_like_question, sentences
from tests.city import City


async def test_two_questions_in_one_message_are_both_answered(city: City) -> None:
    both = "OGP가 뭐예요? 광주는 언제 가입했어요?"
    city.rasa.means(both, "ask_gwangju_ogp", confidence=0.5)
    city.rasa.means("OGP가 뭐예요?", "ask_ogp")
    city.rasa.means("광주는 언제 가입했어요?", "ask_gwangju_ogp")
    answer = await city.citizen().say(both)
    assert [reply["topic"] for reply in answer["replies"]] == ["ogp", "gwangju_ogp"]
    assert [intent["name"] for intent in answer["intents"]] == ["ask_ogp", "ask_gwangju_ogp"]
    assert answer.intent == "ask_ogp"


async def test_a_question_after_a_greeting_is_answered(city: City) -> None:
    city.rasa.means("Hello! What is the OGP?", "greet", confidence=0.6)
    city.rasa.means("What is the OGP?", "ask_ogp")
    answer = await city.citizen("en").say("Hello! What is the OGP?")
    assert answer["replies"][0]["topic"] == "ogp"


async def test_a_question_in_the_middle_of_a_long_story_is_found(city: City) -> None:
    story = "어제 반상회에서 들었는데요. 에너지 플랫폼은 어디서 봐요? 이웃들이 다 궁금해합니다."
    city.rasa.means("에너지 플랫폼은 어디서 봐요?", "ask_commitment_energy")
    assert (await city.citizen().say(story))["replies"][0]["topic"] == "commitment_energy"


async def test_a_suggestion_with_a_question_in_it_stays_a_suggestion(city: City) -> None:
    words = "버스 정류장이 너무 덥지 않나요? 그늘막을 늘려 주세요."
    city.rasa.means("버스 정류장이 너무 덥지 않나요?", "ask_transport")
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    assert "submit_suggestion:skip" in (await mina.say(words)).choices


async def test_what_was_understood_for_sure_is_not_taken_apart(city: City) -> None:
    words = "제안하고 싶어요. 어떻게 하나요?"
    city.rasa.means(words, "submit_suggestion")
    city.rasa.means("어떻게 하나요?", "ask_suggestion_process")
    assert (await city.citizen().say(words)).intent == "submit_suggestion"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("OGP가 뭐예요", ["OGP가 뭐예요"]),
        ("안녕하세요! OGP가 뭐예요?", ["안녕하세요!", "OGP가 뭐예요?"]),
        ("예산은 얼마예요 그리고 누가 내요", ["예산은 얼마예요", "누가 내요"]),
        ("KRW 3.6341 trillion?", ["KRW 3.6341 trillion?"]),
        ("what is it? and when?", ["what is it?", "and when?"]),
        ("?!", ["?!"]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("안녕", "ko"),
        ("OGP가 뭐야", "ko"),
        ("net zero 목표", "ko"),
        ("what is it", "en"),
        ("hello", "en"),
        ("OGP", None),
        ("KRGNJ0001", None),
        ("GJ-7K3M-9PQ2", None),
        ("/language", None),
        ("rlgnqusghk", None),
        ("😀", None),
    ],
)
def test_a_language_counts_where_it_is_unmistakable(text: str, lang: str | None) -> None:
    assert language_of(text) == lang


@pytest.mark.parametrize("text", ["언제 끝나요", "OGP가 뭐예요?", "그게 뭔데", "how do I join", "어디서 봐요"])
def test_questions_are_known(text: str) -> None:
    assert looks_like_question(text)


@pytest.mark.parametrize("text", ["그늘막을 늘려 주세요", "에너지", "I want more trees", "네"])
def test_what_is_no_question(text: str) -> None:
    assert not looks_like_question(text)
