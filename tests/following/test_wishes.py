"""What people's own words ask of their alerts, in both languages."""

from datetime import date, time

import pytest

from flows.subscribing.quiet import Quiet
from flows.subscribing.reading import (
    NO_WISHES,
    Wishes,
    orders_to_follow,
    read_pause,
    read_wishes,
    read_zone,
    stops_everything,
    undoes,
)
from flows.subscribing.rows import Frequency

TUESDAY = date(2026, 11, 24)

READ = {
    "매주 월요일 아침 9시에 보내줘": Wishes(weekday=0, clock=time(9)),
    "매주 월요일만 보내줘": Wishes(weekday=0),
    "금요일 저녁 6시 반에 받을래요": Wishes(weekday=4, clock=time(18, 30)),
    "매주 금요일 6시에 보내 주세요": Wishes(weekday=4, clock=time(18)),  # without a half of the day: the decent one
    "월말에 보내줘": Wishes(month_day=31),
    "매달 1일에 보내줘": Wishes(month_day=1),
    "한 달에 한 번, 15일 낮 12시에": Wishes(month_day=15, clock=time(12)),
    "알림은 오후 3시에 보내줘": Wishes(clock=time(15)),
    "다음 주까지 쉬어줘": Wishes(resumes_on=date(2026, 12, 7)),
    "다음 주 월요일까지 알림 꺼줘": Wishes(resumes_on=date(2026, 12, 1)),
    "알림 12월 15일까지 쉬어 주세요": Wishes(resumes_on=date(2026, 12, 16)),
    "1월 3일까지 알림 꺼 줘": Wishes(resumes_on=date(2027, 1, 4)),
    "다음 달 3일까지 알림 꺼줘": Wishes(resumes_on=date(2026, 12, 4)),
    "2주 동안 알림 멈춰줘": Wishes(resumes_on=date(2026, 12, 8)),
    "한 달만 쉬어 주세요": Wishes(resumes_on=date(2026, 12, 24)),
    "내일까지 알림 쉬어 줘": Wishes(resumes_on=date(2026, 11, 26)),
    "알림 잠시 쉬어줘": Wishes(pause=True),
    "2월 31일까지 쉬어 줘": Wishes(pause=True),  # no such day: until when, is asked
    "알림 다시 시작해 주세요": Wishes(resume=True),
    "밤 10시부터 아침 10시까지 보내지 마": Wishes(quiet=Quiet(time(22), time(10))),
    "10시부터 9시까지 울리지 않게 해줘": Wishes(quiet=Quiet(time(22), time(9))),
    "아침 10시 전에는 보내지 마세요": Wishes(quiet=Quiet(time(0), time(10))),
    "저녁 7시 이후에만 보내 주세요": Wishes(quiet=Quiet(time(0), time(19))),
    "오전 9시부터 오후 6시까지만 보내줘": Wishes(quiet=Quiet(time(18), time(9))),
    "방해금지 시간 없애줘": Wishes(no_quiet=True),
    "조용한 시간 없애줘": Wishes(no_quiet=True),
    "조용한 시간은 밤 10시부터 아침 10시까지": Wishes(quiet=Quiet(time(22), time(10))),
    "금요일에만 알려줘": Wishes(weekday=4),
    "일주일에 한 번": Wishes(often=Frequency.WEEKLY),
    "매달 보내 주세요": Wishes(often=Frequency.MONTHLY),
    "바로바로 알려 줘": Wishes(often=Frequency.INSTANT),
    "매일 아침 9시에 보내줘": Wishes(daily=True),
    "매일 밤 10시부터 아침 9시까지 보내지 마": Wishes(quiet=Quiet(time(22), time(9))),
    "주말엔 보내지 마": Wishes(weekends=False),
    "평일에만 보내 주세요": Wishes(weekends=False),
    "주말에도 보내줘": Wishes(weekends=True),
    "알림은 영어로 보내줘": Wishes(lang="en"),
    "나 지금 파리에 살아요 시차 맞춰서 보내줘": Wishes(zone="Europe/Paris"),
    "only on Mondays": Wishes(weekday=0),
    "every Friday at 6 pm": Wishes(weekday=4, clock=time(18)),
    "send them every Thursday at 09:30": Wishes(weekday=3, clock=time(9, 30)),
    "on the first of the month": Wishes(month_day=1),
    "digest on the last day of the month": Wishes(month_day=31),
    "on the 15th": Wishes(month_day=15),
    "pause until 15 December": Wishes(resumes_on=date(2026, 12, 15)),
    "pause alerts until January 3rd": Wishes(resumes_on=date(2027, 1, 3)),
    "pause till next Monday": Wishes(resumes_on=date(2026, 11, 30)),
    "mute alerts for two weeks": Wishes(resumes_on=date(2026, 12, 8)),
    "hold the alerts until the 20th": Wishes(resumes_on=date(2026, 12, 20)),
    "pause": Wishes(pause=True),
    "resume my alerts": Wishes(resume=True),
    "not before 10 am": Wishes(quiet=Quiet(time(0), time(10))),
    "no pings after 7pm": Wishes(quiet=Quiet(time(19), time(8))),
    "don't disturb me from 10pm to 9am": Wishes(quiet=Quiet(time(22), time(9))),
    "quiet between 22:00 and 07:00": Wishes(quiet=Quiet(time(22), time(7))),
    "only between 9 am and 6 pm": Wishes(quiet=Quiet(time(18), time(9))),
    "no quiet hours please": Wishes(no_quiet=True),
    "can you only write to me on Fridays?": Wishes(weekday=4),
    "weekly on Friday at 6 pm": Wishes(weekday=4, clock=time(18)),
    "once a week please": Wishes(often=Frequency.WEEKLY),
    "as it happens": Wishes(often=Frequency.INSTANT),
    "send me a digest every day": Wishes(daily=True),
    "no alerts on weekends": Wishes(weekends=False),
    "switch alerts to English": Wishes(lang="en"),
    "I live in New York, send at my time": Wishes(zone="America/New_York"),
}
NOTHING = (
    "에너지 소식 알려줘",
    "what do I follow?",
    "알림 설정",
    "월요일이나 화요일에 보내줘",  # which?
    "알림 25시에 보내줘",
    "영어로 말해줘",  # of the chat, not of the alerts
    "바로소통광주가 뭐야?",
    "한 달에 한 번 하는 총회",
    "",
)


@pytest.mark.parametrize("words", READ)
def test_what_is_said_is_understood(words: str) -> None:
    assert read_wishes(words, TUESDAY) == READ[words]


@pytest.mark.parametrize("words", NOTHING)
def test_what_is_not_said_or_not_clear_is_not_guessed(words: str) -> None:
    assert read_wishes(words, TUESDAY) == NO_WISHES


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ("stop everything", True),
        ("please stop all alerts", True),
        ("모두 그만", True),
        ("다 끊어줘", True),
        ("알림 전부 꺼줘", True),
        ("stop all of these cars", False),
        ("에너지 알림 꺼줘", False),
        ("다 끊지 마", False),
        ("don't stop everything", False),
    ],
)
def test_stopping_everything_takes_words_that_say_so(words: str, ends: bool) -> None:
    assert stops_everything(words) is ends


def test_an_order_to_follow_and_to_undo_says_nothing_else() -> None:
    orders = (
        "follow the energy platform",
        "에너지 플랫폼 구독할래",
        "교통 분야 소식 받고 싶어요",
        "I'd like to follow this",
    )
    others = ("what follows the plan?", "에너지 소식 알려줘", "구독 해지해 줘", "does the city follow the plan?")
    assert [orders_to_follow(words) for words in orders + others] == [True] * 4 + [False] * 4
    undoing = ("undo", "Undo that, please", "되돌려 줘", "원래대로 해줘")
    others = ("undo the damage to the climate", "되돌릴 수 없는 기후위기", "")
    assert [undoes(words) for words in undoing + others] == [True] * 4 + [False] * 3


def test_short_answers_to_what_was_asked() -> None:
    assert [read_pause(said, TUESDAY) for said in ("2주", "12월 15일", "next Monday", "two weeks", "언젠가")] == [
        date(2026, 12, 8),
        date(2026, 12, 16),
        date(2026, 11, 30),
        date(2026, 12, 8),
        None,
    ]
    assert [read_zone(said) for said in ("뉴욕", "London", "세상 끝")] == ["America/New_York", "Europe/London", None]
