"""Whoever asks to be forgotten is forgotten everywhere, in the tables of tomorrow too."""

import re

from sqlalchemy import text

from flows import accounts, delivering
from flows.commitments import read_plan
from flows.store.tables import metadata
from tests.city import Citizen, City
from tests.pictures import photo

CODE = "KRGNJ0001"
NOT_ANSWERED, ANSWERED, DRAFT = (
    "정류장에 그늘막을 늘려 주세요",
    "자전거 도로를 이어 주세요",
    "옥상에 나무를 심어 주세요",
)
NAME = "상무지구 미나리"
ASKED_STAFF, ANSWERED_BY_STAFF = "구청 옥상 정원은 언제 열어요", "태양광 지도는 어디서 봐요"

# What “my data” does with each table that has a citizen in it.
SHOWN = {
    "alert_settings",
    "attachments",
    "citizens",
    "enquiries",
    "follows",
    "mail",
    "ratings",
    "staff_chats",
    "suggestions",
    "supports",
}
NOT_SHOWN = {
    "answered": "the last answers, for a day; topics/privacy.yml says so",
    "testers": "that this chat gets the tests of a member of staff, who sees it in the console and ends it there",
    "deliveries": "which notice went out when; what it said is in `mail` or with the channel",
}


def tables_of_citizens() -> dict[str, str]:
    """Every table that points to a citizen, and the column that does."""
    return {
        key.parent.table.name: key.parent.name
        for table in metadata().sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "citizens"
    }


async def leaves_traces(city: City) -> tuple[Citizen, int]:
    """Mina follows, is told, suggests under a name, is answered, supports what Jisu suggests and the city accepts, asks
    what nobody knows, rates, asks staff, lets her chat be a staff chat, and has a draft with a photo open.
    """
    mina = city.citizen()
    await mina.press(f"subscribe:{CODE}:instant")
    await mina.press("subscription_settings:quiet:2100-1000")
    citizen = await city.scalar("SELECT max(id) FROM citizens")
    await mina.say("아무도 모르는 것")
    await mina.press(next(value for value in (await mina.press("ask:ogp")).choices if value.startswith("rate:")))
    supported = await city.citizen().suggest("도서관을 밤 열 시까지 열어 주세요")
    await mina.press("submit_suggestion:start")
    await mina.say(NOT_ANSWERED)
    await mina.press("submit_suggestion:skip")
    await mina.press("submit_suggestion:name")
    await mina.say(NAME)
    await mina.press("submit_suggestion:confirm")
    answered = await mina.suggest(ANSWERED)
    staff = await city.staff()
    for receipt in (answered, supported):
        assert (await staff.decide(receipt, "accepted", ko="이을게요", en="We will")).status_code == 303
    await mina.press(f"support:{supported}")
    for asked in (ANSWERED_BY_STAFF, ASKED_STAFF):
        await mina.press("ask_staff")
        await mina.press((await mina.say(asked)).choices[0])
    draft = await staff.post("/staff/updates", commitment=CODE, ko="초안입니다", en="A draft")
    link = re.search(r"/start test-\w+", (await staff.post(draft.headers["location"], act="link")).text)
    assert link
    await mina.say(link[0])
    await staff.post("/staff/enquiries/1", act="answer", answer=f"{ANSWERED_BY_STAFF}? 누리집에 있습니다")
    await city.publish(CODE, ko="소식입니다", en="News")
    await city.work_until_idle()
    assert len(await mina.inbox()) == 3
    async with city.damso.db.transaction() as tx:
        by = await accounts.named(tx, staff.email)
        code = await delivering.new_staff_code(tx, "ko", by=by, at=city.clock())
        address = await tx.scalar(text(f"SELECT address FROM citizens WHERE id = {citizen}"))
        await delivering.join_staff_chat(tx, "web", address, code, at=city.clock())
    await mina.press("submit_suggestion:start")
    await mina.say(DRAFT)
    await mina.send_file(photo())
    return mina, citizen


async def count(city: City, table: str, where: str, **params: object) -> int:
    async with city.damso.db.transaction() as tx:
        found = await tx.scalar(text(f"SELECT count(*) FROM {table} AS it WHERE {where}"), params)
    assert isinstance(found, int)
    return found


async def test_no_row_points_to_somebody_who_is_erased(city: City) -> None:
    mina, citizen = await leaves_traces(city)
    for table, column in tables_of_citizens().items():
        left = await count(city, table, f"{column} = :citizen", citizen=citizen)
        assert left, f"this guard proves nothing of {table}: let Mina do what makes a row there"
    await mina.press("forget_me:confirm")
    for table, column in {**tables_of_citizens(), "citizens": "id"}.items():
        left = await count(city, table, f"{column} = :citizen", citizen=citizen)
        assert not left, f"flows/privacy/rows.py, erase: {left} rows of {table} still point to the citizen"


async def test_no_word_and_no_name_of_theirs_stays_in_any_table(city: City) -> None:
    mina, citizen = await leaves_traces(city)
    address = await city.scalar(f"SELECT address FROM citizens WHERE id = {citizen}")
    assert await count(city, "citizens", "it::text LIKE :any", any=f"%{address}%"), "looked for in the wrong way"
    await mina.press("forget_me:confirm")
    tables = [table.name for table in metadata().sorted_tables] + ["procrastinate_jobs", "procrastinate_events"]
    for table in tables:
        for trace in (address, NAME, NOT_ANSWERED, DRAFT, ASKED_STAFF, ANSWERED_BY_STAFF):
            left = await count(city, table, "it::text LIKE :any", any=f"%{trace}%")
            assert not left, f"flows/privacy/rows.py, erase: “{trace}” is still in {table}"
    assert await count(city, "suggestions", "text = :text", text=ANSWERED) == 1, "what was published stays"


async def test_nothing_of_anybody_else_goes_with_them(city: City) -> None:
    jisu = city.citizen()
    await jisu.press("subscribe:all:weekly")
    receipt = await jisu.suggest(NOT_ANSWERED)
    mina, _ = await leaves_traces(city)
    await mina.press("forget_me:confirm")
    assert receipt in (await jisu.press("my_suggestions")).text
    assert "unsubscribe:all" in (await jisu.press("subscription_settings")).choices


def test_my_data_has_decided_on_every_table() -> None:
    undecided = {*tables_of_citizens(), "citizens"} - SHOWN - {*NOT_SHOWN}
    assert not undecided, f"show {undecided} in flows/privacy (export, my_data), or say in this guard why not"


async def test_my_data_shows_what_is_held(city: City) -> None:
    mina, citizen = await leaves_traces(city)
    address = await city.scalar(f"SELECT address FROM citizens WHERE id = {citizen}")
    shown = (await mina.press("my_data")).text
    marks = (address, NAME, NOT_ANSWERED, ANSWERED, ASKED_STAFF, ANSWERED_BY_STAFF)
    missing = [mark for mark in marks if mark not in shown]
    assert not missing, f"flows/privacy/handlers.py, my_data does not show {missing}"


async def test_my_data_shows_the_draft_and_what_is_followed(city: City) -> None:
    """It says “all that is held”, and both are held."""
    mina, _ = await leaves_traces(city)
    shown = (await mina.press("my_data")).text
    followed = next(planned.short.ko for planned in read_plan() if planned.code == CODE)
    missing = [mark for mark in (DRAFT, followed, "21:00~10:00") if mark not in shown]
    assert not missing, f"flows/privacy (export, my_data) does not show {missing}"
    assert "직원 대화방" in shown
    assert ("채널: 웹" in shown, "언어: 한국어" in shown, "(수용) “" in shown) == (True, True, True), "in plain words"
