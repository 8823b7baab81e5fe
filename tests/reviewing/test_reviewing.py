"""Staff read, decide and answer; the citizen hears of it where they wrote."""

import httpx

from flows.accounts import Role
from tests.city import City

WORDS = "버스 정류장에 그늘막을 늘려 주세요"
KO, EN = "내년에 늘리겠습니다.", "We will add more next year."


async def test_an_answer_reaches_the_citizen_in_their_language(city: City) -> None:
    mina = city.citizen("ko")
    receipt = await mina.suggest(WORDS)
    staff = await city.staff(Role.REVIEWER)
    assert WORDS in (await staff.get("/staff")).text
    assert (await staff.decide(receipt, "accepted", ko=KO, en=EN)).status_code == 303
    await city.work_until_idle()
    (told,) = await mina.inbox()
    assert told["kind"] == "answer"
    assert KO in told["text"]
    assert EN not in told["text"]
    assert receipt in told["text"]


async def test_an_answer_given_at_night_is_told_in_the_morning(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    city.clock.set("2026-03-02 23:00")
    staff = await city.staff()
    await staff.decide(receipt, "declined", ko=KO, en=EN)
    await city.work_until_idle()
    assert await mina.inbox() == []
    city.clock.set("2026-03-03 08:00")
    await city.work_until_idle()
    assert len(await mina.inbox()) == 1


async def test_a_decision_without_both_languages_is_not_kept(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    staff = await city.staff()
    refused = await staff.decide(receipt, "accepted", ko=KO)
    assert refused.status_code == 422
    assert KO in refused.text, "what was typed is not lost"
    assert await city.scalar("SELECT status FROM suggestions") == "received"


async def test_the_second_of_two_reviewers_sees_that_somebody_was_first(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    staff = await city.staff()
    await staff.decide(receipt, "in_review")
    late = await staff.decide(receipt, "declined", seen="received", ko=KO, en=EN)
    assert late.status_code == 409
    assert await city.scalar("SELECT status FROM suggestions") == "in_review"


async def test_the_history_names_who_did_what(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    staff = await city.staff(email="kim@example.org")
    await staff.decide(receipt, "in_review")
    await staff.decide(receipt, "accepted", seen="in_review", ko=KO, en=EN)
    page = (await staff.get(f"/staff/suggestions/{receipt}", lang="en")).text
    assert page.count("kim@example.org") >= 2
    assert EN in page
    assert await city.scalar("SELECT count(*) FROM audit") == 2


async def test_nobody_gets_in_without_signing_in(city: City) -> None:
    for path in ("/staff", "/staff/suggestions/GJ-AAAA-AAAA", "/staff/updates", "/staff/commitments"):
        response = await city.http.get(path)
        assert response.status_code == 303
        assert response.headers["location"].startswith("/staff/sign-in")


async def test_a_form_without_its_token_changes_nothing(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    staff = await city.staff()
    form = {"to": "in_review", "seen": "received", "csrf": "forged"}
    response = await staff.http.post(f"/staff/suggestions/{receipt}", data=form)
    assert response.status_code == 403
    assert await city.scalar("SELECT status FROM suggestions") == "received"


async def test_an_expired_session_changes_nothing_and_says_so(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    staff = await city.staff()
    token = await staff.csrf()
    city.clock.forward(hours=9)
    form = {"to": "in_review", "seen": "received", "csrf": token}
    response = await staff.http.post(f"/staff/suggestions/{receipt}", data=form)
    assert response.status_code == 303
    assert "expired=1" in response.headers["location"]
    assert await city.scalar("SELECT status FROM suggestions") == "received"


async def test_guessing_passwords_is_slowed_down(city: City) -> None:
    staff = await city.staff()
    guesses = [await staff.sign_in("wrong password") for _ in range(11)]
    assert guesses[0].status_code == 422
    assert guesses[-1].status_code == 429


async def test_the_cookie_is_for_the_console_alone(city: City) -> None:
    staff = await city.staff()
    cookie: httpx.Response = await staff.sign_in()
    header = cookie.headers["set-cookie"]
    assert "HttpOnly" in header
    assert "SameSite=strict" in header.replace("Strict", "strict")
    assert "Path=/staff" in header


async def test_a_reviewer_does_not_publish_updates(city: City) -> None:
    staff = await city.staff(Role.REVIEWER)
    form = {"commitment": "KRGNJ0001", "ko": KO, "en": EN, "publish_at": ""}
    assert (await staff.post("/staff/updates", **form)).status_code == 403
    assert await city.scalar("SELECT count(*) FROM updates") == 0


async def test_an_editor_publishes_an_update_from_the_console(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("subscribe:all:instant")
    editor = await city.staff(Role.EDITOR)
    form = {"commitment": "KRGNJ0001", "ko": KO, "en": EN, "publish_at": "2026-03-02T11:30"}
    draft = await editor.post("/staff/updates", **form)
    assert (await editor.post(f"{draft.headers['location']}/publish", seen="1")).status_code == 303
    await city.work_until_idle()
    assert await mina.inbox() == []
    city.clock.set("2026-03-02 11:30")
    await city.work_until_idle()
    assert EN in (await mina.inbox())[0]["text"]


async def test_a_milestone_entered_by_staff_shows_at_once(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    form = {"ko": "공개 토론회 열기", "en": "Hold a public debate", "due": "2026-03-01"}
    assert (await editor.post("/staff/commitments/KRGNJ0001/milestones", **form)).status_code == 303
    answer = await city.citizen("en").press("commitment_status:KRGNJ0001")
    assert "[Overdue, was due 1 March 2026] Hold a public debate" in answer.text
