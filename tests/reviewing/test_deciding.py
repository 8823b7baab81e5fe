"""Staff decide, answer with templates, look before they send, and correct openly."""

import re

from flows.accounts import Role
from tests.city import City
from tests.reviewing.desk import EN, KO, WORDS, act, decide, status, told

ENGLISH = "Please add shade at the bus stops"


async def test_a_decision_is_made_from_the_version_that_was_seen(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    await act(city, kim, receipt, "translate", translation="Please add shade at the bus stops")
    late = await act(city, lee, receipt, "decide", to="accepted", answer_ko=KO, answer_en=EN, version="1")
    assert late.status_code == 409
    assert await status(city, receipt) == "received"
    assert KO in late.text, "what was typed is kept"
    assert "kim@example.org" in late.text, "and what happened meanwhile is said"
    again = dict(re.findall(r'name="(seen|version)" value="([^"]+)"', late.text))
    saved = await act(city, lee, receipt, "decide", to="accepted", answer_ko=KO, answer_en=EN, **again)
    assert saved.status_code == 303, "the page that told of it can be sent"


async def test_what_the_state_table_does_not_have_is_refused(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    staff = await city.staff()
    for to in ("done", "withdrawn", "merged", "hidden", "author_asked", "received"):
        answer = {"answer_ko": KO, "answer_en": EN} if to == "done" else {}
        assert (await act(city, staff, receipt, "decide", to=to, **answer)).status_code == 409, to
    assert (await act(city, staff, receipt, "decide", to="nonsense")).status_code == 422
    assert (await act(city, staff, receipt, "dance")).status_code == 422
    assert await status(city, receipt) == "received"
    assert await city.scalar("SELECT count(*) FROM audit WHERE action LIKE 'suggestion.%'") == 0


async def test_answered_elsewhere_and_in_part_are_answers_too(city: City) -> None:
    mina = city.citizen("en")
    first, second = await mina.suggest(ENGLISH), await mina.suggest(f"{ENGLISH} 2")
    staff = await city.staff(Role.REVIEWER)
    await decide(city, staff, first, "partly_accepted")
    await decide(city, staff, second, "answered_elsewhere")
    await decide(city, staff, first, "done", en="All of it stands now.")
    told_of = await told(city, mina)
    assert ["Partly accepted" in it for it in told_of] == [True, False, False]
    assert "Answered elsewhere" in told_of[1]
    assert "Carried out" in told_of[2] and "All of it stands now." in told_of[2]


async def test_supporters_hear_of_the_answer_as_supporters(city: City) -> None:
    mina, jisu = city.citizen(), city.citizen("en")
    receipt = await mina.suggest(WORDS)
    staff = await city.staff()
    await act(city, staff, receipt, "publish")
    await jisu.press(f"support:{receipt}")
    await decide(city, staff, receipt, "accepted")
    (told_jisu,) = await told(city, jisu)
    assert "which you support" in told_jisu and EN in told_jisu
    assert len(await told(city, mina)) == 1


async def test_a_corrected_answer_is_corrected_openly(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    staff = await city.staff()
    await decide(city, staff, receipt, "accepted")
    page = (await staff.get(f"/staff/suggestions/{receipt}")).text
    assert KO in page[page.index('name="answer_ko"') :], "the form begins with the answer as it is"
    same = await act(city, staff, receipt, "decide", to="accepted", answer_ko=KO, answer_en=EN)
    assert same.status_code == 422, "nothing would change"
    later = {"ko": "내년 6월까지 늘리겠습니다.", "en": "We will add more by June next year."}
    await decide(city, staff, receipt, "accepted", **later)
    assert await city.scalar("SELECT answer_en FROM suggestions") == later["en"]
    history = (await staff.get(f"/staff/suggestions/{receipt}")).text
    assert KO in history, "what it said before stays"
    first, second = await told(city, mina)
    assert KO in first
    assert "바로잡" in second and "내년 6월까지" in second
    assert await city.scalar("SELECT count(*) FROM audit WHERE action = 'suggestion.corrected'") == 1


async def test_a_template_fills_the_form_with_what_is_known(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    editor, reviewer = await city.staff(Role.EDITOR), await city.staff(Role.REVIEWER, "lee@example.org")
    words = {"ko": "{receipt} 감사합니다. {commitment} {date}", "en": "Thanks for {receipt}. {commitment}"}
    template = {"name": "감사", **words}
    assert (await editor.post("/staff/templates", act="save", **template)).status_code == 303
    id_ = str(await city.scalar("SELECT id FROM answer_templates"))
    form = {"to": "accepted", "answer_ko": "먼저 쓴 글", "template": id_}
    page = (await act(city, reviewer, receipt, "use", **form)).text
    assert f"먼저 쓴 글\n\n{receipt} 감사합니다. {{commitment}} 2026년 3월 2일" in page
    assert 'value="accepted" id="to" checked' in page or re.search(r'value="accepted"[^>]*checked', page)
    assert await status(city, receipt) == "received"
    unfinished = {"answer_ko": KO, "answer_en": "Thanks. {commitment}"}
    refused = await act(city, reviewer, receipt, "decide", to="accepted", **unfinished)
    assert refused.status_code == 422
    assert await told(city, mina) == [], "nobody is sent a placeholder"


async def test_templates_are_for_editors_and_know_their_placeholders(city: City) -> None:
    editor, reviewer = await city.staff(Role.EDITOR), await city.staff(Role.REVIEWER, "lee@example.org")
    good = {"act": "save", "name": "인사", "ko": "{city}입니다.", "en": "This is {city}."}
    assert (await reviewer.post("/staff/templates", **good)).status_code == 403
    for wrong in ({"ko": "{name}님께"}, {"en": ""}, {"name": " "}, {"ko": "가" * 4_001}, {"en": "{}"}):
        assert (await editor.post("/staff/templates", **{**good, **wrong})).status_code == 422, wrong
    assert await city.scalar("SELECT count(*) FROM answer_templates") == 0
    assert (await editor.post("/staff/templates", **good)).status_code == 303
    assert (await editor.post("/staff/templates", **good)).status_code == 409, "the name is taken"
    page = (await editor.get("/staff/templates")).text
    id_, seen = re.findall(r'name="(?:id|seen)" value="([^"]+)"', page)[:2]
    city.clock.forward(minutes=1)
    changed = {**good, "ko": "{city}에서 알려 드립니다.", "id": id_, "seen": seen}
    assert (await editor.post("/staff/templates", **changed)).status_code == 303
    assert (await editor.post("/staff/templates", **changed)).status_code == 409, "somebody else was first"
    assert (await editor.post("/staff/templates", act="delete", id=id_)).status_code == 303
    assert await city.scalar("SELECT count(*) FROM answer_templates") == 0


async def test_a_preview_shows_each_channel_and_sends_nothing(city: City) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    staff = await city.staff()
    long = {"answer_ko": "가나다라 마바사아. " * 150, "answer_en": "<b>We</b> will. " * 200}
    page = (await act(city, staff, receipt, "preview", to="accepted", **long)).text
    for channel in ("웹 채팅", "텔레그램", "카카오톡"):
        assert channel in page
    assert re.search(r"카카오톡 \(메시지: 한국어 [2-5]개, 영어 [4-6]개\)", page), "as many as KakaoTalk makes of it"
    assert "텔레그램 (" not in page, "it fits into one of Telegram's"
    assert "<b>We</b>" not in page, "shown as text"
    assert await status(city, receipt) == "received"
    assert await told(city, mina) == []
    assert (await act(city, staff, receipt, "preview", to="accepted", answer_ko=KO)).status_code == 422


async def test_a_translation_is_public_beside_the_original(city: City) -> None:
    receipt = await city.citizen().suggest(WORDS)
    staff = await city.staff()
    await act(city, staff, receipt, "translate", translation="Please add shade at the bus stops")
    await act(city, staff, receipt, "publish")
    assert "Please add shade" in (await city.http.get(f"/suggestions/{receipt}?lang=en")).text
    assert (await act(city, staff, receipt, "translate", translation="x" * 4_001)).status_code == 422
    await act(city, staff, receipt, "translate", translation="")
    assert await city.scalar("SELECT translation FROM suggestions") is None
