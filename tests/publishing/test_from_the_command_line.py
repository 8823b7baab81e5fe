"""`damso update`: for whoever has a terminal, or a script."""

import asyncio

import pytest
from click.testing import CliRunner

from bot.app import now
from bot.cli import main
from tests.city import City

CODE = "KRGNJ0001"
WORDS = ("--ko", "원탁회의를 열었습니다.", "--en", "The round table was held.")
RIGHT = ("--ko", "원탁회의를 두 번 열었습니다.", "--en", "The round table was held twice.")


async def damso(city: City, *words: str) -> tuple[int, str]:
    """Exit code and all that was printed. A command asks the machine's clock, so the city's is set by it."""
    env = {"DATABASE_URL": city.database_url}
    done = await asyncio.to_thread(CliRunner().invoke, main, ["update", *words], env=env)
    city.clock.time = now()
    return done.exit_code, done.output


async def test_an_update_is_published_corrected_and_another_one_cancelled(city: City) -> None:
    code, said = await damso(city, "publish", CODE.lower(), *WORDS)
    assert (code, said.split()[0]) == (0, f"{CODE}/1")
    await city.work_until_idle()
    code, said = await damso(city, "correct", f"{CODE}/1", *RIGHT)
    assert (code, said.split()[0]) == (0, f"{CODE}/2")
    await city.work_until_idle()
    assert await city.scalar("SELECT corrected_by = 2 FROM updates WHERE id = 1")
    code, said = await damso(city, "correct", f"{CODE}/2", *WORDS)
    assert (code, said.split()[0]) == (0, f"{CODE}/3"), "and back, for the first words were right after all"
    code, _ = await damso(city, "publish", CODE, "--ko", "나중", "--en", "Later", "--at", f"{now().year + 1}-01-02")
    assert code == 0
    assert await damso(city, "cancel", f"{CODE}/4") == (0, f"{CODE}/4 cancelled\n")
    acts = await city.scalar("SELECT string_agg(action, ' ' ORDER BY id) FROM audit WHERE actor = 'command line'")
    assert acts == "update.published correction.published correction.published update.scheduled update.cancelled"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("publish", CODE, *WORDS, "--expires", "2020-01-01"), 1, "expire after"),
        (("publish", CODE, *WORDS, "--expires", "soon"), 2, "--expires"),
        (("publish", "KRGNJ9999", *WORDS), 1, "KRGNJ9999"),
        (("publish", CODE, *WORDS[:3], " "), 1, "both languages"),
        (("correct", f"{CODE}/7", *RIGHT), 1, "no such update"),
        (("correct", "nonsense", *RIGHT), 1, "no such update"),
        (("cancel", f"{CODE}/٣"), 1, "no such update"),
        (("cancel",), 2, "REF"),
    ],
)
async def test_what_makes_no_sense_is_refused(city: City, words: tuple[str, ...], code: int, said: str) -> None:
    exited, printed = await damso(city, *words)
    assert exited == code, printed
    assert said in printed
    assert await city.scalar("SELECT count(*) FROM updates") == 0
