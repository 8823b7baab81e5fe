"""Citizens say whether an answer helped; it counts for the text that they read."""

import pytest

from flows.answering import ratings, read_topics
from flows.answering.rating import Ratings, Tally
from flows.answering.reviews import fingerprint
from flows.wording import LANGS, Lang, text
from tests.city import Answer, City

OGP = read_topics()["ogp"]
ANOTHER_VERSION = "0123456789ab"


def buttons(answer: Answer) -> list[str]:
    """The values of the two buttons under each answer."""
    return [value for value in answer.choices if value.startswith("rate:")]


def button(said: str, lang: Lang = "ko", version: str | None = None) -> str:
    return f"rate:ogp:{version or fingerprint(OGP, lang)}:{said}"


async def rated(city: City, topic: str = "ogp") -> Ratings:
    async with city.damso.db.transaction() as tx:
        return (await ratings(tx, [read_topics()[topic]]))[topic]


@pytest.mark.parametrize("lang", LANGS)
async def test_an_answer_ends_with_two_buttons_that_name_the_text_in_its_language(city: City, lang: Lang) -> None:
    reply = (await city.citizen(lang).press("ask:ogp"))["replies"][0]
    assert reply["choices"][-2:] == [
        {"label": text(lang, "This helped"), "value": button("yes", lang)},
        {"label": text(lang, "This did not help"), "value": button("no", lang)},
    ]


@pytest.mark.parametrize("asked", ["more_detail", "ask_when", "ask_who", "plain_language"])
async def test_so_does_what_is_said_further_of_it(city: City, asked: str) -> None:
    mina = city.citizen()
    await mina.press("ask:ogp")
    assert buttons(await mina.press(asked)) == [button("yes"), button("no")]


async def test_nothing_but_an_answer_can_be_rated(city: City) -> None:
    mina = city.citizen()
    await mina.press("ask:ogp")
    for other in ("menu", "menu:topics", "greet", "thank", "bot_identity", "out_of_scope", "ask_source", "my_data"):
        assert not buttons(await mina.press(other)), other
    city.rasa.means("계획이 궁금해요", "ask_action_plan", confidence=0.2)
    assert not buttons(await mina.say("계획이 궁금해요")), "did you mean"
    assert not buttons(await mina.say("쿠쿠루 뿌뿌")), "no answer"
    assert not buttons(await mina.say("너무 힘들어서 죽고 싶어요")), "danger"


async def test_two_answers_in_one_message_are_rated_each_by_itself(city: City) -> None:
    city.rasa.means("OGP가 뭔가요?", "ask_ogp")
    city.rasa.means("탄소중립포인트는 어떻게 받나요?", "ask_carbon_points")
    values = buttons(await city.citizen().say("OGP가 뭔가요? 탄소중립포인트는 어떻게 받나요?"))
    assert [value.split(":")[1] for value in values] == ["ogp", "ogp", "carbon_points", "carbon_points"]


async def test_whoever_was_helped_is_thanked_in_one_line(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("ask:ogp")
    thanks = await mina.press(button("yes", "en"))
    assert thanks.text == "Thank you for telling us. I am glad that it helped."
    assert thanks.choices == []
    assert (await rated(city)).present == {"ko": Tally(), "en": Tally(helpful=1)}


async def test_whoever_was_not_is_shown_what_may_help(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("ask:ogp")
    sorry = await mina.press(button("no", "en"))
    assert "sorry that this answer did not help" in sorry.text
    for way_on in ("more_detail", "ask_source", "human_handoff", "submit_suggestion:start"):
        assert way_on in sorry.choices
    assert not buttons(sorry)
    assert (await rated(city)).present == {"ko": Tally(), "en": Tally(unhelpful=1)}


async def test_the_subject_stays_what_it_was(city: City) -> None:
    """Also when an older answer is rated: then nothing is offered that would be about the newer one."""
    mina = city.citizen()
    await mina.press("ask:ogp")
    await mina.press("ask:carbon_points")
    sorry = await mina.press(button("no"))
    assert "human_handoff" in sorry.choices
    assert not {"more_detail", "ask_source"} & {*sorry.choices}
    assert (await mina.press("ask_source"))["replies"][0]["topic"] == "carbon_points"


async def test_the_last_word_of_each_citizen_counts_once(city: City) -> None:
    mina, jisu = city.citizen(), city.citizen()
    for said in ("yes", "yes", "no"):
        await mina.press(button(said))
    assert (await rated(city)).total == Tally(unhelpful=1)
    await mina.press(button("yes"))
    await jisu.press(button("no"))
    assert (await rated(city)).total == Tally(helpful=1, unhelpful=1)


async def test_each_language_counts_by_itself_whatever_its_reader_speaks_by_then(city: City) -> None:
    mina = city.citizen("ko")
    await mina.press("change_language:en")
    await mina.press(button("no", "ko"))
    await mina.press(button("yes", "en"))
    assert (await rated(city)).present == {"ko": Tally(unhelpful=1), "en": Tally(helpful=1)}


async def test_a_text_that_has_changed_since_keeps_its_own_count(city: City) -> None:
    mina = city.citizen()
    await mina.press(button("no", version=ANOTHER_VERSION))
    await mina.press(button("yes"))
    after = await rated(city)
    assert after.earlier == Tally(unhelpful=1)
    assert after.total == Tally(helpful=1)


@pytest.mark.parametrize(
    "value",
    [
        "rate",
        "rate:ogp",
        f"rate:ogp:{ANOTHER_VERSION}",
        f"rate:ogp:{ANOTHER_VERSION}:maybe",
        f"rate:ogp:{ANOTHER_VERSION}:yes:no",
        f"rate:nothing:{ANOTHER_VERSION}:yes",
        "rate:ogp::yes",
        "rate:ogp:0123456789a:yes",
        "rate:ogp:0123456789abc:yes",
        "rate:ogp:0123456789AB:yes",
        "rate:ogp:０１２３456789ab:yes",
        "rate:ogp:0123456789ab\n:yes",
    ],
)
async def test_a_garbled_rating_is_refused_and_counts_nothing(city: City, value: str) -> None:
    refused = await city.http.post("/api/chat", json={"choice": value, "lang": "en"})
    assert refused.status_code == 422
    assert "no longer works" in refused.json()["detail"]
    assert await city.scalar("SELECT count(*) FROM ratings") == 0


async def test_ratings_are_counted_in_my_data_and_erased_with_it(city: City) -> None:
    mina = city.citizen("en")
    assert "Answers that you rated: 0" in (await mina.press("my_data")).text
    await mina.press(button("yes", "en"))
    await mina.press(button("yes", "ko"))
    assert "Answers that you rated: 2" in (await mina.press("my_data")).text
    await mina.press("forget_me:confirm")
    assert (await rated(city)).total == Tally()


async def test_a_suggestion_in_the_writing_waits_while_an_answer_is_rated(city: City) -> None:
    mina = city.citizen()
    await mina.press("ask:ogp")
    await mina.press("submit_suggestion:start")
    await mina.press(button("yes"))
    assert "submit_suggestion:skip" in (await mina.say("버스 정류장에 그늘막을 늘려 주세요")).choices


async def test_open_data_and_public_pages_show_no_rating(city: City) -> None:
    before = [(await city.http.get(page)).text for page in ("/api/topics", "/privacy", "/open-data")]
    await city.citizen().press(button("no"))
    assert [(await city.http.get(page)).text for page in ("/api/topics", "/privacy", "/open-data")] == before
