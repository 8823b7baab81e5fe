"""Staff who joined a chat hear there how much waits: gathered, by day, without anybody's name or words."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from html import unescape

import pytest

from bot.channels.telegram import Telegram, polling
from flows import commitments, delivering
from flows.city import Both
from flows.delivering import StaffCodeOver
from flows.store.keeping import TELEGRAM_LINK, keep
from flows.wording import text
from tests.bot_api import BOT, TOKEN, BotApi, serving
from tests.city import City, StaffBrowser

GROUP, SUPERGROUP, MINA = -77, -100_77, 101
HEARING = Both(ko="공청회", en="Hearing")
WORDS = "정류장마다 그늘막을 세워 주세요"
CURSED = "담당자 씨발 놈들은 일을 안 합니다"


@dataclass
class Room:
    """A city whose bot is in Telegram, and an administrator of it."""

    city: City
    api: BotApi
    telegram: Telegram
    admin: StaffBrowser

    async def code(self, spoken: str = "ko") -> tuple[str, str]:
        """A new code as its page shows it: what is written in a group, and what the link to one's own chat sends."""
        page = unescape((await self.admin.post("/staff/chats", act="code", spoken=spoken)).text)
        command = re.search(r"<code>(/join@\w+ \w+)</code>", page)
        link = re.search(r"https://t\.me/\w+\?start=([\w-]+)", page)
        assert command and link and f"https://t.me/{BOT['username']}?startgroup={link[1]}" in page
        return command[1], f"/start {link[1]}"

    async def write(self, chat: int, said: str, chat_type: str = "group") -> None:
        """Somebody writes in a chat, and the bot handles it."""
        self.api.write_message(chat, chat_type=chat_type, text=said)
        await self.poll()

    async def poll(self) -> None:
        """Handle what has come."""
        damso = self.city.damso
        polling = asyncio.create_task(self.telegram.poll(damso.conversation, damso.db, self.city.clock))
        try:
            await self.api.until(lambda: not self.api.updates)
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)

    async def told(self, chat: int = GROUP) -> list[str]:
        """What a chat was told after it joined."""
        await self.city.work_until_idle()
        return [sent.text for sent in self.api.messages(chat)[1:]]


@pytest.fixture
async def room(city: City) -> AsyncIterator[Room]:
    async with serving() as api, Telegram.connect(TOKEN, api.url, city.damso.db, per_second=1_000) as telegram:
        city.damso = replace(city.damso, senders={**city.damso.senders, "telegram": telegram})
        async with city.damso.db.transaction() as tx:
            await keep(tx, TELEGRAM_LINK, f"https://t.me/{BOT['username']}")
        yield Room(city, api, telegram, await city.staff())


async def test_a_group_hears_how_much_waits_but_not_who_said_what(room: Room) -> None:
    city = room.city
    await room.write(GROUP, "담소야, 탄소중립이 뭐야?")
    assert room.api.messages(GROUP) == [], "nothing else in a group is for us"
    command, _ = await room.code()
    await room.write(GROUP, command)
    assert [sent.text for sent in room.api.messages(GROUP)] == [text("ko", polling.STAFF_CHAT)]
    assert await room.told() == [], "nothing waits yet"
    receipts = [await city.citizen().suggest(said) for said in (WORDS, CURSED)]
    (said,) = await room.told()
    assert "새 제안: 2건" in said
    assert "개인정보나 욕설로 보이는 제안: 1건" in said
    assert said.endswith("/staff")
    assert not [secret for secret in (WORDS, CURSED, *receipts) if secret in said]

    city.clock.forward(minutes=50)
    await city.citizen().suggest("옥상마다 나무를 심어 주세요")
    assert len(await room.told()) == 1, "gathered for an hour"
    city.clock.set("2026-03-02 22:30")
    assert len(await room.told()) == 1, "never at night"
    city.clock.set("2026-03-03 08:00")
    said = (await room.told())[1]
    assert ("새 제안: 1건" in said, "답변을 기다리는 제안: 모두 3건" in said) == (True, True)
    assert len(await room.told()) == 2, "once"


async def test_what_is_due_overdue_contested_or_asked_is_told_once_when_it_comes_about(room: Room) -> None:
    city = room.city
    await room.write(MINA, (await room.code("en"))[1], "private")
    mina = city.citizen()
    receipt, declined = await mina.suggest(WORDS), await mina.suggest("도서관을 밤까지 열어 주세요")
    await room.admin.decide(declined, "declined", ko="어렵습니다", en="It is hard")
    assert len(await room.told(MINA)) == 1
    async with city.damso.db.transaction() as tx:
        await commitments.add_milestone(tx, "KRGNJ0001", HEARING, date(2026, 3, 20), by=None, at=city.clock())
    city.clock.set("2026-03-18 10:00")
    said = (await room.told(MINA))[1]
    assert "Suggestions that are due soon now: 1" in said and "Milestones of the plan that are due soon now: 1" in said
    city.clock.set("2026-03-24 10:00")
    await mina.press(f"contest:{declined}")
    await mina.say("이유를 알 수 없어서 다시 봐 주시기를 바랍니다")
    await mina.press("ask_staff")
    await mina.press((await mina.say("구청 옥상 정원은 언제 열어요")).choices[0])
    said = (await room.told(MINA))[2]
    for line in (
        "Suggestions that became overdue: 1",
        "Milestones of the plan that became overdue: 1",
        "authors contest: 1",
        "New questions to the staff: 1",
        "has waited: 2",
    ):
        assert line in said, line
    assert "due soon" not in said, "that is known"
    city.clock.forward(days=1)
    assert len(await room.told(MINA)) == 3, f"nothing is new about {receipt}"


async def test_a_code_is_good_once_for_an_hour_and_a_wrong_one_is_refused(room: Room) -> None:
    command, start = await room.code()
    await room.write(GROUP, command)
    await room.write(MINA, start, "private")
    assert room.api.messages(MINA)[-1].text == StaffCodeOver().said("ko"), "used in the group"
    late, _ = await room.code()
    room.city.clock.forward(minutes=61)
    async with room.city.damso.db.transaction() as tx:
        with pytest.raises(StaffCodeOver):
            await delivering.join_staff_chat(tx, "telegram", str(MINA), late.split()[1], at=room.city.clock())
        assert [(chat.title, chat.lang) for chat in await delivering.staff_chats(tx)] == [("Group", "ko")]
    await room.admin.sign_in()
    assert (await room.admin.post("/staff/chats", act="code", spoken="fr")).status_code == 422
    assert (await room.admin.post("/staff/chats", act="close", chat="x")).status_code == 404


async def test_who_leaves_is_told_nothing_more(room: Room) -> None:
    city = room.city
    for chat, kind in ((GROUP, "group"), (MINA, "private")):
        command, start = await room.code()
        await room.write(chat, command if kind == "group" else start, kind)

    async def news(name: str) -> None:
        async with city.damso.db.transaction() as tx:
            await delivering.tell_staff(tx, f"test/{name}", Both(ko=name, en=name), at=city.clock())
        await city.run_jobs()

    await news("first")
    await news("first")
    assert [len(room.api.messages(chat)) for chat in (GROUP, MINA)] == [2, 2], "the same once"
    room.api.write_message(GROUP, chat_type="group", migrate_to_chat_id=SUPERGROUP)
    await room.poll()
    room.api.write_message(SUPERGROUP, chat_type="supergroup", text="이사했어요")
    await news("second")
    assert len(room.api.messages(SUPERGROUP)) == 1, "a group that grew is the same group"
    page = (await room.admin.get("/staff/chats")).text
    own = await city.scalar(f"SELECT id FROM citizens WHERE address = '{MINA}'")
    assert f'value="{own}"' in page
    await room.admin.post("/staff/chats", act="close", chat=str(own))
    room.api.block(SUPERGROUP)
    room.api.updates.clear()
    await news("third")
    assert await city.scalar("SELECT count(*) FROM staff_chats") == 0, "a group that took us out is forgotten"
    assert await city.scalar("SELECT count(*) FROM citizens WHERE channel = 'telegram'") == 1, "and Mina stays"
    assert await city.scalar("SELECT count(*) FROM audit WHERE action = 'staff_chat.closed'") == 1

    command, _ = await room.code()
    await room.write(GROUP, command)
    room.api.take_out(GROUP)
    await room.poll()
    assert await city.scalar("SELECT count(*) FROM staff_chats") == 0


async def test_after_a_month_what_waited_is_not_new(room: Room) -> None:
    """Whoever joins first hears of all that waits; later only what has come."""
    await room.city.citizen().suggest(WORDS)
    room.city.clock.forward(days=20)
    await room.admin.sign_in()
    await room.write(GROUP, (await room.code())[0])
    (said,) = await room.told()
    assert "가장 오래 기다린 날수: 20일" in said
    room.city.clock.forward(days=2)
    assert len(await room.told()) == 1
