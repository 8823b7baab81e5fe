"""A broadcast, as it goes and as staff see it."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event, text

from bot.cli import main
from flows import citizens, delivering
from flows.accounts import Role
from flows.delivering import Outcome, Parcel, Policy, sending
from flows.subscribing import next_decent_moment
from tests.city import City, StaffBrowser

CODE = "KRGNJ0001"
AGAIN, GONE, REFUSED = Outcome("later", "server"), Outcome("gone", "blocked"), Outcome("refused", "not_taken")
PERHAPS = Outcome("uncertain", "time_out")


@dataclass
class Platform:
    """A channel on which `does` says what becomes of a message; at first sight, and afterwards it arrives."""

    does: Callable[[int], Outcome] = lambda _address: Outcome("sent")
    tried: list[int] = field(default_factory=list)

    async def send(self, parcel: Parcel) -> Outcome:
        await asyncio.sleep(0)
        first = int(parcel.address) not in self.tried
        self.tried.append(int(parcel.address))
        return self.does(int(parcel.address)) if first else Outcome("sent")


async def subscribers(city: City, count: int) -> None:
    """So many people in Telegram who follow the commitment."""
    async with city.damso.db.transaction() as tx:
        made = """
            INSERT INTO citizens (channel, address, lang, lang_chosen, created_at, seen_at)
            SELECT 'telegram', n::text, 'ko', false, now(), now() FROM generate_series(1, :count) AS n
        """
        await tx.execute(text(made), {"count": count})
        follows = "INSERT INTO follows SELECT id, :code, 'instant', :at FROM citizens"
        await tx.execute(text(follows), {"code": CODE, "at": city.clock()})


async def broadcast(city: City, count: int) -> str:
    """An update that so many people are owed; the page of its broadcast."""
    await subscribers(city, count)
    city.clock.forward(minutes=1)
    await city.publish(CODE, ko="소식", en="News")
    await city.work_until_idle()
    return f"/staff/broadcasts/{await city.scalar('SELECT max(id) FROM notices')}"


async def deliver(city: City, platform: Platform, policy: Policy | None = None) -> int:
    return await delivering.deliver_due(city.damso.db, {"telegram": platform}, city.clock, policy or Policy())


async def numbers(staff: StaffBrowser, page: str) -> dict[str, str]:
    """Names and values of the page."""
    shown = (await staff.get(page, lang="en")).text
    return {k.strip(): v.strip() for k, v in re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", shown, re.DOTALL)}


async def test_everybody_gets_it_once_however_many_they_are(city: City) -> None:
    await broadcast(city, 250)
    platform = Platform()
    assert await deliver(city, platform) == 250
    assert Counter(platform.tried) == Counter(range(1, 251))
    assert await deliver(city, platform) == 0


async def test_the_page_counts_what_the_platform_saw(city: City) -> None:
    page = await broadcast(city, 100)
    outcomes = {1: GONE, 2: GONE, 3: AGAIN, 4: PERHAPS, 5: REFUSED}
    platform = Platform(lambda address: outcomes.get(address, Outcome("sent")))
    await deliver(city, platform)
    staff = await city.staff(Role.EDITOR)
    half_way = await numbers(staff, page)
    assert {k: half_way[k] for k in ("Owed", "Waiting", "Sent", "No longer reachable", "Failed")} == {
        "Owed": "100",
        "Waiting": "2",
        "Sent": "95",
        "No longer reachable": "2",
        "Failed": "1",
    }
    assert half_way["The platform does not take this message."] == "1"
    left = "Waiting <strong>2</strong> · Being sent <strong>0</strong> · Failed <strong>1</strong>"
    assert left in (await staff.get("/staff/updates", lang="en")).text
    assert half_way["The platform did not answer as it should."] == "1", "why it waits for another try"
    assert half_way["Speed"] == "95.0 a second", "since the first message, as it began within the last minute"
    city.clock.forward(minutes=1)
    await deliver(city, platform)
    shown = (await staff.get(page, lang="en")).text
    assert "Finished" in shown
    assert "1 message may have been read twice" in shown
    assert (await numbers(staff, page))["Sent"] == "97"
    assert Counter(platform.tried)[4] == 2


async def test_the_command_line_shows_what_the_page_shows(city: City) -> None:
    page = await broadcast(city, 10)
    outcomes = {1: AGAIN, 2: AGAIN, 3: PERHAPS, 4: REFUSED}
    await deliver(city, Platform(lambda address: outcomes.get(address, Outcome("sent"))))

    async def status(*more: str) -> str:
        sent_at = "UPDATE deliveries SET ended_at = now() - interval '30 seconds' WHERE state = 'sent'"
        await city.execute(sent_at)  # the command asks the machine's clock
        env = {"DATABASE_URL": city.database_url}
        return (await asyncio.to_thread(CliRunner().invoke, main, ["deliveries", "status", *more], env=env)).stdout

    refused = "  1 not_taken: The platform does not take this message.\n"
    line = rf"Progress update {CODE}/1  \[#{{21}}\.{{9}}\]  70%  7/10  0\.\d/s  "
    counts = f"failed: 1\n{refused}owed: 3\nsent: 6\n"
    assert re.fullmatch(rf"{counts}{line}0:00:\d\d left\n{refused}", await status())
    told = json.loads(await status("--format", "json"))
    (one,) = told.pop("broadcasts")
    assert told == {"owed": 3, "sent": 6, "failed": 1, "failed_by_reason": {"not_taken": 1}}
    assert (one["owed"], one["waiting"], one["paused"]) == (10, 3, None)
    assert (one["failed_by_reason"], one["waiting_by_reason"]) == ({"not_taken": 1}, {"server": 2, "time_out": 1})
    assert one["per_second"] > 0 and one["seconds_left"] > 0
    await (await city.staff(Role.EDITOR)).post(f"{page}/pause")
    assert re.search(rf"{line}paused \(staff\)", await status())


async def test_an_operator_may_leave_what_may_have_arrived(city: City) -> None:
    page = await broadcast(city, 3)
    platform = Platform(lambda address: PERHAPS if address == 2 else Outcome("sent"))
    policy = Policy(uncertain_again=False)
    await deliver(city, platform, policy)
    city.clock.forward(days=1)
    await deliver(city, platform, policy)
    assert Counter(platform.tried)[2] == 1
    assert (await numbers(await city.staff(Role.EDITOR), page))["May have arrived"] == "1"


async def test_it_pauses_itself_after_too_many_errors_in_a_row_and_goes_on_when_told(city: City) -> None:
    page = await broadcast(city, 200)
    await deliver(city, Platform(lambda _address: REFUSED), Policy(pause_after=10))
    staff = await city.staff(Role.EDITOR)
    shown = await numbers(staff, page)
    assert 10 <= int(shown["Failed"]) <= 10 + delivering.IN_THE_AIR, "what was in the air still ends"
    assert int(shown["Waiting"]) == 200 - int(shown["Failed"])
    assert "It paused itself" in (await staff.get(page, lang="en")).text
    assert not {"Speed", "Time left"} & shown.keys(), "nothing moves"
    assert await deliver(city, Platform()) == 0
    await staff.post(f"{page}/resume")
    assert await deliver(city, Platform()) == int(shown["Waiting"])


async def test_staff_are_told_which_broadcast_has_paused_itself_and_where_it_waits(city: City) -> None:
    page = await broadcast(city, 60)
    async with city.damso.db.transaction() as tx:
        group = await citizens.meet(tx, "telegram", "-7", "en", at=city.clock())
    await city.execute(f"INSERT INTO staff_chats (citizen_id, title, joined_at) VALUES ({group}, 'Group', now())")
    told = list[str]()

    class Told(Platform):
        async def send(self, parcel: Parcel) -> Outcome:
            if parcel.citizen != group:
                return REFUSED
            told.append(parcel.reply.text)
            return Outcome("sent")

    await deliver(city, Told(), Policy(pause_after=10))
    (said,) = told
    assert f"“Progress update {CODE}/1” has paused itself" in said
    assert said.endswith(page), "a link to its page"
    staff = await city.staff(Role.EDITOR)
    menu = r"Broadcasts\s*<span class=\"badge badge--danger\">Paused 1</span>"
    assert re.search(menu, (await staff.get("/staff/updates", lang="en")).text)
    await staff.post(f"{page}/resume")
    assert not re.search(menu, (await staff.get("/staff/updates", lang="en")).text)


async def reads(city: City) -> tuple[int, int]:
    """How many times the database is asked, and how many rows it answers with, until all that is due is sent."""
    asked: list[int] = []

    def note(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append(cursor.rowcount)

    engine = city.damso.db.engine.sync_engine
    event.listen(engine, "after_cursor_execute", note)
    try:
        await deliver(city, Platform())
    finally:
        event.remove(engine, "after_cursor_execute", note)
    return len(asked), sum(asked)


async def test_what_a_batch_reads_grows_neither_with_the_plan_nor_by_a_statement_a_digest(city: City) -> None:
    await broadcast(city, 10)
    first = await reads(city)
    digests = []
    for monday, readers in (("2026-03-09 09:00", 1), ("2026-03-16 09:00", 10)):
        await city.execute(f"UPDATE follows SET frequency = 'weekly' WHERE citizen_id <= {readers}")
        await city.publish(CODE, f"소식 {monday}", f"News {monday}")
        await city.work_until_idle()
        await deliver(city, Platform())
        city.clock.set(monday)
        await city.work_until_idle()
        digests.append((await reads(city))[0])
    assert digests[0] == digests[1]
    for number in range(20):
        await city.publish(CODE, f"소식 {number}", f"News {number}")
    await city.work_until_idle()
    await city.execute("UPDATE follows SET frequency = 'instant'")
    await city.publish(CODE, "끝", "The last")
    await city.work_until_idle()
    assert await reads(city) == first


@pytest.mark.parametrize("in_the_air", [True, False])
async def test_a_correction_meanwhile_is_told_once_to_each_as_far_as_they_may_have_read_the_first(
    city: City, in_the_air: bool
) -> None:
    await broadcast(city, 3)
    said: dict[int, list[str]] = {1: [], 2: [], 3: []}

    async def correct(update: int, words: str) -> None:
        await city.correct(update, words, words)
        async with city.damso.db.transaction() as tx:
            await delivering.announce(tx, update + 1, at=city.clock())

    class Reading(Platform):
        corrected = False

        async def send(self, parcel: Parcel) -> Outcome:
            if in_the_air and not self.corrected:
                self.corrected = True
                await correct(1, "Right")
            outcome = await super().send(parcel)
            if outcome.kind != "later":
                kind = "correction" if "정정" in parcel.reply.text else "news"
                said[int(parcel.address)].append(f"{kind} {parcel.reply.text.splitlines()[2]}")
            return outcome

    platform = Reading(lambda address: {2: AGAIN, 3: PERHAPS}.get(address, Outcome("sent")))
    await deliver(city, platform)
    if not in_the_air:
        await correct(1, "Right")
    city.clock.forward(minutes=1)
    await deliver(city, platform)
    assert said == {
        1: ["news 소식", "correction Right"],
        2: ["news Right"],
        3: ["news 소식", "correction Right"],
    }
    await correct(2, "Quite right")
    await deliver(city, platform)
    assert [told[-1] for told in said.values()] == ["correction Quite right"] * 3
    assert await city.scalar("SELECT count(*) FROM deliveries WHERE state NOT IN ('sent', 'dropped')") == 0


async def test_nobody_is_sent_what_is_wrong_while_its_correction_is_being_owed(city: City) -> None:
    await broadcast(city, 3)
    said: list[str] = []

    class Reading(Platform):
        async def send(self, parcel: Parcel) -> Outcome:
            said.append(parcel.reply.text)
            return Outcome("sent")

    await city.correct(1, "바른 소식", "Right")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with city.damso.db.transaction() as tx:
        await delivering.announce(tx, 2, at=city.clock())
        sending = asyncio.create_task(deliver(city, Reading()))
        while not sending.done() and not await city.scalar(waiting):
            pass
    assert await sending == 3
    assert all("바른 소식" in told for told in said)


async def test_errors_that_are_not_in_a_row_pause_nothing(city: City) -> None:
    await broadcast(city, 200)
    platform = Platform(lambda address: REFUSED if address % 2 else Outcome("sent"))
    assert await deliver(city, platform, Policy(pause_after=40)) == 100


async def test_staff_pause_it_and_send_what_failed_again(city: City) -> None:
    page = await broadcast(city, 20)
    staff = await city.staff(Role.EDITOR)
    shown = (await staff.get(page)).text
    assert "소식</p>" in shown and "News</p>" in shown
    one = re.search(r"/staff/updates/\d+", shown)
    assert one and page in (await staff.get(one[0])).text, "each leads to the other"
    assert (await staff.post(f"{page}/pause")).status_code == 303
    assert "done=unchanged" in (await staff.post(f"{page}/pause")).headers["location"]
    assert await deliver(city, Platform()) == 0
    await staff.post(f"{page}/resume")
    await deliver(city, Platform(lambda address: REFUSED if address <= 5 else Outcome("sent")))
    assert (await numbers(staff, page))["Failed"] == "5"
    await staff.post(f"{page}/retry")
    assert await deliver(city, Platform()) == 5
    assert "done=unchanged" in (await staff.post(f"{page}/retry")).headers["location"]
    acts = "SELECT array_agg(action ORDER BY id) FROM audit WHERE action LIKE 'broadcast.%'"
    assert await city.scalar(acts) == ["broadcast.paused", "broadcast.resumed", "broadcast.retried"]


async def test_a_paused_broadcast_stands_in_nobodys_way(city: City) -> None:
    page = await broadcast(city, 20)
    staff = await city.staff()
    await staff.post(f"{page}/pause")
    await city.work_until_idle()
    assert await city.scalar("SELECT count(*) FROM deliveries WHERE state = 'owed'") == 0, "which claims look through"
    assert (await numbers(staff, page))["Waiting"] == "20"
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'delivering:send_due'"
    before = await city.scalar(jobs)
    await city.work_until_idle()
    assert await city.scalar(jobs) == before, "nobody is woken for it"
    await city.publish("KRGNJ0002", "자료", "Data")
    await city.execute("INSERT INTO follows SELECT id, 'KRGNJ0002', 'instant', now() FROM citizens")
    await city.work_until_idle()
    assert await deliver(city, Platform()) == 20
    await staff.post(f"{page}/resume")
    await city.work_until_idle()
    assert await deliver(city, Platform()) == 20


async def tried_until_over(city: City, platform: Platform) -> list[timedelta]:
    """Try whenever a message is due, nights left out, until it is owed no more. Returns the pauses between."""
    waits = list[timedelta]()
    while True:
        await deliver(city, platform)
        due_at = await city.scalar("SELECT due_at FROM deliveries WHERE state = 'owed'")
        if due_at is None:
            return waits
        waits.append(due_at - city.clock())
        city.clock.time = next_decent_moment(due_at)


@dataclass
class Away(Platform):
    """One that does the same to every try."""

    outcome: Outcome = AGAIN

    async def send(self, parcel: Parcel) -> Outcome:
        self.tried.append(parcel.attempt)
        return self.outcome


async def test_an_outage_ends_nothing_that_is_worth_reading_and_the_pauses_grow_to_an_hour(city: City) -> None:
    await broadcast(city, 1)
    began = city.clock()
    waits = await tried_until_over(city, away := Away())
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=15), timedelta(hours=1))
    assert timedelta(days=1, hours=12) < city.clock() - began < timedelta(days=3)
    assert away.tried == list(range(1, len(waits) + 2))
    assert await city.scalar("SELECT state || ' ' || reason FROM deliveries") == "failed server"


async def test_nobody_is_sent_without_end_what_may_have_arrived_each_time(city: City) -> None:
    await broadcast(city, 1)
    await tried_until_over(city, perhaps := Away(outcome=PERHAPS))
    assert len(perhaps.tried) == 8
    assert await city.scalar("SELECT state || ' ' || reason FROM deliveries") == "failed time_out"


async def test_nothing_leaves_once_the_night_begins(city: City) -> None:
    await broadcast(city, 300)
    city.clock.set("2026-03-02 20:59")
    sent_at = []

    class Slow(Platform):
        async def send(self, parcel: Parcel) -> Outcome:
            city.clock.forward(seconds=1)
            sent_at.append(city.clock())
            return Outcome("sent")

    await deliver(city, Slow())
    assert sent_at and max(sent_at).hour == 20
    city.clock.set("2026-03-03 07:59:59")
    assert await deliver(city, Platform()) == 0
    city.clock.set("2026-03-03 08:00")
    await deliver(city, Platform())
    assert await city.scalar("SELECT count(*) FROM deliveries WHERE state <> 'sent'") == 0


async def test_a_database_that_goes_away_makes_nobody_read_it_twice(city: City) -> None:
    await broadcast(city, 100)

    class CutOff(Platform):
        async def send(self, parcel: Parcel) -> Outcome:
            outcome = await super().send(parcel)
            if len(self.tried) == 50:
                await city.cut_connections()
            return outcome

    platform = CutOff()
    await deliver(city, platform)
    assert Counter(platform.tried) == Counter(range(1, 101))


async def test_those_in_the_air_land_when_the_database_fails_at_a_claim(city: City) -> None:
    await broadcast(city, 150)

    class Wrecked(Platform):
        async def send(self, parcel: Parcel) -> Outcome:
            outcome = await super().send(parcel)
            if len(self.tried) == 70:
                await city.execute("ALTER TABLE citizens RENAME TO wrecked")  # claims need it, records do not
            return outcome

    platform = Wrecked()
    assert await deliver(city, platform) == 100
    await city.execute("ALTER TABLE wrecked RENAME TO citizens")
    city.clock.forward(seconds=30)  # whatever was left claimed would go again
    assert await deliver(city, platform) == 50
    assert Counter(platform.tried) == Counter(range(1, 151))


async def test_a_message_is_given_up_before_its_claim_runs_out(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await broadcast(city, 2)
    monkeypatch.setattr(sending, "LONGEST_FLIGHT", timedelta(milliseconds=50))

    class Stuck(Platform):
        async def send(self, parcel: Parcel) -> Outcome:
            if parcel.address == "1":
                await asyncio.Event().wait()
            return await super().send(parcel)

    assert await deliver(city, Stuck()) == 1
    assert (await numbers(await city.staff(Role.EDITOR), page))["Waiting"] == "1"
    assert await city.scalar("SELECT reason FROM deliveries WHERE uncertain = 1") == "time_out"


async def test_a_channel_that_must_wait_is_left_alone_and_costs_no_try(city: City) -> None:
    await broadcast(city, 100)
    held = Platform(lambda _address: Outcome("held"))
    await deliver(city, held)
    assert len(held.tried) <= delivering.IN_THE_AIR
    assert await city.scalar("SELECT count(*) FROM deliveries WHERE state = 'owed' AND attempts = 0") == 100


async def test_a_row_that_should_be_there_is_owed_again(city: City) -> None:
    await broadcast(city, 3)
    await city.execute("DELETE FROM deliveries WHERE citizen_id = (SELECT max(id) FROM citizens)")
    async with city.damso.db.transaction() as tx:
        later = "INSERT INTO citizens (channel, address, lang, lang_chosen, created_at, seen_at)"
        await tx.execute(text(f"{later} VALUES ('telegram', '9', 'ko', false, :at, :at)"), {"at": city.clock()})
        follows = "INSERT INTO follows SELECT id, :code, 'instant', :at FROM citizens WHERE address = '9'"
        await tx.execute(text(follows), {"code": CODE, "at": city.clock() + timedelta(minutes=1)})
    await city.work_until_idle()
    assert await city.scalar("SELECT count(*) FROM deliveries") == 3, "and not to who began to follow afterwards"


@dataclass
class Stubborn:
    """A channel that does the same to everybody."""

    outcome: Outcome

    async def send(self, _parcel: Parcel) -> Outcome:
        return self.outcome


async def test_a_personal_message_that_is_stuck_is_seen_without_its_words_and_sent_again(city: City) -> None:
    mina, staff = city.citizen(), await city.staff()
    receipt = await mina.suggest("정류장마다 그늘막을 세워 주세요")
    await staff.decide(receipt, "declined", ko="어렵습니다", en="It is hard")

    async def fail(outcome: Outcome, policy: Policy) -> tuple[str, str]:
        """Send it in vain. Returns the list of broadcasts, and the page of the message."""
        await delivering.deliver_due(city.damso.db, {"web": Stubborn(outcome)}, city.clock, policy)
        shown = (await staff.get("/staff/broadcasts", lang="en")).text
        found = re.search(rf'<a href="([^"]+)">Message about a suggestion {receipt}</a>', shown)
        assert found and "그늘막" not in shown and "어렵습니다" not in shown
        return shown, found[1]

    async def set_aside() -> None:
        await delivering.set_aside(city.damso.db, await city.scalar("SELECT max(id) FROM notices"))

    shown, page = await fail(AGAIN, Policy(pause_after=1))
    await set_aside()
    assert "Paused" in shown and await staff.post(f"{page}/resume")
    await set_aside()
    city.clock.forward(minutes=1)
    await fail(REFUSED, Policy())
    assert (await numbers(staff, page))["Failed"] == "1"
    await staff.post(f"{page}/retry")
    await city.work_until_idle()
    assert ["어렵습니다" in message["text"] for message in await mina.inbox()] == [True]
    shown = (await staff.get("/staff/broadcasts", lang="en")).text
    assert receipt not in shown, "it needs nobody any more"


async def test_digests_have_names_and_those_at_own_times_do_not_flood_the_list(city: City) -> None:
    city.clock.set("2026-03-03 10:00")
    for own in ([], ["subscription_settings:weekday:4"]):
        citizen = city.citizen()
        for value in [f"subscribe:{CODE}:weekly", *own]:
            await citizen.press(value)
    await city.work_until_idle()
    await city.publish(CODE, ko="소식", en="News")
    await city.work_until_idle()
    for moment in ("2026-03-06 12:00", "2026-03-09 09:00"):
        city.clock.set(moment)
        await city.work_until_idle()
    assert (
        await city.scalar("SELECT count(*) FROM deliveries JOIN notices n ON notice_id = n.id AND kind = 'digest'") == 2
    )
    staff = await city.staff(Role.EDITOR)
    assert "Weekly digest 9 March 2026" in (shown := (await staff.get("/staff/broadcasts", lang="en")).text)
    assert "Weekly digest at own times 6 March" not in shown
    await city.execute(
        "UPDATE deliveries SET state = 'failed' FROM notices n WHERE n.id = notice_id AND kind = 'digest'"
    )
    shown = (await staff.get("/staff/broadcasts", lang="en")).text
    assert "Weekly digest at own times 6 March" in shown, "it needs a hand"


async def test_a_correction_that_should_be_there_is_owed_again(city: City) -> None:
    await broadcast(city, 3)
    city.clock.forward(minutes=1)
    await deliver(city, Platform())
    await city.correct(1, "바로잡은 소식", "News put right")
    await city.run_jobs()
    await city.execute("DELETE FROM deliveries WHERE notice_id = 2 AND citizen_id = (SELECT max(id) FROM citizens)")
    await city.execute("UPDATE citizens SET back_at = now() WHERE id = (SELECT min(id) FROM citizens)")
    await city.execute("DELETE FROM deliveries WHERE notice_id = 2 AND citizen_id = (SELECT min(id) FROM citizens)")
    await city.work_until_idle()
    assert await city.scalar("SELECT count(*) FROM deliveries WHERE notice_id = 2") == 2, "and not to who was away"


async def test_a_reviewer_has_no_hand_on_it(city: City) -> None:
    page = await broadcast(city, 1)
    reviewer = await city.staff(Role.REVIEWER)
    assert (await reviewer.get(page)).status_code == 403
    assert (await reviewer.post(f"{page}/pause")).status_code == 403


async def test_a_broadcast_that_is_not_there(city: City) -> None:
    staff = await city.staff(Role.EDITOR)
    for number in ("0", "99", "x", "9" * 30):
        assert (await staff.get(f"/staff/broadcasts/{number}")).status_code == 404
