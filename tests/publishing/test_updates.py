"""An update on its way: written, looked at, tried out, sent to whom it is for, cancelled, corrected, expired."""

import re
from datetime import datetime, timedelta
from html import unescape

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.accounts import Role
from flows.city import zone
from flows.delivering import end_of_sending
from flows.subscribing import next_decent_moment
from tests.city import City, StaffBrowser

CODE = "KRGNJ0001"
KO, EN = "원탁회의를 열었습니다.", "The round table was held."
RIGHT_KO, RIGHT_EN = "원탁회의를 두 번 열었습니다.", "The round table was held twice."


async def drafted(staff: StaffBrowser, **form: str) -> str:
    """Write an update in the console; the address of its page."""
    response = await staff.post("/staff/updates", **{"commitment": CODE, "ko": KO, "en": EN, **form})
    assert response.status_code == 303, response.text
    return response.headers["location"]


async def act(staff: StaffBrowser, url: str, act: str, **form: str) -> httpx.Response:
    return await staff.post(url, seen=await version(staff, url), act=act, commitment=CODE, **form)


async def release(staff: StaffBrowser, url: str) -> httpx.Response:
    return await staff.post(f"{url}/publish", seen=await version(staff, url))


async def version(staff: StaffBrowser, url: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', (await staff.get(url)).text)
    return found[1] if found else "1"


async def said(staff: StaffBrowser, url: str) -> str:
    """The words of a page, without its tags."""
    html = re.sub(r"<style.*?</style>|<script.*?</script>", "", (await staff.get(url, lang="en")).text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_a_draft_is_seen_by_staff_alone_until_it_is_sent_to_those_it_was_foreseen_for(city: City) -> None:
    mina, amy, jun = city.citizen("ko"), city.citizen("en"), city.citizen("ko")
    await mina.press(f"subscribe:{CODE}:instant")
    await amy.press("subscribe:all:instant")
    await jun.press("subscribe:all:weekly")
    resting, gone = city.citizen("en"), city.citizen("en")
    await resting.press("subscribe:all:instant")
    await resting.press("subscription_settings:pause:7")
    await gone.press("subscribe:all:instant")
    await city.execute("UPDATE citizens SET gone_at = now() WHERE id = (SELECT max(id) FROM citizens)")
    editor = await city.staff(Role.EDITOR)
    url = await drafted(editor, evidence="https://example.org/round-table")
    await city.work_until_idle()
    assert (await city.http.get("/api/updates")).json()["items"] == []
    page = await said(editor, url)
    assert "News on" in page, "as it will look"
    assert "Stop these alerts" in page, "with its buttons"
    before = await said(editor, f"{url}/publish")
    assert "2 people get a message" in before
    assert "1 person Wanted it weekly" in before
    assert "1 person Have paused" in before
    assert "1 person Blocked the bot" in before
    assert await mina.inbox() == []
    first, second = await release(editor, url), await release(editor, url)
    assert (first.status_code, second.status_code) == (303, 409), "pressed twice, published once"
    await city.work_until_idle()
    (told,) = await mina.inbox()
    assert KO in told["text"]
    assert "https://example.org/round-table" in told["text"]
    assert EN in (await amy.inbox())[0]["text"]
    assert await jun.inbox() == []
    acts = await city.scalar("SELECT string_agg(action, ' ' ORDER BY id) FROM audit")
    assert acts == "update.drafted update.published"


async def test_a_form_sent_twice_makes_one_draft_and_the_same_words_are_not_sent_twice(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    url = await drafted(editor, key="k1")
    assert await drafted(editor, key="k1") == url
    other = await drafted(editor, key="k2")
    assert (await release(editor, url)).status_code == 303
    refused = await release(editor, other)
    assert refused.status_code == 409
    assert "KRGNJ0001/1" in refused.text


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("evidence", "javascript:alert(1)"),
        ("evidence", "example.org"),
        ("milestone", "99999"),
        ("milestone", "none"),
        ("publish_at", "2026-03-02T09:00"),
        ("expires_at", "soon"),
        ("expires_at", "9999-12-31T00:00"),
        ("ko", " "),
    ],
)
async def test_what_cannot_be_sent_is_named_at_its_field_and_kept_in_the_form(
    city: City, field: str, written: str
) -> None:
    editor = await city.staff(Role.EDITOR)
    url = await drafted(editor)
    refused = await act(editor, url, "save", **{"ko": "새 글", "en": "New words", field: written})
    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text or field == "milestone"
    assert "New words" in refused.text
    assert await city.scalar("SELECT en FROM updates") == EN


async def test_a_scheduled_update_is_changed_before_its_time_or_cancelled(city: City) -> None:
    mina = city.citizen("en")
    await mina.press(f"subscribe:{CODE}:instant")
    editor, colleague = await city.staff(Role.EDITOR), await city.staff(Role.EDITOR, "second@example.org")
    kept, dropped = [
        await drafted(editor, ko=ko, en=en, publish_at="2026-03-02T11:30")
        for ko, en in ((KO, EN), (RIGHT_KO, RIGHT_EN))
    ]
    for url in (kept, dropped):
        assert (await release(editor, url)).headers["location"].endswith("later")
    seen = await version(colleague, kept)
    changed = {"ko": "바꿨습니다.", "en": "Changed in time.", "publish_at": "2026-03-02T12:00"}
    assert (await act(editor, kept, "save", **changed)).status_code == 303
    late = await colleague.post(kept, act="save", seen=seen, commitment=CODE, ko="늦음", en="Too late")
    assert late.status_code == 409, "what a colleague saved is not overwritten"
    assert "Too late" in late.text, "and what was written is kept"
    assert (await act(editor, dropped, "cancel")).status_code == 303
    city.clock.set("2026-03-02 11:59")
    await city.work_until_idle()
    assert await mina.inbox() == []
    city.clock.set("2026-03-02 12:00")
    await city.work_until_idle()
    (told,) = await mina.inbox()
    assert "Changed in time." in told["text"]
    assert (await act(editor, kept, "cancel")).status_code == 409, "it is public"
    assert (await release(editor, dropped)).status_code == 409


async def test_a_test_goes_to_the_chat_that_staff_linked_and_to_nobody_else(city: City) -> None:
    mina, mine = city.citizen("en"), city.citizen("ko")
    await mina.press("subscribe:all:instant")
    editor = await city.staff(Role.EDITOR)
    url = await drafted(editor)
    assert (await act(editor, url, "test")).status_code == 409, "no chat is linked"
    shown = await act(editor, url, "link")
    code = re.search(r"/start (test-\w+)", shown.text)
    assert code
    assert "no-store" in shown.headers["cache-control"]
    response = await city.http.post("/api/chat", json={"text": "/start test-0123456789"})
    assert response.status_code == 422, "a guess links nothing"
    assert "연결" in (await mine.say(f"/start {code[1]}")).text
    response = await city.http.post("/api/chat", json={"text": f"/start {code[1]}"})
    assert response.status_code == 422, "it works once"
    assert (await act(editor, url, "test")).status_code == 303
    await city.work_until_idle()
    assert [EN in m["text"] or KO in m["text"] for m in await mine.inbox()] == [True, True]
    assert await mina.inbox() == []
    assert (await city.http.get("/api/updates")).json()["items"] == []
    await act(editor, url, "unlink")
    assert (await act(editor, url, "test")).status_code == 409
    noted = "SELECT string_agg(action || ' ' || target, ', ' ORDER BY id) FROM audit WHERE action LIKE 'trial_chat.%'"
    assert await city.scalar(noted) == ", ".join(
        f"trial_chat.{what} {editor.email}" for what in ("asked", "linked", "unlinked")
    )


async def test_a_code_for_tests_is_good_for_half_an_hour(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    shown = await act(editor, await drafted(editor), "link")
    code = re.search(r"/start (test-\w+)", shown.text)
    assert code
    city.clock.forward(minutes=31)
    assert (await city.http.post("/api/chat", json={"text": f"/start {code[1]}"})).status_code == 422


async def test_a_correction_goes_to_exactly_those_who_got_what_was_wrong(city: City) -> None:
    city.clock.set("2026-03-03 10:00")  # a Tuesday
    got, left, weekly, later, blocked = (city.citizen("en") for _ in range(5))
    for who in (got, left, blocked):
        await who.press(f"subscribe:{CODE}:instant")
    blocked_id = await city.scalar("SELECT max(id) FROM citizens")
    await weekly.press(f"subscribe:{CODE}:weekly")
    await city.work_until_idle()
    city.clock.forward(minutes=1)
    await city.publish(CODE, KO, EN)
    await city.work_until_idle()
    await left.press("unsubscribe:all")
    await later.press(f"subscribe:{CODE}:instant")
    await city.execute(f"UPDATE citizens SET gone_at = now() WHERE id = {blocked_id}")
    editor = await city.staff(Role.EDITOR)
    begun = await act(editor, "/staff/updates/1", "correct")
    url = begun.headers["location"]
    assert (await act(editor, "/staff/updates/1", "correct")).headers["location"] == url, "it is begun once"
    assert (await release(editor, url)).status_code == 409, "the same words correct nothing"
    assert (await act(editor, url, "save", ko=RIGHT_KO, en=RIGHT_EN)).status_code == 303
    before = await said(editor, f"{url}/publish")
    assert "2 people get a message" in before
    assert "1 person Blocked" in before
    await release(editor, url)
    assert "It becomes public in a moment." in await said(editor, url)
    await city.work_until_idle()
    assert "It becomes public" not in await said(editor, url)
    for who in (got, left):
        correction = (await who.inbox())[-1]
        assert "Correction" in correction["text"]
        assert RIGHT_EN in correction["text"]
        assert EN in correction["text"], "and what was wrong stands beside it"
        assert correction["update"] == f"{CODE}/2"
    assert await later.inbox() == [], "never got the first one"
    assert len(await blocked.inbox()) == 1
    page = (await city.http.get(f"/commitments/{CODE}", params={"lang": "en"})).text
    assert EN in page
    assert RIGHT_EN in page
    assert "Corrected" in page
    data = (await city.http.get("/api/updates", params={"lang": "en"})).json()["items"]
    both = [(RIGHT_EN, f"{CODE}/1", None), (EN, None, f"{CODE}/2")]
    assert [(u["text"], u["corrects"], u["corrected_by"]) for u in data] == both
    one = (await city.http.get(f"/api/commitments/{CODE}", params={"lang": "en"})).json()
    assert one["updates"] == data
    assert RIGHT_EN in (await later.press("latest_updates")).text
    assert EN not in (await later.press("latest_updates")).text
    city.clock.set("2026-03-09 09:00")
    await city.work_until_idle()
    digest = (await weekly.inbox())[-1]["text"]
    assert RIGHT_EN in digest
    assert EN not in digest, "both are in one digest, which needs to tell only what holds"


async def test_who_is_still_owed_the_first_gets_the_corrected_text_only(city: City) -> None:
    early, owed = city.citizen("en"), city.citizen("en")
    await early.press(f"subscribe:{CODE}:instant")
    await city.publish(CODE, KO, EN)
    await city.work_until_idle()
    await owed.press(f"subscribe:{CODE}:instant")
    await city.execute(
        "INSERT INTO deliveries (notice_id, citizen_id, channel, priority, due_at, state, attempts, uncertain)"
        " SELECT 1, max(id), 'web', 1, (SELECT due_at + interval '1 hour' FROM deliveries), 'owed', 0, 0 FROM citizens"
    )
    editor = await city.staff(Role.EDITOR)
    url = (await act(editor, "/staff/updates/1", "correct")).headers["location"]
    await act(editor, url, "save", ko=RIGHT_KO, en=RIGHT_EN)
    assert "1 person Have not got the first one yet" in await said(editor, f"{url}/publish")
    await release(editor, url)
    await city.work_until_idle()
    city.clock.forward(hours=1)
    await city.work_until_idle()
    (news,) = await owed.inbox()
    assert RIGHT_EN in news["text"]
    assert "Correction" not in news["text"]
    assert len(await early.inbox()) == 2


async def test_who_read_it_in_a_digest_is_corrected_at_once(city: City) -> None:
    city.clock.set("2026-03-03 10:00")
    weekly, left, keener, new = (city.citizen("en") for _ in range(4))
    for who in (weekly, left, keener):
        await who.press("subscribe:all:weekly")
    await city.work_until_idle()
    await city.publish(CODE, KO, EN, at=city.clock() + timedelta(minutes=1))
    for moment in ("2026-03-03 10:01", "2026-03-09 09:00"):
        city.clock.set(moment)
        await city.work_until_idle()
    await left.press("unsubscribe:all")
    await keener.press("subscribe:all:instant")
    await new.press("subscribe:all:weekly")
    city.clock.forward(minutes=1)
    await city.correct(1, RIGHT_KO, RIGHT_EN)
    for moment in ("2026-03-09 09:02", "2026-03-16 09:00"):
        city.clock.set(moment)
        await city.work_until_idle()
    for who in (weekly, left, keener):
        first, second = await who.inbox()
        assert "Correction" not in first["text"]
        assert "Correction" in second["text"]
        assert RIGHT_EN in second["text"]
        assert second["sent_at"].startswith("2026-03-09")
    assert await new.inbox() == [], "who never read it has nothing to be corrected"


async def test_it_is_said_in_which_language_it_goes_out_and_what_goes_before_it(city: City) -> None:
    mina = city.citizen("ko")
    await mina.press(f"subscribe:{CODE}:instant")
    await mina.press("subscription_settings:lang:en")
    await city.execute("UPDATE citizens SET channel = 'telegram'")
    city.damso.senders["telegram"] = city.damso.senders["web"]  # type: ignore[index]  # a dict, and this test's own
    await city.execute("INSERT INTO notices (kind, subject, created_at) VALUES ('update', 'KRGNJ0002/1', now())")
    await city.execute(
        "WITH others AS (INSERT INTO citizens (channel, address, lang, lang_chosen, created_at, seen_at)"
        " SELECT 'telegram', n::text, 'ko', false, now(), now() FROM generate_series(1, 54000) AS n RETURNING id)"
        " INSERT INTO deliveries (notice_id, citizen_id, channel, priority, due_at, state, attempts, uncertain)"
        " SELECT 1, id, 'telegram', 1, '2026-03-02', 'owed', 0, 0 FROM others"
    )
    editor = await city.staff(Role.EDITOR)
    before = await said(editor, f"{await drafted(editor)}/publish")
    assert "Telegram English 1" in before
    assert "About 2026-03-02 10:30" in before, "54,000 at 30 a second are half an hour"


async def test_after_an_outage_nothing_is_sent_late_and_staff_see_what_was_not(city: City) -> None:
    mina = city.citizen("en")
    await mina.press(f"subscribe:{CODE}:instant")
    city.clock.set("2026-03-02 22:00")
    await city.publish(CODE, KO, EN)  # owed until the morning
    await city.publish("KRGNJ0002", "자료", "Data", at=city.clock() + timedelta(hours=2))
    await mina.press("subscribe:KRGNJ0002:instant")
    await city.run_jobs()
    city.clock.set("2026-03-06 10:00")  # the worker and the clock come back more than three days later
    await city.work_until_idle()
    assert await mina.inbox() == []
    assert await city.scalar("SELECT state FROM deliveries") == "expired"
    editor = await city.staff(Role.EDITOR)
    listed = await said(editor, "/staff/updates")
    assert "Not sent: its time was over 1" in await said(editor, "/staff/broadcasts")
    assert "Published late, not sent" in listed
    page = (await city.http.get("/commitments/KRGNJ0002", params={"lang": "en"})).text
    assert "Published late" in page, "public, and honest about it"


async def test_what_expires_later_is_still_sent(city: City) -> None:
    mina = city.citizen("en")
    await mina.press(f"subscribe:{CODE}:instant")
    editor = await city.staff(Role.EDITOR)
    url = await drafted(editor, publish_at="2026-03-02T22:00", expires_at="2026-03-03T08:01")
    assert "2026-03-03 08:00 , because nothing is sent at night" in await said(editor, f"{url}/publish")
    await release(editor, url)
    for moment in ("2026-03-02 22:00", "2026-03-03 08:00"):
        city.clock.set(moment)
        await city.work_until_idle()
    assert len(await mina.inbox()) == 1


async def test_an_update_belongs_to_a_milestone_of_its_commitment(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    for code in (CODE, "KRGNJ0002"):
        form = {"ko": "원탁회의", "en": "Round table", "due": "2026-12-31"}
        assert (await editor.post(f"/staff/commitments/{code}/milestones", **form)).status_code == 303
    url = await drafted(editor)
    assert (await act(editor, url, "save", ko=KO, en=EN, milestone="1")).status_code == 303
    assert await city.scalar("SELECT milestone_id FROM updates") == 1
    refused = await act(editor, url, "save", ko=KO, en=EN, milestone="2")
    assert refused.status_code == 422


@given(st.integers(0, 365 * 24 * 60), st.integers(0, 400_000))
def test_sending_ends_by_day_and_takes_as_long_as_it_takes(minutes: int, seconds: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=zone()) + timedelta(minutes=minutes)
    end = end_of_sending(start, timedelta(seconds=seconds))
    assert end >= start + timedelta(seconds=seconds)
    assert next_decent_moment(end - timedelta(seconds=1)) == end - timedelta(seconds=1) or not seconds
    assert end - start <= timedelta(seconds=seconds) + timedelta(hours=11) * (seconds // (13 * 3600) + 2)
