"""`damso announce`: for whoever has a terminal and no time for the console."""

import asyncio

import pytest
from click.testing import CliRunner

from bot.app import now
from bot.cli import main
from tests.city import City

WORDS = ("--ko", "하천 산책로에서 나와 주세요.", "--en", "Leave the river paths.")


async def damso(city: City, *words: str) -> tuple[int, str]:
    """Exit code and all that was printed. A command asks the machine's clock, so the city's is set by it."""
    env = {"DATABASE_URL": city.database_url}
    done = await asyncio.to_thread(CliRunner().invoke, main, ["announce", *words], env=env)
    city.clock.time = now()
    return done.exit_code, done.output


async def page(city: City) -> str:
    return (await city.http.get("/open-data", params={"lang": "en"})).text


async def test_it_is_switched_on_and_off(city: City) -> None:
    assert await damso(city, *WORDS) == (0, "shown\n")
    assert "Leave the river paths." in await page(city)
    assert await damso(city, "--stop") == (0, "stopped\n")
    assert "Leave the river paths." not in await page(city)
    code, said = await damso(city, "--stop")
    assert (code, "no longer shown" in said) == (1, True)


async def test_it_may_end_by_itself(city: City) -> None:
    city.clock.time = now()
    city.clock.forward(hours=2)
    until = city.clock().strftime("%Y-%m-%dT%H:%M+00:00")
    code, said = await damso(city, *WORDS, "--until", until)
    assert code == 0
    assert said.startswith("shown until 2")
    assert "Leave the river paths." in await page(city)
    city.clock.forward(hours=2)
    assert "Leave the river paths." not in await page(city)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "--stop alone"),
        (WORDS[:2], 2, "--stop alone"),
        (("--until", "2099-01-01"), 2, "--stop alone"),
        ((*WORDS, "--stop"), 2, "--stop alone"),
        ((*WORDS, "--until", "tomorrow"), 2, "--until"),
        ((*WORDS, "--until", "2020-01-01T00:00"), 1, "between now and a year from now"),
        ((*WORDS[:3], "a" * 501), 1, "501"),
        ((*WORDS[:3], " "), 1, "both languages"),
    ],
)
async def test_what_makes_no_sense_is_refused(city: City, words: tuple[str, ...], code: int, said: str) -> None:
    exited, printed = await damso(city, *words)
    assert exited == code, printed
    assert said in printed
    assert await city.scalar("SELECT count(*) FROM announcements") == 0
