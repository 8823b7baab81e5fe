"""Figures a citizen asks for: the latest, how it changed, where it comes from, and a picture."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from markupsafe import escape
from PIL import Image

from bot.channels.telegram import Telegram
from bot.channels.telegram.limits import CAPTION_MAX_UNITS
from bot.channels.telegram.writing import parts_of
from bot.plots import svg
from flows.city import Both
from flows.indicators import Described, Indicator, Observation, change_said, load_series, read_series, value_said
from flows.messages import Picture, Reply
from flows.topics import Source
from flows.wording import LANGS, Lang
from tests.bot_api import TOKEN, serving
from tests.city import City
from tests.parcels import parcel

KW = {"ko": "kW", "en": "kW"}
SOURCE = Source("A report", "https://example.org/report", "2025-01-31")
PLAIN = Described.model_validate(
    {
        "title": {"ko": "햇빛발전소", "en": "Solar plants"},
        "unit": {"ko": "곳", "en": "plant|plants"},
        "every": "year",
        "about": {"ko": "가상의 수치입니다.", "en": "A fictional figure."},
        "source": {"title": "A report"},
    }
)


def series(*numbers: tuple[str, str], **said: Any) -> Indicator:
    described = Described.model_validate(PLAIN.model_dump() | said)
    return Indicator("plants", described, [Observation(at, Decimal(value), SOURCE) for at, value in numbers])


@pytest.mark.parametrize(
    ("indicator", "ko", "en"),
    [
        (
            series(("2023", "10"), ("2024", "15")),
            "2023년(10곳)보다 5곳 늘었습니다(50% 증가).",
            "That is 5 plants more than in 2023 (10 plants), up 50%.",
        ),
        (
            series(("2023", "3"), ("2024", "2")),
            "2023년(3곳)보다 1곳 줄었습니다(33.3% 감소).",
            "That is 1 plant less than in 2023 (3 plants), down 33.3%.",
        ),
        (
            series(("2023", "0"), ("2024", "2")),
            "2023년(0곳)보다 2곳 늘었습니다.",
            "That is 2 plants more than in 2023 (0 plants).",
        ),
        (
            series(("2023", "-4"), ("2024", "-2")),
            "2023년(-4곳)보다 2곳 늘었습니다(50% 증가).",
            "That is 2 plants more than in 2023 (-4 plants), up 50%.",
        ),
        (
            series(("2023", "2"), ("2024", "2.0")),
            "2023년과 같습니다.",
            "That is the same as in 2023.",
        ),
        (
            series(("2024", "2")),
            "비교할 이전 수치는 없습니다.",
            "There is no earlier figure to compare it with.",
        ),
        (
            series(("2021", "2"), ("2024", "4")),
            "2021년(2곳)보다 2곳 늘었습니다(100% 증가). 그 사이의 수치는 없습니다.",
            "That is 2 plants more than in 2021 (2 plants), up 100%. For the time between there is no figure.",
        ),
        (
            series(("2023", "58.1"), ("2024", "56"), unit={"ko": "%", "en": "%"}, decimals=1),
            "2023년(58.1%)보다 2.1%포인트 낮습니다.",
            "That is 2.1 percentage points less than in 2023 (58.1%).",
        ),
        (
            series(("2024-12", "1234.5"), ("2025-01", "2469"), unit=KW, decimals=1, every="month"),
            "2024년 12월(1,234.5kW)보다 1,234.5kW 늘었습니다(100% 증가).",
            "That is 1,234.5 kW more than in December 2024 (1,234.5 kW), up 100%.",
        ),
    ],
    ids=["more", "less", "from nought", "below nought", "the same", "alone", "a gap", "a share", "months"],
)
def test_a_change_is_said_in_both_languages(indicator: Indicator, ko: str, en: str) -> None:
    assert (change_said(indicator, "ko"), change_said(indicator, "en")) == (ko, en)


async def test_a_question_on_a_topic_brings_its_figure_with_source_and_picture(city: City) -> None:
    city.rasa.means("에너지전환마을이 얼마나 늘었어?", "ask_energy_villages")
    mina = city.citizen()
    answer, figure = (await mina.say("에너지전환마을이 얼마나 늘었어?"))["replies"]
    assert (answer["topic"], answer["picture"]) == ("energy_villages", None)
    assert figure["text"].startswith("에너지전환마을: 15곳(2024년)\n2022년(10곳)보다 5곳 늘었습니다(50% 증가).")
    assert [source["as_of"] for source in figure["sources"]] == ["2024-12-13"]
    assert figure["picture"]["alt"] == "막대그래프: 에너지전환마을. 2021년 5곳, 2022년 10곳, 2024년 15곳"
    assert {"figure:village_solar", "figure:all"} <= {choice["value"] for choice in figure["choices"]}
    picture = await city.http.get(figure["picture"]["url"])
    assert picture.headers["content-type"] == "image/png"
    assert Image.open(BytesIO(picture.content)).width == 1080

    shown = await mina.press("figure:village_solar")
    assert "1,241kW(2024년)" in shown.text and "비교할 이전 수치는 없습니다." in shown.text
    assert shown["replies"][0]["picture"] is None
    assert "ask:energy_villages" in shown.choices
    again = (
        await mina.press("ask:energy_villages", message_id="twice"),
        await mina.press("ask:energy_villages", message_id="twice"),
    )
    assert again[0]["replies"] == again[1]["replies"]

    everything = await mina.press("figure:all")
    assert {f"figure:{code}" for code in read_series()} == set(everything.choices)
    assert "56%(2025년 11월)" in everything.text


async def test_a_topic_without_figures_shows_none_and_an_unknown_figure_is_refused(city: City) -> None:
    mina = city.citizen("en")
    assert len((await mina.press("ask:metro_line2"))["replies"]) == 1
    for value in ("figure", "figure:", "figure:nothing", "figure:all:x", "figure:energy_villages:x"):
        response = await city.http.post("/api/chat", json={"session": mina.session, "choice": value})
        assert response.status_code == 422, value


async def test_who_asks_what_the_city_emits_reads_what_it_cut_and_that_the_two_differ(city: City) -> None:
    cut = (await city.citizen("en").press("ask:emissions_sources"))["replies"][1]["text"]
    assert "262,600 tonnes CO₂eq (2024)" in cut
    assert "It is not what Gwangju emitted." in cut


async def test_plain_words_bring_the_figure_too_but_only_once(city: City) -> None:
    mina = city.citizen("en")
    assert len((await mina.press("ask:energy_villages"))["replies"]) == 2
    assert len((await mina.press("plain_language:energy_villages"))["replies"]) == 1
    await mina.press("words:plain")
    assert len((await mina.press("ask:energy_villages"))["replies"]) == 2


async def test_what_the_files_no_longer_say_is_replaced_and_what_it_was_is_said(city: City) -> None:
    written = read_series()["energy_villages"]
    points = [
        point.model_copy(update={"value": Decimal(16)}) if point.period == "2024" else point for point in written.points
    ]
    async with city.damso.db.transaction() as tx:
        changed = written.model_copy(update={"points": tuple(points[1:])})
        await load_series(tx, {"energy_villages": changed}, at=city.clock())
    found = (await city.http.get("/api/indicators/energy_villages?lang=en")).json()
    assert [(it["period"], it["value"]) for it in found["observations"]] == [("2022", 10), ("2024", 16)]
    assert [it["value"] for it in found["observations"][1]["corrected_from"]] == [15]
    said = (await city.citizen("en").press("figure:energy_villages")).text
    assert "This figure was corrected on 2 March 2026. Before, it was given as 15 villages." in said
    assert (await city.http.get("/figures/mini_solar_households")).status_code == 404, "its file is gone"


@pytest.mark.parametrize("lang", LANGS)
async def test_the_pages_and_the_open_data_show_every_series(city: City, lang: Lang) -> None:
    listed = (await city.http.get(f"/figures?lang={lang}")).text
    items = (await city.http.get(f"/api/indicators?lang={lang}")).json()["items"]
    assert {item["code"] for item in items} == set(read_series())
    for item in items:
        assert f'href="/figures/{item["code"]}"' in listed
        page = (await city.http.get(f"/figures/{item['code']}?lang={lang}")).text
        assert escape(item["title"]) in page and escape(item["observations"][-1]["source"]["title"]) in page
        assert ("<svg" in page) == (len(item["observations"]) > 1)
    table = (await city.http.get("/figures.csv")).text.splitlines()
    assert len(table) == 1 + sum(len(item["observations"]) for item in items)
    one = await city.http.get("/figures/energy_villages.csv")
    assert one.text.splitlines()[1].startswith("energy_villages,2021,5,2021-09,")


async def test_what_is_not_there_is_not_found(city: City) -> None:
    for path in ("/figures/nothing", "/figures/nothing.csv", "/figures/nothing.png", "/figures/village_solar.png"):
        assert (await city.http.get(path)).status_code == 404, path
    assert (await city.http.get("/api/indicators/nothing")).status_code == 404


async def test_telegram_gets_the_figure_as_a_photo_with_its_numbers_under_it(city: City) -> None:
    chat = 101
    async with (
        serving() as api,
        Telegram.connect(TOKEN, api.url, city.damso.db, city.damso.pictures, per_second=1_000) as telegram,
    ):
        polling = asyncio.create_task(telegram.poll(city.damso.conversation, city.damso.db, city.clock))
        try:
            api.write(chat, "메뉴")
            await api.wait_for(chat, 1)
            city.rasa.means("에너지전환마을이 얼마나 늘었어?", "ask_energy_villages")
            api.write(chat, "에너지전환마을이 얼마나 늘었어?")
            _, answer, figure = await api.wait_for(chat, 3)
            api.press(chat, "figure:village_solar")
            alone = (await api.wait_for(chat, 4))[3]
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
    assert answer.photo is None and alone.photo is None and "1,241kW" in alone.text
    assert figure.photo and figure.text.startswith("에너지전환마을: 15곳(2024년)")
    assert "figure:all" in figure.buttons.values()
    assert any("gcea.or.kr" in address for _, address in figure.links), "the source is under the picture"


async def test_without_its_picture_the_figure_is_said_all_the_same(city: City) -> None:
    async with (
        serving() as api,
        Telegram.connect(TOKEN, api.url, city.damso.db, city.damso.pictures, per_second=1_000) as telegram,
    ):
        api.write(101, "메뉴")
        lost = Reply("Fifteen.", picture=Picture("/figures/nothing.png?lang=en", "A chart"))
        assert (await telegram.send(parcel(lost, lang="en"))).kind == "sent"
        assert [(sent.text, sent.photo) for sent in api.messages(101)] == [("Fifteen.", None)]


def test_a_picture_takes_a_short_text_with_it_and_goes_before_a_long_one() -> None:
    picture = Picture("/figures/a.png?lang=en", "A chart")
    short = parts_of(Reply("Fifteen.", sources=(SOURCE,), picture=picture), "en")
    assert [(bool(part.html), part.picture) for part in short] == [(True, picture)]
    long = parts_of(Reply("x" * CAPTION_MAX_UNITS, sources=(SOURCE,), picture=picture), "en")
    assert [(bool(part.html), part.picture) for part in long] == [(False, picture), (True, None)]


def test_what_is_written_in_a_series_is_escaped_in_its_picture() -> None:
    hostile = series(("2023", "1"), ("2024", "2"), title={"ko": "<script>", "en": "a&b <script>"})
    drawn = svg(hostile, "en")
    assert "<script" not in drawn and "a&amp;b" in drawn


def test_an_amount_has_its_unit_as_each_language_writes_it() -> None:
    indicator = series(("2024", "1234567"), unit={"ko": "톤", "en": "tonnes"})
    assert value_said(indicator, "ko") == "1,234,567톤(2024년)"
    assert value_said(indicator, "en") == "1,234,567 tonnes (2024)"
    share = replace(indicator, described=indicator.described.model_copy(update={"unit": Both(ko="%", en="%")}))
    assert share.amount(Decimal(56), "en") == "56%"
