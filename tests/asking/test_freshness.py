"""An answer that nobody has checked in time says so."""

import pytest

from flows.answering import read_topics
from flows.wording import Lang, text, written_date
from tests.city import City

OGP = read_topics()["ogp"]
LINE = "This answer was due to be checked by {date} and may be out of date."


def line(lang: Lang) -> str:
    return text(lang, LINE, date=written_date(lang, OGP.review_by.isoformat()))


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_an_answer_past_its_review_date_says_so_at_its_end(city: City, lang: Lang) -> None:
    mina = city.citizen(lang)
    city.clock.set(f"{OGP.review_by} 23:59")
    assert line(lang) not in (await mina.press("ask:ogp")).text
    city.clock.forward(minutes=1)
    assert (await mina.press("ask:ogp")).text.splitlines()[-1] == line(lang)


@pytest.mark.parametrize("follow_up", ["more_detail", "plain_language", "ask_when", "ask_who", "ask_source"])
async def test_so_does_what_is_asked_about_it(city: City, follow_up: str) -> None:
    mina = city.citizen("en")
    await mina.press("ask:ogp")
    assert line("en") not in (await mina.press(follow_up)).text
    city.clock.set(f"{OGP.review_by} 12:00")
    city.clock.forward(days=1)
    assert (await mina.press(follow_up)).text.splitlines()[-1] == line("en")


async def test_an_answer_with_live_figures_says_it_after_them(city: City) -> None:
    city.clock.set("2029-01-01 12:00")
    mina = city.citizen("en")
    await mina.press("menu")
    said = (await mina.press("ask:commitment_energy")).text
    assert "the period is over" in said
    assert said.splitlines()[-1].startswith("This answer was due to be checked by")


async def test_so_does_the_page_on_privacy(city: City) -> None:
    assert "due to be checked" not in (await city.http.get("/privacy", params={"lang": "en"})).text
    city.clock.set("2029-01-01 12:00")
    assert "due to be checked" in (await city.http.get("/privacy", params={"lang": "en"})).text
