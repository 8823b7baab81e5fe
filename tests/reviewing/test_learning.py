"""Staff say what a question meant that the bot was not sure of; what an editor accepts is learnt."""

import re
from datetime import UTC, datetime
from itertools import count

import pytest

from flows import answering
from flows.accounts import Role
from flows.answering import Group, QuestionState
from flows.answering.learning import ALIKE, Question, group, letter_runs
from flows.wording import Lang
from tests.city import City, StaffBrowser

ASKED = "자전거 대여소는 어디에 있나요"
ALSO = "자전거 대여소 어디에 있나요?"
OTHER = "오늘 저녁에 비가 오나요"


async def ask(city: City, *words: str, lang: str = "ko", guess: str = "ask_transport", sure: float = 0.15) -> None:
    for text in words:
        city.rasa.means(text, guess, sure)
        await city.citizen(lang).say(text)


async def send(staff: StaffBrowser, to: str, ids: str | list[str], **form: str) -> int:
    data = {"csrf": await staff.csrf(), "ids": ids, **form}
    response = await staff.http.post(f"/staff/questions/{to}", data=data)
    return response.status_code


async def ids(city: City, words: str) -> str:
    return str(await city.scalar(f"SELECT string_agg(id::text, ',') FROM unanswered WHERE text = '{words}'"))


async def examples(city: City) -> list[tuple[Lang, str, str]]:
    async with city.damso.db.transaction() as tx:
        return await answering.accepted_examples(tx)


async def test_questions_that_are_alike_stand_together_with_the_best_guess(city: City) -> None:
    await ask(city, ASKED, ALSO, ASKED)
    await ask(city, OTHER)
    await ask(city, "Where can I rent a bicycle?", lang="en")
    staff = await city.staff(Role.REVIEWER)
    page = (await staff.get("/staff/questions", lang="en")).text
    assert page.count("<section") == 3
    first = page.split("<section")[1]
    assert "asked 3 times" in first
    assert ASKED in first
    assert ALSO in first
    assert "(15 %)" in first
    assert "2026-03-02" in first


async def test_a_reviewer_proposes_and_an_editor_accepts(city: City) -> None:
    await ask(city, ASKED, ALSO, OTHER)
    reviewer, editor = await city.staff(Role.REVIEWER, "r@example.org"), await city.staff(Role.EDITOR, "e@example.org")
    both = [await ids(city, ASKED), await ids(city, ALSO)]
    assert await send(reviewer, "label", both, intent="ask_transport", act="label") == 303
    assert await send(reviewer, "decide", both, act="accept") == 403
    waiting = (await reviewer.get("/staff/questions", part="proposed", lang="en")).text
    assert ASKED in waiting
    assert "r@example.org" in waiting
    assert 'value="accept"' not in waiting, "a reviewer is offered what they may not do"
    assert await examples(city) == []

    assert 'value="accept"' in (await editor.get("/staff/questions", part="proposed")).text
    assert await send(editor, "decide", both, act="accept") == 303
    assert await examples(city) == [("ko", "ask_transport", ALSO), ("ko", "ask_transport", ASKED)]
    assert OTHER in (await editor.get("/staff/questions")).text
    assert await city.scalar("SELECT string_agg(action, ' ' ORDER BY id) FROM audit") == (
        "question.labelled question.accepted"
    )


async def test_out_of_scope_is_a_label_too(city: City) -> None:
    await ask(city, OTHER)
    editor = await city.staff(Role.EDITOR)
    assert "out_of_scope" in (await editor.get("/staff/questions")).text
    assert await send(editor, "label", await ids(city, OTHER), intent="out_of_scope", act="label") == 303
    assert await send(editor, "decide", await ids(city, OTHER), act="accept") == 303
    assert await examples(city) == [("ko", "out_of_scope", OTHER)]


async def test_what_is_rejected_or_taken_back_can_be_labelled_anew(city: City) -> None:
    await ask(city, ASKED)
    editor, it = await city.staff(Role.EDITOR), await ids(city, ASKED)
    await send(editor, "label", it, intent="ask_contact", act="label")
    assert await send(editor, "decide", it, act="reject") == 303
    assert "Rejected before" in (await editor.get("/staff/questions", lang="en")).text
    await send(editor, "label", it, intent="ask_transport", act="label")
    await send(editor, "decide", it, act="accept")
    assert await send(editor, "decide", it, act="reject", part="accepted") == 303
    assert await examples(city) == []
    assert await send(editor, "label", it, intent="greet", act="label") == 303


async def test_what_is_set_aside_is_not_shown_again(city: City) -> None:
    await ask(city, ASKED)
    staff = await city.staff(Role.REVIEWER)
    assert await send(staff, "label", await ids(city, ASKED), act="dismiss") == 303
    for part in ("open", "proposed", "accepted"):
        assert ASKED not in (await staff.get("/staff/questions", part=part)).text


async def test_the_second_of_two_is_told_and_overwrites_nothing(city: City) -> None:
    await ask(city, ASKED, ALSO)
    staff, one, two = await city.staff(), await ids(city, ASKED), await ids(city, ALSO)
    assert await send(staff, "label", one, intent="ask_transport", act="label") == 303
    assert await send(staff, "label", [one, two], intent="ask_contact", act="label") == 409
    assert await city.scalar(f"SELECT state FROM unanswered WHERE id = {two}") == "open", "half of a form was saved"
    assert await city.scalar(f"SELECT intent FROM unanswered WHERE id = {one}") == "ask_transport"
    assert await send(staff, "decide", two, act="accept") == 409


@pytest.mark.parametrize(
    "form",
    [
        {"act": "label", "intent": ""},
        {"act": "label", "intent": "no_such_intent"},
        {"act": "label", "intent": "greet", "ids": ""},
        {"act": "label", "intent": "greet", "ids": "x,-1,9999999999999999999"},
        {"act": "dance", "intent": "greet"},
    ],
)
async def test_a_form_that_makes_no_sense_changes_nothing(city: City, form: dict[str, str]) -> None:
    await ask(city, ASKED)
    staff = await city.staff()
    form = {"ids": await ids(city, ASKED)} | form
    assert await send(staff, "label", form.pop("ids"), **form) == 422
    assert await city.scalar("SELECT state FROM unanswered") == "open"


async def test_personal_data_in_a_question_stays_covered(city: City) -> None:
    await ask(city, "제 번호 010-1234-5678로 자전거 소식 주세요")
    page = (await (await city.staff()).get("/staff/questions")).text
    assert "자전거 소식" in page
    assert "1234-5678" not in page
    columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'unanswered'"
    assert await city.scalar(columns + " AND column_name LIKE '%citizen%'") == 0


async def test_the_clock_drops_what_nobody_labelled_in_half_a_year(city: City) -> None:
    await ask(city, ASKED, OTHER, "세 번째 질문이에요", "네 번째 물음입니다")
    staff = await city.staff()
    await send(staff, "label", await ids(city, ASKED), intent="ask_transport", act="label")
    await send(staff, "decide", await ids(city, ASKED), act="accept")
    await send(staff, "label", await ids(city, "네 번째 물음입니다"), act="dismiss")
    city.clock.forward(days=179)
    await city.work_until_idle()
    assert await city.scalar("SELECT count(*) FROM unanswered") == 4
    city.clock.forward(days=2)
    await city.work_until_idle()
    assert await city.scalar("SELECT count(*) FROM unanswered") == 1
    assert len(await examples(city)) == 1


async def test_who_left_stays_in_the_history(city: City) -> None:
    await ask(city, ASKED)
    staff = await city.staff(email="kim@example.org")
    await send(staff, "label", await ids(city, ASKED), intent="ask_transport", act="label")
    lee = await city.staff(email="lee@example.org")
    kim = await city.scalar("SELECT id FROM staff WHERE email = 'kim@example.org'")
    assert (await lee.post(f"/staff/accounts/{kim}", act="leave")).status_code == 303
    assert "kim@example.org" in (await lee.get("/staff/questions", part="proposed")).text


async def test_the_page_has_a_name_for_every_guess(city: City) -> None:
    staff = await city.staff()
    await ask(city, ASKED, guess="bot_identity")
    page = (await staff.get("/staff/questions", lang="en")).text
    assert re.search(r"best guess: Who or what the bot is", page)


# --- the grouping, by itself -----------------------------------------------------------------------------------------

_ids = count(1)


def question(text: str, lang: Lang = "ko", intent: str | None = None) -> Question:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Question(next(_ids), lang, text, None, 0.0, at, QuestionState.OPEN, intent, None)


def texts(groups: list[Group]) -> list[list[str]]:
    return [[q.text for q in g.questions] for g in groups]


def test_every_question_is_in_just_one_group() -> None:
    asked = [question(t) for t in (ASKED, OTHER, ALSO, "ㅋㅋ", "?", "!", "", "ok", ASKED)]
    grouped = group(asked)
    assert sorted(q.id for g in grouped for q in g.questions) == [q.id for q in asked]
    assert [ASKED, ALSO, ASKED] in texts(grouped)


def test_language_and_label_keep_questions_apart() -> None:
    asked = [question("bus", "ko"), question("bus", "en"), question("bus", "en", "ask_transport")]
    assert len(group(asked)) == 3


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("탄소중립 언제 되나요", "탄소 중립은 언제 되나요?", True),
        ("When is the next meeting?", "when is the next meeting", True),
        ("When is the next meeting?", "Where do I pay my fine?", False),
        ("버스 노선이 궁금해요", "기후 예산이 궁금해요", False),
    ],
)
def test_what_counts_as_alike(one: str, other: str, alike: bool) -> None:
    a, b = letter_runs(one), letter_runs(other)
    assert (len(a & b) / len(a | b) >= ALIKE) is alike
