"""Flags, the public text, hiding and objecting, taking words out for good, notes, publishing."""

import pytest
from sqlalchemy import text

from flows.accounts import Role
from flows.flagging import Flag, flags_of
from flows.store.tables import metadata
from tests.city import City
from tests.reviewing.desk import WORDS, act, decide, status, told, with_rules

NAME = "홍길동"


async def test_nothing_appears_before_staff_publish_it(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    staff = await city.staff(Role.REVIEWER)
    assert WORDS not in (await city.http.get("/suggestions")).text
    await act(city, staff, receipt, "publish")
    assert WORDS in (await city.http.get(f"/suggestions/{receipt}")).text
    await act(city, staff, receipt, "unpublish")
    assert WORDS not in (await city.http.get(f"/suggestions/{receipt}")).text
    await decide(city, staff, receipt, "accepted")
    assert WORDS in (await city.http.get(f"/suggestions/{receipt}")).text
    assert (await act(city, staff, receipt, "unpublish")).status_code == 409, "an answer stays; hiding needs a reason"


async def test_where_the_city_publishes_unread_what_is_flagged_waits(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_rules(monkeypatch, published_unread=True)
    mina = city.citizen()
    fine, flagged = await mina.suggest(WORDS), await mina.suggest("야 이 병신들아 버스 좀 늘려라")
    assert WORDS in (await city.http.get(f"/suggestions/{fine}")).text
    assert "병신" not in (await city.http.get(f"/suggestions/{flagged}")).text


async def test_a_flag_is_shown_to_staff_and_refuses_nothing(city: City) -> None:
    receipt = await city.citizen().suggest(f"{NAME} 씨가 운영하는 가게 앞에 그늘막을 놓아 주세요")
    staff = await city.staff()
    assert "Perhaps personal data" in (await staff.get(f"/staff/suggestions/{receipt}", lang="en")).text
    await act(city, staff, receipt, "flags")
    assert "Perhaps personal data" not in (await staff.get(f"/staff/suggestions/{receipt}", lang="en")).text


@pytest.mark.parametrize(
    ("written", "flags"),
    [
        ("광주시 발전 방안을 세워 주세요", []),
        ("11시 발표를 시청 누리집에도 올려 주세요", []),
        ("시장님, 선생님, 주무관님 고맙습니다", []),
        ("상무대로 312 앞 횡단보도를 고쳐 주세요", []),
        ("102동 앞에 2026년 3월까지 나무를 심어 주세요", []),
        ("Please fix the assessment of the shuttle bus in Scunthorpe", []),
        (f"{NAME}씨 집 앞", [Flag.PERSONAL]),
        ("우리 집은 102동 1203호예요", [Flag.PERSONAL]),
        ("12가 3456 차가 늘 서 있어요", [Flag.PERSONAL]),
        ("Ask Mr Brown at the corner", [Flag.PERSONAL]),
        ("씨1발 좀 고쳐라", [Flag.ABUSE]),
        ("This is bullshit", [Flag.ABUSE]),
    ],
)
def test_what_is_flagged(written: str, flags: list[Flag]) -> None:
    assert flags_of(written) == flags


async def test_a_moderated_text_keeps_its_original(city: City) -> None:
    receipt = await city.citizen().suggest(f"{WORDS} 바보들아")
    staff = await city.staff(Role.REVIEWER)
    await act(city, staff, receipt, "moderate", shown_text=WORDS)
    await act(city, staff, receipt, "publish")
    assert "바보" not in (await city.http.get(f"/suggestions/{receipt}")).text
    assert "바보" in (await staff.get(f"/staff/suggestions/{receipt}")).text
    await act(city, staff, receipt, "original")
    assert "바보" in (await city.http.get(f"/suggestions/{receipt}")).text
    for wrong in ("", "  ", "가" * 4_001):
        assert (await act(city, staff, receipt, "moderate", shown_text=wrong)).status_code == 422


async def test_hiding_needs_a_public_reason_and_its_author_may_object(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    reviewer = await city.staff(Role.REVIEWER, "r@example.org")
    kim, lee = await city.staff(Role.EDITOR, "kim@example.org"), await city.staff(Role.EDITOR, "lee@example.org")
    await decide(city, reviewer, receipt, "accepted")
    reason = {"reason_ko": "광고입니다.", "reason_en": "This is advertising."}
    assert (await act(city, reviewer, receipt, "hide", **reason)).status_code == 403
    assert (await act(city, kim, receipt, "hide", reason_ko="광고입니다.")).status_code == 422
    assert (await act(city, kim, receipt, "hide", **reason)).status_code == 303
    assert WORDS not in (await city.http.get(f"/suggestions/{receipt}")).text
    assert "광고입니다." in (await told(city, mina))[-1]
    assert (await act(city, lee, receipt, "hide", **reason)).status_code == 409, "nobody has objected"
    await mina.press(f"contest:{receipt}")
    await mina.say("광고가 아니에요, 저는 주민이에요")
    assert await status(city, receipt) == "hidden", "it stays hidden until somebody has looked"
    assert receipt in (await lee.get("/staff", view="contested")).text
    assert (await act(city, kim, receipt, "back")).status_code == 403, "other eyes"
    assert (await act(city, lee, receipt, "back")).status_code == 303
    assert await status(city, receipt) == "accepted", "what it was before, and nothing else"
    assert WORDS in (await city.http.get(f"/suggestions/{receipt}")).text


async def test_what_its_author_objected_to_may_stay_hidden_with_a_reason(city: City) -> None:
    mina = city.citizen("en")
    receipt = await mina.suggest(WORDS)
    kim, lee = await city.staff(Role.EDITOR, "kim@example.org"), await city.staff(Role.EDITOR, "lee@example.org")
    await act(city, kim, receipt, "hide", reason_ko="광고입니다.", reason_en="This is advertising.")
    await mina.press(f"contest:{receipt}")
    await mina.say("It is not, I live there")
    await act(city, lee, receipt, "hide", reason_ko="그래도 광고입니다.", reason_en="It still is.")
    assert "It still is." in (await told(city, mina))[-1]
    assert await city.scalar("SELECT due_at FROM suggestions") is None


async def test_words_are_taken_out_everywhere_and_for_good(city: City) -> None:
    mina, bora = city.citizen(), city.citizen()
    receipt = await mina.suggest(f"{NAME} 사장 가게 앞에 그늘막을 놓아 주세요")
    reviewer, editor = await city.staff(Role.REVIEWER, "r@example.org"), await city.staff(Role.EDITOR)
    await act(city, editor, receipt, "ask", question=f"{NAME} 사장이 누구인가요?")
    await mina.press(f"reply:{receipt}")
    await mina.say(f"{NAME} 사장은 이웃이에요")
    await act(city, editor, receipt, "translate", translation=f"Shade in front of {NAME}'s shop")
    await act(city, editor, receipt, "moderate", shown_text=f"{NAME} 가게 앞에 그늘막을")
    await act(city, editor, receipt, "note", note=f"{NAME} 씨에게 전화함")
    await decide(city, editor, receipt, "accepted", ko=f"{NAME} 사장 가게 앞에 놓겠습니다.")
    await bora.press(f"suggestion_status:{receipt}")
    await told(city, mina)
    assert (await act(city, reviewer, receipt, "redact", words=NAME)).status_code == 403
    for wrong in ("", "가", "여기 없는 말", "가" * 201):
        assert (await act(city, editor, receipt, "redact", words=wrong)).status_code == 422, wrong
    assert (await act(city, editor, receipt, "redact", words=NAME)).status_code == 303
    tables = [table.name for table in metadata().sorted_tables]
    async with city.damso.db.transaction() as tx:
        for table in tables:
            count = text(f"SELECT count(*) FROM {table} AS it WHERE it::text LIKE :any")
            assert not await tx.scalar(count, {"any": f"%{NAME}%"}), f"still in {table}"
    assert "●●●" in (await told(city, mina))[-1]
    assert "●●● 가게 앞에" in (await city.http.get(f"/suggestions/{receipt}")).text


async def test_notes_are_for_staff_alone(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    staff = await city.staff(Role.REVIEWER)
    assert (await act(city, staff, receipt, "note", note="과장님께 여쭤봄, 010-1234-5678")).status_code == 303
    assert (await act(city, staff, receipt, "note", note=" ")).status_code == 422
    page = (await staff.get(f"/staff/suggestions/{receipt}")).text
    assert "과장님께 여쭤봄" in page
    assert "010-1234-5678" not in page, "masked like all else"
    await decide(city, staff, receipt, "accepted")
    await city.work_until_idle()
    public = [await city.http.get(path) for path in ("/suggestions", f"/suggestions/{receipt}", "/api/suggestions")]
    everything = "".join(page.text for page in public) + str(await mina.inbox())
    assert "여쭤봄" not in everything


async def test_scripts_in_every_field_are_shown_as_text(city: City) -> None:
    attack = "<script>alert(1)</script> & <img src=x onerror=alert(1)>"
    receipt = await city.citizen().suggest(f"{attack} 그늘막")
    staff = await city.staff()
    for name, form in (
        ("translate", {"translation": attack}),
        ("moderate", {"shown_text": attack}),
        ("note", {"note": attack}),
        ("ask", {"question": attack}),
    ):
        assert (await act(city, staff, receipt, name, **form)).status_code == 303
    await decide(city, staff, receipt, "accepted", ko=attack, en=attack)
    for path in (f"/staff/suggestions/{receipt}", f"/suggestions/{receipt}"):
        page = (await staff.get(path)).text
        assert "<script>alert" not in page and "<img src=x" not in page
        assert "&lt;script&gt;" in page


async def test_who_is_forgotten_is_forgotten_beside_a_hidden_suggestion_too(city: City) -> None:
    mina = city.citizen()
    hidden, open_ = [await mina.suggest(f"{NAME} 사장 가게 {where}에 그늘막") for where in ("앞", "뒤")]
    editor = await city.staff(Role.EDITOR)
    for receipt in (hidden, open_):
        await act(city, editor, receipt, "translate", translation=f"Shade near {NAME}'s shop")
        await act(city, editor, receipt, "moderate", shown_text=f"{NAME} 가게에 그늘막")
        await act(city, editor, receipt, "note", note=f"{NAME} 씨에게 전화함")
    await act(city, editor, hidden, "hide", reason_ko="광고입니다.", reason_en="This is advertising.")
    await mina.press("forget_me:confirm")
    async with city.damso.db.transaction() as tx:
        for table in metadata().sorted_tables:
            count = text(f"SELECT count(*) FROM {table.name} AS it WHERE it::text LIKE :any")
            assert not await tx.scalar(count, {"any": f"%{NAME}%"}), f"still in {table.name}"
    assert [await status(city, receipt) for receipt in (hidden, open_)] == ["hidden", "withdrawn"]
