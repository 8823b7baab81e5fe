"""Whoever asks for a person hears whether somebody is there."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from flows.answering import read_topics
from flows.answering.content import HERE, dead_links, read_folder
from flows.answering.hours import hours_said
from flows.city import OfficeHours, zone
from flows.city import city as the_city
from flows.commitments import read_plan
from flows.wording import Lang
from tests.city import City

WRITTEN: dict[str, Any] = {
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "from": "09:00",
    "until": "18:00",
    "note": {"ko": "점심시간은 쉽니다.", "en": "It is closed at lunch."},
    "source": "a-made-up-source",
    "as_of": "2026-01-05",
}
HOURS = OfficeHours.model_validate(WRITTEN)
OPEN = {"ko": "문의 창구는 오늘 18:00까지 엽니다.", "en": "The office is open today until 18:00."}
KO, EN = "지금은 문의 창구가 닫혀 있습니다. ", "The office is closed now. "
LATER_TODAY = {"ko": f"{KO}오늘 09:00에 엽니다.", "en": f"{EN}It opens today at 09:00."}
ON_TUESDAY = {"ko": f"{KO}다음에는 화요일 09:00에 엽니다.", "en": f"{EN}It opens next on Tuesday at 09:00."}
ON_MONDAY = {"ko": f"{KO}다음에는 월요일 09:00에 엽니다.", "en": f"{EN}It opens next on Monday at 09:00."}


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=zone())


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-03-09 00:00", LATER_TODAY),
        ("2026-03-09 08:59:59", LATER_TODAY),
        ("2026-03-09 09:00", OPEN),
        ("2026-03-09 12:30", OPEN),
        ("2026-03-09 17:59:59", OPEN),
        ("2026-03-09 18:00", ON_TUESDAY),
        ("2026-03-13 17:59", OPEN),
        ("2026-03-13 18:00", ON_MONDAY),
        ("2026-03-14 12:00", ON_MONDAY),
        ("2026-03-15 23:59", ON_MONDAY),
    ],
)
def test_the_hours_are_told_to_the_minute(moment: str, said: dict[Lang, str], lang: Lang) -> None:
    assert hours_said(HOURS, at(moment), lang).startswith(f"{said[lang]} {WRITTEN['note'][lang]}\n")


def test_the_hours_are_those_of_the_citys_clock() -> None:
    assert hours_said(HOURS, datetime.fromisoformat("2026-03-09T00:00+00:00"), "en").startswith(OPEN["en"])


def test_an_office_that_opens_once_a_week_opens_next_week() -> None:
    mondays = OfficeHours.model_validate({**WRITTEN, "days": ["mon"]})
    assert hours_said(mondays, at("2026-03-09 18:00"), "ko").startswith(ON_MONDAY["ko"])


def test_on_a_public_holiday_the_office_is_closed_unless_it_says_otherwise() -> None:
    liberation_day_kept_on_monday = at("2026-08-17 10:00")
    assert hours_said(HOURS, liberation_day_kept_on_monday, "ko").startswith(ON_TUESDAY["ko"])
    always = OfficeHours.model_validate({**WRITTEN, "on_holidays": True})
    assert hours_said(always, liberation_day_kept_on_monday, "ko").startswith(OPEN["ko"])


def test_the_hours_are_dated() -> None:
    dated = {
        "ko": "운영 시간은 2026년 1월 5일 기준입니다.",
        "en": "The hours are as of 5 January 2026.",
    }
    for lang, line in dated.items():
        assert hours_said(HOURS, at("2026-03-09 10:00"), lang).endswith(f"\n{line}")  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_who_asks_for_a_person_is_told_them_and_nobody_else_is(
    city: City, lang: Lang, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = the_city().model_copy(update={"office_hours": HOURS})
    monkeypatch.setattr("flows.answering.talk.city", lambda: elsewhere)  # another city's content
    mina = city.citizen(lang)
    city.clock.set("2026-03-14 12:00")
    answer = await mina.press("human_handoff")
    assert ON_MONDAY[lang] in answer.text
    assert answer["replies"][0]["topic"] == "contact"
    assert ON_MONDAY[lang] not in (await mina.press("ask:contact")).text
    city.clock.set("2026-03-09 09:00")
    assert OPEN[lang] in (await mina.say("/contact")).text


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_hours_that_no_source_gives_are_said_to_be_unknown(city: City, lang: Lang) -> None:
    """All that is known of Gwangju's is what the topic says, with its date."""
    assert the_city().office_hours is None
    known = read_topics()["contact"].when
    assert known
    text = (await city.citizen(lang).press("human_handoff")).text
    assert known.of(lang).strip() in text
    assert {"ko": "지금의 운영 시간은 확인하지 못했습니다", "en": "could not confirm its opening hours"}[lang] in text
    assert OPEN[lang][:12] not in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": []},
        {"days": ["monday"]},
        {"until": 1080},  # 18:00 without quotes
        {"until": "24:00"},
        {"until": "18:00:30"},
        {"until": "09:00"},
        {"from": "9"},
        {"note": {"ko": "점심시간은 쉽니다."}},
        {"as_of": "2026-02-30"},
        {"lunch": "12:00"},
    ],
    ids=str,
)
def test_hours_that_are_not_whole_do_not_load(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OfficeHours.model_validate({**WRITTEN, **wrong})


def test_hours_need_a_source_that_the_answer_names() -> None:
    found, codes = read_folder(HERE), {planned.code for planned in read_plan()}
    assert dead_links(found, first=(), codes=codes, hours=HOURS) == [
        "city.yml: office_hours: contact.yml does not cite their source a-made-up-source"
    ]
    cited = HOURS.model_copy(update={"source": found.topics["contact"].sources[0]})
    assert dead_links(found, first=(), codes=codes, hours=cited) == []
