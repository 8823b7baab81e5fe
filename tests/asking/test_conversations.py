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


# --- "no, the other one" ---------------------------------------------------------------------------------------------


async def test_the_runner_up_is_answered_when_the_answer_was_about_the_wrong_thing(city: City) -> None:
    city.rasa.means("버스 할인", "ask_transport", runners_up={"ask_gpass": 0.2})
    city.rasa.means("아니 그거 말고", "correct_last")
    mina = city.citizen()
    assert (await mina.say("버스 할인"))["replies"][0]["topic"] == "transport"
    assert (await mina.say("아니 그거 말고"))["replies"][0]["topic"] == "gpass"


async def test_several_runners_up_are_offered_with_a_line_each(city: City) -> None:
    city.rasa.means("포인트", "ask_carbon_incentives", runners_up={"ask_carbon_points": 0.2, "ask_car_points": 0.1})
    city.rasa.means("not that one", "correct_last")
    minji = city.citizen("en")
    await minji.say("포인트")
    offered = await minji.say("not that one")
    assert offered.choices == ["ask:carbon_points", "ask:car_points", "menu"]
    assert "· Carbon points for households" in offered.text


async def test_after_did_you_mean_the_other_button_is_the_other_one(city: City) -> None:
    city.rasa.means("points", "nlu_fallback", runners_up={"ask_carbon_points": 0.3, "ask_car_points": 0.3})
    city.rasa.means("no, the other one", "correct_last")
    minji = city.citizen("en")
    assert (await minji.say("points")).choices[:2] == ["ask:carbon_points", "ask:car_points"]
    await minji.press("ask:carbon_points")
    others = await minji.say("no, the other one")
    assert "ask:car_points" in others.choices or others["replies"][0]["topic"] == "car_points"
    assert "ask:carbon_points" not in others.choices[:1]


async def test_a_correction_that_names_its_subject_offers_that_first(city: City) -> None:
    city.rasa.means("기차", "ask_transport", runners_up={"ask_ev_subsidy": 0.1})
    city.rasa.means("아니 지패스 말이야", "correct_last", runners_up={"ask_gpass": 0.2})
    mina = city.citizen()
    await mina.say("기차")
    assert (await mina.say("아니 지패스 말이야")).choices[0] == "ask:gpass"


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_a_correction_of_nothing_asks_for_other_words(city: City, lang: str) -> None:
    city.rasa.means("no, the other one", "correct_last")
    city.rasa.means("그거 말고", "correct_last")
    answer = await city.citizen(lang).say({"ko": "그거 말고", "en": "no, the other one"}[lang])
    assert "human_handoff" in answer.choices
    assert {"ko": "다른 말로", "en": "other words"}[lang] in answer.text


async def test_what_was_taken_for_not_ours_leaves_the_likeliest_subject_a_button_away(city: City) -> None:
    city.rasa.means("우리 동네 태양광", "out_of_scope", runners_up={"ask_home_solar": 0.3})
    assert (await city.citizen().say("우리 동네 태양광")).choices[0] == "ask:home_solar"


# --- asked on, with nothing to ask on about --------------------------------------------------------------------------


async def test_a_follow_up_without_a_last_answer_asks_for_its_subject_and_offers_the_likeliest(city: City) -> None:
    city.rasa.means("제 말 어디 저장돼요?", "ask_source", runners_up={"ask_privacy": 0.3, "ask_ogp": 0.01})
    answer = await city.citizen().say("제 말 어디 저장돼요?")
    assert answer.intent == "ask_source"
    assert answer.choices[0] == "ask:privacy"
    assert "ask:ogp" not in answer.choices
    assert "어떤 주제" in answer.text


async def test_an_unclear_follow_up_is_offered_once_there_is_an_answer_to_follow(city: City) -> None:
    city.rasa.means("근거가 있나", "nlu_fallback", runners_up={"ask_source": 0.25})
    mina = city.citizen()
    assert "ask_source" not in (await mina.say("근거가 있나")).choices
    await mina.press("ask:ogp")
    assert (await mina.say("근거가 있나")).choices[0] == "ask_source"
