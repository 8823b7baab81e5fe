"""What the words could also have meant is a button away, and where they may not be ours at all, nothing is sure."""

import pytest

from tests.city import City

ASKED = "버스 할인"


async def test_under_an_answer_that_was_a_near_thing_the_other_meaning_is_the_first_button(city: City) -> None:
    city.rasa.means(ASKED, "ask_transport", 0.7, runners_up={"ask_privacy": 0.15})
    answer = await city.citizen().say(ASKED)
    assert answer["replies"][0]["topic"] == "transport"
    assert answer.choices[0] == "ask:privacy"


@pytest.mark.parametrize("runner_up", [{"ask_privacy": 0.09}, {"ask_when": 0.3}, {"greet": 0.3}])
async def test_what_is_far_fetched_or_no_button_can_ask_for_is_left_out(
    city: City, runner_up: dict[str, float]
) -> None:
    city.rasa.means(ASKED, "ask_transport", 0.6)
    plain_answer = await city.citizen().say(ASKED)
    city.rasa.means("버스 할인이요", "ask_transport", 0.6, runners_up=runner_up)
    assert (await city.citizen().say("버스 할인이요")).choices == plain_answer.choices


async def test_what_stands_under_the_answer_anyway_does_not_stand_there_twice(city: City) -> None:
    mina = city.citizen()
    related = next(value for value in (await mina.press("ask:transport")).choices if value.startswith("ask:"))
    city.rasa.means(ASKED, "ask_transport", 0.7, runners_up={f"ask_{related.removeprefix('ask:')}": 0.2})
    assert (await mina.say(ASKED)).choices.count(related) == 1


async def test_what_was_done_can_have_been_meant_the_other_way_round(city: City) -> None:
    city.rasa.means("알림 그만", "subscription_settings", 0.7, runners_up={"unsubscribe": 0.2})
    assert "unsubscribe" in (await city.citizen().say("알림 그만")).choices


async def test_four_are_offered_when_nothing_is_sure(city: City) -> None:
    guesses = ["ask_ogp", "ask_re100", "ask_gpass", "ask_privacy", "ask_heat"]
    city.rasa.means("음", "nlu_fallback", 0.2, runners_up=dict.fromkeys(guesses, 0.03))
    offered = (await city.citizen().say("음")).choices
    assert offered[:4] == [f"ask:{name.removeprefix('ask_')}" for name in guesses[:4]]
    assert "ask:heat" not in offered


@pytest.mark.parametrize(
    ("not_ours", "intent"), [(0.14, "ask_home_solar"), (0.15, "nlu_fallback"), (0.4, "nlu_fallback")]
)
async def test_a_question_that_may_well_not_be_ours_is_not_answered_but_offered(
    city: City, not_ours: float, intent: str
) -> None:
    city.rasa.means("태양광 가게 추천", "ask_home_solar", 0.6, runners_up={"out_of_scope": not_ours})
    answer = await city.citizen().say("태양광 가게 추천")
    assert answer.intent == intent
    if intent == "nlu_fallback":
        assert answer.choices[0] == "ask:home_solar"


async def test_what_is_surely_not_ours_is_refused_as_such(city: City) -> None:
    city.rasa.means("여권 재발급", "out_of_scope", 0.9)
    assert (await city.citizen().say("여권 재발급")).intent == "out_of_scope"


@pytest.mark.parametrize("asked", ["commitment_status", "list_commitments"])
async def test_from_how_far_a_commitment_is_there_is_a_way_to_what_it_is(city: City, asked: str) -> None:
    choices = (await city.citizen().press(asked)).choices
    assert {"ask:commitment_climate", "ask:commitment_energy"} <= {*choices}
    (one,) = [it for it in (await city.citizen().press("commitment_status:KRGNJ0002")).choices if it.startswith("ask:")]
    assert one == "ask:commitment_energy"
