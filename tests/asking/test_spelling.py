"""What people type is read as they meant it: on the wrong keyboard layout, in other widths, with look-alike letters."""

import unicodedata

import pytest

from flows.messages import clean
from flows.spelling import as_meant
from tests.city import City


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rlgnqusghk", "기후변화"),
        ("dkssud", "안녕"),
        ("dksldy", "아니요"),
        ("dkffla tlscjd", "알림 신청"),
        ("2030 rkacnr ahrvy", "2030 감축 목표"),
        ("rhkdwnsms djswp rkdlqgoTdjdy?", "광주는 언제 가입했어요?"),
    ],
)
def test_korean_typed_on_the_english_layout_is_read_as_korean(typed: str, meant: str) -> None:
    assert as_meant(typed) == meant


@pytest.mark.parametrize(
    "english",
    [
        "when",
        "so when?",
        "who then",
        "tysm",
        "swich to englsh",
        "what is net zero",
        "thx",
        "KRGNJ0001",
        "GJ-7K3M-9PQ2",
        "RE100",
        "/start follow-KRGNJ0001",
        "https://www.gwangju.go.kr",
        "sdkfjhsdkjfh",
        "OGP가 뭐예요",
        "",
    ],
)
def test_english_codes_and_links_stay_as_they_are(english: str) -> None:
    assert as_meant(english) == english


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("ｎｅｔ ｚｅｒｏ　２０４５", "net zero 2045", id="full width"),
        pytest.param("Whаt is ОGP", "What is OGP", id="Cyrillic letters in Latin words"),
        pytest.param("Привет", "Привет", id="a word of another alphabet is let alone"),
    ],
)
def test_one_width_and_one_alphabet(typed: str, meant: str) -> None:
    assert as_meant(typed) == meant


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param(unicodedata.normalize("NFD", "기후변화"), "기후변화", id="Hangul in pieces, as macOS sends it"),
        pytest.param("ᄀ\u200dᅵ후", "기후", id="a joiner between the pieces"),
        pytest.param("net\u202e zero\u200f", "net zero", id="marks of direction"),
        pytest.param("탄\u200b소\ufeff중립", "탄소중립", id="zero-width blanks"),
        pytest.param("\x07RE\x1b100\x00", "RE100", id="control characters"),
        pytest.param("\ud800안녕", "안녕", id="half a character"),
        pytest.param("첫째 줄\r\n둘째\t줄", "첫째 줄\n둘째\t줄", id="line ends and tabs stay"),
        pytest.param("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧", id="a family of emoji stays one"),
        pytest.param("ㅋㅋㅋ", "ㅋㅋㅋ", id="letters typed alone stay"),
    ],
)
def test_nothing_unseen_is_kept(sent: str, kept: str) -> None:
    assert clean(sent) == kept


async def test_a_question_on_the_wrong_layout_is_answered_in_korean(city: City) -> None:
    city.rasa.means("탄소중립 포인트", "ask_carbon_points")
    answer = await city.citizen("en").say("xksthwndflq vhdlsxm")
    assert answer["lang"] == "ko"
    assert answer["replies"][0]["topic"] == "carbon_points"


async def test_a_question_in_pieces_with_marks_in_it_is_understood(city: City) -> None:
    city.rasa.means("기후변화가 뭐예요", "ask_why_climate_action")
    sent = unicodedata.normalize("NFD", "기후\u200b변화가 \u202e뭐예요\u202c")
    assert (await city.citizen().say(sent))["replies"][0]["topic"] == "why_climate_action"
