"""Asking the author, the clock of staff, merging, a second reader, other eyes, links."""

import pytest

from flows.accounts import Role
from tests.city import City
from tests.reviewing.desk import EN, KO, WORDS, act, decide, status, told, with_rules


async def due(city: City) -> str:
    """The last day that is in time, as the console says it in digits."""
    last = "SELECT (due_at AT TIME ZONE 'Asia/Seoul' - interval '1 second')::date FROM suggestions"
    return str(await city.scalar(last))


async def test_asking_the_author_stops_the_clock_of_staff(city: City) -> None:
    mina = city.citizen("en")
    receipt = await mina.suggest("Please add shade at the bus stops")
    assert await due(city) == "2026-03-20", "14 working days after Monday, 2 March, are over on the 20th"
    city.clock.set("2026-03-13 10:00")  # 5 working days are left
    staff = await city.staff(Role.REVIEWER)
    assert (await act(city, staff, receipt, "ask", question="Which stop do you mean?")).status_code == 303
    assert await status(city, receipt) == "author_asked"
    assert await due(city) == "2026-03-27"
    (asked,) = await told(city, mina)
    assert "Which stop do you mean?" in asked and "27 March 2026" in asked
    city.clock.set("2026-03-23 10:00")
    await mina.press(f"reply:{receipt}")
    await mina.say("The one in front of the library")
    assert await status(city, receipt) == "in_review"
    assert await due(city) == "2026-03-30", "the five days that were left, from the day of the reply on"
    await staff.sign_in()
    assert "in front of the library" in (await staff.get(f"/staff/suggestions/{receipt}")).text


async def test_who_does_not_reply_is_not_waited_for(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    staff = await city.staff()
    await act(city, staff, receipt, "ask", question="어느 정류장인가요?")
    city.clock.set("2026-03-17 00:00")
    await city.work_until_idle()
    assert await status(city, receipt) == "in_review"


async def test_a_question_that_is_none_is_not_asked(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    staff = await city.staff()
    for question in ("", "   ", "가" * 1_001):
        assert (await act(city, staff, receipt, "ask", question=question)).status_code == 422
    await decide(city, staff, receipt, "accepted")
    assert (await act(city, staff, receipt, "ask", question="왜요?")).status_code == 409
    assert len(await told(city, mina)) == 1


async def test_a_merged_suggestion_takes_its_supporters_along(city: City) -> None:
    mina, jisu, bora = city.citizen(), city.citizen("en"), city.citizen()
    twin, first = await mina.suggest(WORDS), await jisu.suggest("Please add shade at the bus stops")
    staff = await city.staff()
    for receipt in (twin, first):
        await act(city, staff, receipt, "publish")
        await bora.press(f"support:{receipt}")
    assert (await act(city, staff, twin, "merge", target=first)).status_code == 303
    assert await status(city, twin) == "merged"
    assert await city.scalar(f"SELECT supports FROM suggestions WHERE receipt = '{first}'") == 2, "Bora once, and Mina"
    for who in (mina, bora):
        assert first in (await told(city, who))[-1]
    assert first in (await staff.get(f"/staff/suggestions/{twin}")).text
    assert twin in (await staff.get(f"/staff/suggestions/{first}")).text
    third = await bora.suggest("정류장 그늘막")
    await act(city, staff, third, "merge", target=twin)
    assert first in (await staff.get(f"/staff/suggestions/{third}")).text, "a chain is followed to its end"
    await decide(city, staff, first, "accepted")
    assert KO in (await told(city, mina))[-1], "who supports is told"


async def test_merging_refuses_what_cannot_go_on(city: City) -> None:
    mina = city.citizen()
    one, two, gone = [await mina.suggest(f"{WORDS} {n}") for n in (1, 2, 3)]
    staff = await city.staff()
    await mina.press(f"withdraw_suggestion:{gone}:confirm")
    await act(city, staff, one, "merge", target=two)
    for wrong in ("", "nonsense", "GJ-7K3M-9PQ2", one, two, gone):
        assert (await act(city, staff, two, "merge", target=wrong)).status_code == 422, wrong
    assert await status(city, two) == "received"


async def test_with_a_second_reader_nothing_is_sent_before_they_agree(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_rules(monkeypatch, second_reader=True)
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    await decide(city, kim, receipt, "accepted")
    assert await status(city, receipt) == "received"
    assert KO in (await lee.get(f"/staff/suggestions/{receipt}")).text
    at = (await proposed_at(city)).isoformat()
    assert (await act(city, kim, receipt, "approve", proposed_at=at)).status_code == 403, "not one's own"
    other = await act(city, lee, receipt, "decide", to="declined", answer_ko=KO, answer_en=EN)
    assert other.status_code == 409, "one decision at a time"
    assert await told(city, mina) == []
    assert (await act(city, lee, receipt, "approve", proposed_at=at)).status_code == 303
    assert await status(city, receipt) == "accepted"
    assert len(await told(city, mina)) == 1
    await decide(city, kim, receipt, "accepted", ko="고친 답변입니다.")
    assert await city.scalar("SELECT answer_ko FROM suggestions") == KO, "a correction is read by a second person, too"


async def test_a_second_reader_may_send_it_back_and_what_changed_is_not_approved(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_rules(monkeypatch, second_reader=True)
    receipt = await city.citizen().suggest(WORDS)
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    await decide(city, kim, receipt, "accepted")
    at = (await proposed_at(city)).isoformat()
    assert (await act(city, lee, receipt, "send_back", proposed_at=at)).status_code == 422, "with a note"
    await act(city, lee, receipt, "send_back", proposed_at=at, note="영어가 다릅니다")
    assert "영어가 다릅니다" in (await kim.get(f"/staff/suggestions/{receipt}")).text
    await decide(city, kim, receipt, "accepted")
    at = (await proposed_at(city)).isoformat()
    await act(city, lee, receipt, "translate", translation="More shade")
    assert (await act(city, lee, receipt, "approve", proposed_at=at)).status_code == 409
    assert await status(city, receipt) == "received"


async def test_a_contested_decision_is_for_other_eyes(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    kim = await city.staff(Role.REVIEWER, email="kim@example.org")
    await decide(city, kim, receipt, "declined")
    await mina.press(f"contest:{receipt}")
    await mina.say("다른 구에는 이미 있어요")
    assert await status(city, receipt) == "in_review"
    page = (await kim.get(f"/staff/suggestions/{receipt}", lang="en")).text
    assert "Nobody else can look at it at present, so you may." in page
    lee = await city.staff(Role.REVIEWER, email="lee@example.org")
    page = (await kim.get(f"/staff/suggestions/{receipt}", lang="en")).text
    assert "A colleague has to look at it." in page
    refused = await act(city, kim, receipt, "decide", to="declined", answer_ko=KO, answer_en=EN)
    assert refused.status_code == 403
    await decide(city, lee, receipt, "accepted")
    assert await status(city, receipt) == "accepted"


async def test_links_stand_in_the_history_and_are_told(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    editor = await city.staff(Role.EDITOR)
    await decide(city, editor, receipt, "accepted")
    form = {"ko": "그늘막 100개", "en": "A hundred shades", "due": "2026-05-01"}
    await editor.post("/staff/commitments/KRGNJ0001/milestones", **form)
    to = f"milestone:{await city.scalar('SELECT id FROM milestones')}"
    assert (await act(city, editor, receipt, "link", link=to)).status_code == 303
    assert (await act(city, editor, receipt, "link", link=to)).status_code == 409, "once is enough"
    for wrong in ("", "milestone:99", "update:1", "nonsense"):
        assert (await act(city, editor, receipt, "link", link=wrong)).status_code == 422
    assert len(await told(city, mina)) == 1
    shown = {"shows_ko": "사진", "shows_en": "Photo", "dated": "2026-03-02", "url": "https://example.org/shades"}
    await editor.post("/staff/evidence", code="KRGNJ0001", number="1", **shown)
    await editor.post("/staff/commitments/KRGNJ0001/milestones/1", act="state", state="complete")
    assert "그늘막 100개" in (await told(city, mina))[-1]
    link = str(await city.scalar("SELECT id FROM suggestion_links"))
    await act(city, editor, receipt, "unlink", link=link)
    assert await city.scalar("SELECT count(*) FROM suggestion_links") == 0
    await act(city, editor, receipt, "commitment", link="KRGNJ0002")
    assert await city.scalar("SELECT commitment FROM suggestions") == "KRGNJ0002"


async def proposed_at(city: City):  # type: ignore[no-untyped-def]  # a datetime
    return await city.scalar("SELECT at FROM proposed_decisions")
