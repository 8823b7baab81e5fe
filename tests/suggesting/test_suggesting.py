"""The suggestion dialogue, from the first word to the receipt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from flows.masking import mask
from flows.store.tables.citizens import CitizenRow
from flows.suggesting import read_receipt
from flows.suggesting.dialogue import CONTEST, READERS, REPLY, carries_suggestion
from flows.suggesting.receipts import ALPHABET, new_receipt
from tests.city import City

WORDS = "버스 정류장에 그늘막을 늘려 주세요"


async def test_text_theme_confirm_receipt(city: City) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    place = await mina.say(WORDS)
    assert "submit_suggestion:theme:transport" in place.choices
    assert "submit_suggestion:commitment:KRGNJ0001" in place.choices
    confirm = await mina.press("submit_suggestion:theme:transport")
    assert WORDS in confirm.text
    assert "교통" in confirm.text
    assert await city.scalar("SELECT count(*) FROM suggestions") == 0, "nothing is kept before the consent"
    done = await mina.press("submit_suggestion:confirm")
    assert "접수번호" in done.text
    assert await city.scalar("SELECT theme FROM suggestions") == "transport"


async def test_a_question_in_between_is_answered_and_the_draft_waits(city: City) -> None:
    city.rasa.means("그런데 OGP가 뭐예요?", "ask_ogp")
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    between = await mina.say("그런데 OGP가 뭐예요?")
    assert between["replies"][0]["topic"] == "ogp"
    assert "submit_suggestion:resume" in between.choices
    assert "submit_suggestion:skip" in (await mina.press("submit_suggestion:resume")).choices
    assert WORDS in (await mina.press("submit_suggestion:skip")).text


async def test_a_suggestion_that_sounds_like_a_topic_is_still_taken(city: City) -> None:
    city.rasa.means("학교 옥상마다 태양광을 달아 주세요", "ask_renewable_energy")
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    assert "submit_suggestion:skip" in (await mina.say("학교 옥상마다 태양광을 달아 주세요")).choices


SKIP, PLACE, NAME = (f"!submit_suggestion:{part}" for part in ("skip", "place", "name"))


@pytest.mark.parametrize("steps", [[], [WORDS], [WORDS, SKIP], [WORDS, SKIP, PLACE], [WORDS, SKIP, NAME]])
@pytest.mark.parametrize("word", ["취소", "cancel", "/cancel", "처음", "!submit_suggestion:cancel"])
async def test_it_can_be_cancelled_at_every_step(city: City, steps: list[str], word: str) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    for step in [*steps, word]:
        answer = await (mina.press(step[1:]) if step.startswith("!") else mina.say(step))
    assert "submit_suggestion:start" not in answer.choices
    after = await mina.press("submit_suggestion:confirm")
    assert "submit_suggestion:start" in after.choices, "no draft is left to confirm"
    assert await city.scalar("SELECT count(*) FROM suggestions") == 0


@pytest.mark.parametrize("step", READERS)
async def test_each_step_there_is_can_be_cancelled_and_asks_again_what_it_asked(city: City, step: str) -> None:
    """Whatever step is added: put there, not walked to."""
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    draft = {"receipt": receipt} if step in (CONTEST, REPLY) else {"text": f"{WORDS} 2"}
    for leave in ("submit_suggestion:resume", "submit_suggestion:cancel"):
        async with city.damso.db.transaction() as tx:
            await tx.execute(update(CitizenRow).values(step={"waits_for": step, "draft": draft}))
        answer = await mina.press(leave)
        assert ("submit_suggestion:cancel" in answer.choices) is leave.endswith("resume")
    assert await city.scalar("SELECT step FROM citizens") is None
    assert await city.scalar("SELECT count(*) FROM suggestions") == 1


async def test_personal_data_is_masked_before_it_is_stored(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest("그늘막을 늘려 주세요. 연락은 010-1234-5678, mina@example.org 로 주세요")
    stored = await city.scalar(f"SELECT text FROM suggestions WHERE receipt = '{receipt}'")
    assert "1234" not in stored
    assert "mina" not in stored
    step = await city.scalar("SELECT count(*) FROM citizens WHERE step::text LIKE '%1234%'")
    assert step == 0


async def test_words_that_hold_the_suggestion_begin_with_it(city: City) -> None:
    city.rasa.means("골목마다 나무를 더 심어 주셨으면 합니다 건의드려요", "submit_suggestion")
    answer = await city.citizen().say("골목마다 나무를 더 심어 주셨으면 합니다 건의드려요")
    assert "submit_suggestion:skip" in answer.choices


async def test_status_by_receipt_shows_the_state_and_not_the_text(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    stranger = await city.citizen().say(receipt.lower().replace("-", " "))
    assert "접수" in stranger.text
    assert WORDS not in stranger.text
    assert not any("withdraw" in choice for choice in stranger.choices)
    published = (await city.http.get(f"/api/suggestions/{receipt}")).json()
    assert published["status"] == "received"
    assert published["text"] is None


async def test_a_suggestion_has_the_language_of_its_text_whatever_is_spoken_when_it_is_sent(city: City) -> None:
    city.rasa.means("네", "affirm")
    mina = city.citizen("en")
    await mina.press("submit_suggestion:start")
    await mina.say("More trees along the stream, please")
    await mina.press("submit_suggestion:skip")
    await mina.say("네")
    assert await city.scalar("SELECT lang FROM suggestions") == "en"
    receipt = await city.scalar("SELECT receipt FROM suggestions")
    await mina.press(f"edit_suggestion:{receipt}")
    await mina.say("하천을 따라 나무를 더 심어 주세요")
    await mina.press("submit_suggestion:confirm")
    assert await city.scalar("SELECT lang FROM suggestions") == "ko"


@pytest.mark.parametrize("words", [".........", "ㅋ...!!!", "🌳🌳🌳🌳🌳🌳"])
async def test_marks_without_words_are_no_suggestion(city: City, words: str) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    assert (await mina.say(words)).choices == ["submit_suggestion:cancel"]


async def test_a_receipt_that_could_be_hangul_on_english_keys_is_a_receipt(city: City) -> None:
    assert (await city.citizen().say("gj rptj eptn")).intent == "suggestion_status"


async def test_its_author_reads_what_is_not_public_yet(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    assert WORDS in (await mina.press(f"suggestion_status:{receipt}")).text


async def test_the_author_changes_and_withdraws(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    await mina.press(f"edit_suggestion:{receipt}")
    await mina.say("지하철역에 그늘막을 늘려 주세요")
    await mina.press("submit_suggestion:confirm")
    assert await city.scalar("SELECT text FROM suggestions") == "지하철역에 그늘막을 늘려 주세요"
    await mina.press(f"withdraw_suggestion:{receipt}:confirm")
    assert await city.scalar("SELECT status FROM suggestions") == "withdrawn"
    assert "이미 철회하신 제안입니다" in (await mina.press(f"withdraw_suggestion:{receipt}:confirm")).text


async def test_nobody_withdraws_for_somebody_else(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    jun = city.citizen()
    response = await city.http.post("/api/chat", json={"choice": f"withdraw_suggestion:{receipt}:confirm"})
    assert response.status_code == 422
    await jun.press("menu")
    assert await city.scalar("SELECT status FROM suggestions") == "received"


async def test_sending_the_same_words_twice_gives_the_first_receipt(city: City) -> None:
    mina = city.citizen()
    assert await mina.suggest(WORDS) == await mina.suggest(WORDS)


@pytest.mark.parametrize("words", ["짧음", "가" * 2_001])
async def test_too_short_or_too_long_is_said_and_asked_again(city: City, words: str) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    refused = await mina.say(words)
    assert "자" in refused.text
    assert "submit_suggestion:skip" in (await mina.say(WORDS)).choices


async def test_forgetting_takes_back_what_was_not_answered(city: City) -> None:
    mina = city.citizen()
    await mina.suggest(WORDS)
    await mina.press("forget_me:confirm")
    assert await city.scalar("SELECT count(*) FROM citizens") == 0
    assert await city.scalar("SELECT text || status FROM suggestions") == "withdrawn"


@given(st.text(ALPHABET, min_size=8, max_size=8))
def test_a_receipt_is_read_however_it_is_spaced(drawn: str) -> None:
    receipt = f"GJ-{drawn[:4]}-{drawn[4:]}"
    assert read_receipt(f" gj {drawn[:4].lower()} {drawn[4:]} ") == receipt
    assert read_receipt(drawn) == receipt


def test_receipts_do_not_follow_one_another() -> None:
    drawn = {new_receipt() for _ in range(1_000)}
    assert len(drawn) == 1_000
    assert all(read_receipt(receipt) == receipt for receipt in drawn)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("주민번호 900101-1234567", "주민번호 ●●●●●●-●●●●●●●"),
        ("전화 010 1234 5678", "전화 ●●●-●●●●-●●●●"),
        ("062-613-2114로 전화", "●●●-●●●●-●●●●로 전화"),
        ("+82 10-1234-5678", "●●●-●●●●-●●●●"),
        ("a.b@city.go.kr 로", "●●●@●●● 로"),
        ("카드 1234-5678-9012-3456", "카드 ●●●●-●●●●-●●●●-●●●●"),
        ("계좌 110-123-456789", "계좌 ●●●-●●-●●●●●●"),
        ("2045년까지 45% 감축", "2045년까지 45% 감축"),
        ("2021-07-30에 제출", "2021-07-30에 제출"),
        ("3조 6,341억 원", "3조 6,341억 원"),
    ],
)
def test_masking(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    ("text", "carries"),
    [
        ("제안하고 싶어요", False),
        ("제안을 하나 올리려고 합니다", False),
        ("시에 건의드릴 게 한 가지 있어요", False),
        ("건의사항 있어요", False),
        ("I want to make a suggestion", False),
        ("how do i submit an idea?", False),
        ("우리 동네에 자전거 보관대 늘려 주세요 건의합니다", True),
        ("시청에 나무 한 그루 심어 주세요", True),
        ("I suggest that every school gets solar panels", True),
    ],
)
def test_whether_words_hold_the_suggestion_itself(text: str, carries: bool) -> None:
    assert carries_suggestion(text) is carries


def test_a_receipt_whose_letters_begin_like_the_prefix_is_read() -> None:
    assert read_receipt("hey there") is read_receipt("xxxxxxxx") is None
    assert read_receipt("HEYT-HERE") == read_receipt("gj heyt here") == "GJ-HEYT-HERE"
    assert read_receipt("GJ222222") == read_receipt("GJ-GJ22-2222") == "GJ-GJ22-2222"


@pytest.mark.parametrize(
    "text",
    [
        "I want to suggest free umbrellas at bus stops",
        "We propose more benches along the Gwangjucheon",
        "버스 정류장에 빌려 쓰는 우산을 두자고 제안합니다.",
    ],
)
async def test_words_that_open_like_a_suggestion_are_one_when_the_model_is_not_sure(city: City, text: str) -> None:
    mina = city.citizen("en")
    answer = await mina.say(text)
    assert answer.intent == "submit_suggestion"
    await mina.press("submit_suggestion:skip")
    await mina.press("submit_suggestion:confirm")
    assert await city.scalar("SELECT text FROM suggestions") == text


async def test_a_question_about_suggesting_opens_none(city: City) -> None:
    assert (await city.citizen("en").say("Who may suggest free umbrellas at bus stops?")).intent == "nlu_fallback"
