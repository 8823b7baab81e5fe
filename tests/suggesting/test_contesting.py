"""An author contests a decision: once, in time, with a reason; and says later whether it was really carried out."""

import pytest

from flows import reviewing
from flows.city import Both
from flows.city import city as content
from flows.suggesting import Status
from tests.city import City
from tests.suggesting.conftest import Office
from tests.suggesting.test_support import refused

WORDS = "버스 정류장에 그늘막을 늘려 주세요"
REASON = "정류장은 시가 관리하는 곳이라 예산이 없다는 말은 맞지 않아요"
RULES = content().suggestions


async def test_a_decision_is_contested_once_with_a_reason(city: City, office: Office) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    await office.decide(receipt, Status.DECLINED)
    await city.run_jobs()
    (told,) = await mina.inbox()
    assert f"contest:{receipt}" in {choice["value"] for choice in told["choices"]}, "the decision says how to object"
    assert f"contest:{receipt}" in (await mina.press(f"suggestion_status:{receipt}")).choices
    assert "한 번만" in (await mina.press(f"contest:{receipt}")).text
    done = await mina.say(f"{REASON} 010-1234-5678")
    assert "다른 직원이" in done.text
    assert "2026년 3월 20일" in done.text, "14 working days after Monday 2 March"
    assert await city.scalar("SELECT status FROM suggestions") == "in_review"
    kept = await city.scalar("SELECT actor || ': ' || words FROM suggestion_events WHERE kind = 'contested'")
    assert kept == f"author: {REASON} ●●●-●●●●-●●●●"
    await office.decide(receipt, Status.DECLINED)
    await city.run_jobs()
    assert f"contest:{receipt}" not in str((await mina.inbox())[-1]["choices"])
    assert f"contest:{receipt}" not in (await mina.press(f"suggestion_status:{receipt}")).choices
    assert "한 번만" in await refused(city, mina, f"contest:{receipt}")


async def test_it_is_too_late_after_the_days_that_the_city_gives(city: City, office: Office) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    await office.decide(receipt, Status.ACCEPTED)
    city.clock.forward(days=RULES.contested_in_days, minutes=-1)
    await mina.press(f"contest:{receipt}")
    city.clock.forward(minutes=1)
    late = await mina.say(REASON)
    assert f"{RULES.contested_in_days}일" in late.text
    assert f"{RULES.contested_in_days}일" in await refused(city, mina, f"contest:{receipt}")
    assert await city.scalar("SELECT status FROM suggestions") == "accepted"


async def test_only_its_author_contests_and_only_what_is_decided(city: City, office: Office) -> None:
    mina, jun = city.citizen(), city.citizen()
    receipt = await mina.suggest(WORDS)
    await jun.press("menu")
    assert await refused(city, mina, f"contest:{receipt}")
    await office.decide(receipt, Status.DECLINED)
    for garbled in (f"contest:{receipt}:x", "contest", "contest:x", f"reply:{receipt}"):
        assert await refused(city, mina, garbled)
    assert await refused(city, jun, f"contest:{receipt}")
    assert await city.scalar("SELECT contested_at FROM suggestions") is None


async def test_a_reason_too_short_is_asked_again_and_it_can_be_cancelled(city: City, office: Office) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    await office.decide(receipt, Status.DECLINED)
    await mina.press(f"contest:{receipt}")
    assert "submit_suggestion:cancel" in (await mina.say("싫어")).choices
    await mina.say("취소")
    await mina.say(REASON)
    assert await city.scalar("SELECT status FROM suggestions") == "declined"


async def test_a_question_in_the_reason_is_for_the_staff(city: City, office: Office) -> None:
    city.rasa.means("왜 OGP에서 약속한 것과 다른가요?", "ask_ogp")
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    await office.decide(receipt, Status.DECLINED)
    await mina.press(f"contest:{receipt}")
    await mina.say("왜 OGP에서 약속한 것과 다른가요?")
    assert await city.scalar("SELECT status FROM suggestions") == "in_review"


async def test_a_draft_is_not_lost_to_a_button_under_an_older_message(city: City, office: Office) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    await office.decide(receipt, Status.DECLINED)
    await mina.press("submit_suggestion:start")
    await mina.say("옥상에 나무를 심어 주세요")
    assert "submit_suggestion:resume" in (await mina.press(f"contest:{receipt}")).choices
    await mina.press("submit_suggestion:skip")
    assert "접수번호" in (await mina.press("submit_suggestion:confirm")).text


async def test_being_hidden_can_be_objected_to(city: City, office: Office) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    async with city.damso.db.transaction() as tx:
        reason = Both(ko="남의 이름이 들어 있어요", en="It names somebody")
        await reviewing.hide(tx, receipt, reason, by=office.staff, at=city.clock())
    await mina.press(f"contest:{receipt}")
    await mina.say(REASON)
    assert await city.scalar("SELECT status FROM suggestions") == "hidden", "until staff bring it back"
    assert await city.scalar("SELECT contested_at FROM suggestions") is not None
    assert await refused(city, mina, f"contest:{receipt}")


@pytest.mark.parametrize(("button", "is_done"), [("yes", True), ("no", False)])
async def test_weeks_after_it_was_carried_out_its_author_is_asked_whether_it_was(
    city: City, office: Office, button: str, is_done: bool
) -> None:
    mina, jun = city.citizen(), city.citizen()
    receipt = await office.published(mina, WORDS)
    await office.decide(receipt, Status.ACCEPTED, Status.DONE)
    await city.work_until_idle()
    before = len(await mina.inbox())
    assert await refused(city, mina, f"really_done:{receipt}:{button}"), "nobody has asked yet"
    city.clock.set("2026-03-30 09:59")  # 28 days, less a minute
    await city.work_until_idle()
    assert len(await mina.inbox()) == before
    city.clock.set("2026-03-30 21:30")
    await city.work_until_idle()
    assert len(await mina.inbox()) == before, "not at night"
    city.clock.set("2026-03-31 08:00")
    for _ in range(2):
        await city.work_until_idle()
    asked = (await mina.inbox())[before:]
    assert [[choice["value"] for choice in message["choices"]] for message in asked] == [
        [f"really_done:{receipt}:yes", f"really_done:{receipt}:no"]
    ]
    await jun.press("menu")
    assert await refused(city, jun, f"really_done:{receipt}:{button}")
    for garbled in ("really_done", f"really_done:{receipt}", f"really_done:{receipt}:perhaps", "really_done:x:yes"):
        assert await refused(city, mina, garbled)
    for _ in range(2):
        assert "고맙습니다" in (await mina.press(f"really_done:{receipt}:{button}")).text
    assert await city.scalar("SELECT really_done FROM suggestions") is is_done
    assert await city.scalar("SELECT count(*) FROM suggestion_events WHERE kind = 'surveyed'") == 1
    shown = (await jun.press(f"suggestion_status:{receipt}")).text
    assert ("실제로 이행되었다고" in shown) is is_done
    assert ("실제로는 이행되지 않았다고" in shown) is not is_done


async def test_the_history_keeps_each_answer_of_an_author_who_changes_their_mind(city: City, office: Office) -> None:
    mina = city.citizen()
    receipt = await office.published(mina, WORDS)
    await office.decide(receipt, Status.ACCEPTED, Status.DONE)
    city.clock.set("2026-03-31 08:00")
    await city.work_until_idle()
    for said in ("no", "yes"):
        await mina.press(f"really_done:{receipt}:{said}")
    page = (await city.http.get(f"/suggestions/{receipt}", params={"lang": "en"})).text
    assert page.index("it is not done yet") < page.index("it is really done")
