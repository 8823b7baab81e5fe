"""The Telegram channel against a Bot API server on loopback."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.channels.telegram import Telegram, polling
from bot.channels.telegram.introducing import COMMANDS
from bot.channels.telegram.limits import AHEAD_S, BUTTONS_MAX, LABEL_MAX_COLUMNS, TEXT_MAX_UNITS
from bot.channels.telegram.outcomes import outcome_of
from bot.channels.telegram.pacing import Pacer, Pauses
from bot.channels.telegram.splitting import split, units
from bot.channels.telegram.writing import MORE_SOURCES, SOURCE_AS_OF, columns, keyboard, parts_of, shortened
from flows import routes
from flows.delivering import Outcome, Slots
from flows.errors import TooMany
from flows.messages import Answered, Choice, Message, Reply
from flows.store import Database
from flows.store.keeping import TELEGRAM_LINK, kept
from flows.suggesting import FILE_MOST_BYTES, FILE_MOST_MB, FileTooLarge
from flows.topics import Source
from flows.understanding import Intent
from flows.wording import LANGS, text, written_date
from tests.bot_api import OVERALL_PER_SECOND, TOKEN, BotApi, parse_html, serving
from tests.parcels import MINA, parcel

JISU = 202
NOON = datetime(2026, 3, 2, 3, tzinfo=UTC)
LETTERS = st.text(st.sampled_from("가나 \n.😀a<&"), max_size=400)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with serving() as server:
        yield server


@pytest.fixture
async def telegram(api: BotApi, db: Database) -> AsyncIterator[Telegram]:
    async with Telegram.connect(TOKEN, api.url, db, per_second=1_000) as channel:
        yield channel


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


@dataclass
class Echo:
    """A conversation that says back what it heard. `breaks`: what the next texts raise; once each."""

    heard: list[Message] = field(default_factory=list)
    breaks: dict[str, Exception] = field(default_factory=dict)
    slow: dict[str, asyncio.Event] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()

    async def receive(self, message: Message) -> Answered:
        said = message.text or message.choice or "파일"
        self.heard.append(message)
        if said in self.slow:
            await self.slow[said].wait()
        if said in self.breaks:
            raise self.breaks.pop(said)
        return Answered(message.lang or "ko", (Intent("echo", 1.0),), (Reply(said, self.choices),))


@asynccontextmanager
async def polled(telegram: Telegram, echo: Echo, db: Database) -> AsyncIterator[asyncio.Task[None]]:
    """Poll inside the block."""
    task = asyncio.create_task(telegram.poll(echo, db, lambda: NOON))  # type: ignore[arg-type]  # a stand-in
    try:
        yield task
        assert not task.done(), "polling ended by itself"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class TestSplitting:
    @settings(deadline=None)
    @given(LETTERS, st.integers(2, 50))
    def test_parts_fit_and_give_the_text_back(self, written: str, limit: int) -> None:
        parts = split(written, limit)
        assert "".join(parts) == written
        assert all(1 <= units(part) <= limit for part in parts)

    @settings(deadline=None)
    @given(st.text(max_size=300))
    def test_units_are_those_of_utf_16(self, written: str) -> None:
        assert units(written) == len(written.encode("utf-16-le", "surrogatepass")) // 2

    @pytest.mark.parametrize(
        ("written", "parts"),
        [
            pytest.param("하나\n\n둘\n셋 넷", ["하나\n\n", "둘\n셋 넷"], id="paragraph"),
            pytest.param("하나 둘\n셋 넷다섯", ["하나 둘\n", "셋 넷다섯"], id="line"),
            pytest.param("하나둘 셋넷다섯여섯", ["하나둘 ", "셋넷다섯여섯"], id="word"),
            pytest.param("첫\n\n둘셋 넷다섯", ["첫\n\n둘셋 ", "넷다섯"], id="no-short-part"),
            pytest.param("하나둘셋넷다섯여섯", ["하나둘셋넷다섯", "여섯"], id="anywhere"),
            pytest.param("짧다", ["짧다"], id="whole"),
            pytest.param("", [], id="nothing"),
        ],
    )
    def test_is_cut_at_the_best_place(self, written: str, parts: list[str]) -> None:
        assert split(written, 7) == parts

    def test_an_emoji_is_never_halved(self) -> None:
        assert split("가😀😀", 2) == ["가", "😀", "😀"]


class TestWriting:
    @settings(deadline=None)
    @given(LETTERS)
    def test_what_is_read_is_what_was_written(self, written: str) -> None:
        for part in parts_of(Reply(written), "ko"):
            assert parse_html(part.html)[0] == written.strip()

    def test_markup_in_a_text_is_text(self) -> None:
        (part,) = parts_of(Reply('<b>1 & 2</b> "3"'), "en")
        assert part.html == '&lt;b&gt;1 &amp; 2&lt;/b&gt; "3"'

    @pytest.mark.parametrize("lang", LANGS)
    def test_sources_stand_under_the_text(self, lang: str) -> None:
        sources = tuple(Source(f"Report <{n}> & more", f'https://a.kr/?q="{n}"&b', "2021-12") for n in range(5))
        (part,) = parts_of(Reply("Answer", sources=sources), lang)  # type: ignore[arg-type]
        seen, links = parse_html(part.html)
        answer, blank, *lines = seen.split("\n")
        assert (answer, blank) == ("Answer", "")
        shown = [text(lang, SOURCE_AS_OF, title=s.title, date=written_date(lang, "2021-12")) for s in sources[:3]]  # type: ignore[arg-type]
        assert lines == [*shown, text(lang, MORE_SOURCES, count=2)]  # type: ignore[arg-type]
        assert links == [(s.title, s.url) for s in sources[:3]]

    def test_a_source_without_address_is_still_named(self) -> None:
        (part,) = parts_of(Reply("Answer", sources=(Source("Press release", None, "2021"),)), "en")
        assert "Press release" in part.html
        assert "<a" not in part.html and "None" not in part.html

    def test_sources_that_do_not_fit_follow_with_the_buttons(self) -> None:
        reply = Reply(
            "가" * TEXT_MAX_UNITS, (Choice("메뉴", "menu"),), sources=(Source("보고서", "https://a.kr", "2021"),)
        )
        body, sources = parts_of(reply, "ko")
        assert body.keyboard is None and "https://a.kr" not in body.html
        assert sources.keyboard is not None and "https://a.kr" in sources.html

    def test_nothing_to_read_is_nothing_to_send(self) -> None:
        assert parts_of(Reply(" \n ", (Choice("메뉴", "menu"),)), "ko") == []


class TestKeyboard:
    def test_short_labels_pair_and_long_ones_do_not(self) -> None:
        labels = ["메뉴", "알림", "제안하기", "광주광역시 탄소중립 기본계획의 목표", "소식", "Status", "Stop"]
        rows = keyboard(Choice(label, str(n)) for n, label in enumerate(labels)).inline_keyboard
        assert [[button.text for button in row] for row in rows] == [
            ["메뉴", "알림"],
            ["제안하기"],
            ["광주광역시 탄소중립 기본계획의 목표"],
            ["소식", "Status"],
            ["Stop"],
        ]

    def test_a_rating_has_a_row_of_its_own(self) -> None:
        values = ["menu", "rate:ogp:1:yes", "rate:ogp:1:no", "news"]
        rows = keyboard(Choice("메뉴", value) for value in values).inline_keyboard
        assert [len(row) for row in rows] == [1, 2, 1]

    @settings(deadline=None)
    @given(st.lists(st.text(st.sampled_from("가a "), min_size=1, max_size=60), max_size=140))
    def test_every_button_is_there_in_its_order(self, labels: list[str]) -> None:
        rows = keyboard(Choice(label, str(n)) for n, label in enumerate(labels)).inline_keyboard
        values = [button.callback_data for row in rows for button in row]
        assert values == [str(n) for n in range(min(len(labels), BUTTONS_MAX))]
        assert all(1 <= len(row) <= 2 for row in rows)

    @settings(deadline=None)
    @given(st.text(st.sampled_from("가나 abc"), max_size=200))
    def test_a_long_label_ends_in_an_ellipsis(self, label: str) -> None:
        cut = shortened(label)
        assert cut == label or (cut.endswith("…") and label.startswith(cut[:-1]))
        assert columns(cut) <= LABEL_MAX_COLUMNS


class TestPace:
    async def test_two_processes_share_the_slots_of_an_account(self, db: Database) -> None:
        one, other = (Slots(db, "telegram:1", gap_s=10) for _ in range(2))
        first, second = await one.take(1, within_s=60), await other.take(2, within_s=60)
        assert (first.count, round(first.first_in_s)) == (1, 0)
        assert (second.count, round(second.first_in_s)) == (2, 10)
        assert round((await one.take(1, within_s=60)).first_in_s) == 30

    async def test_a_hold_of_the_platform_binds_every_process_and_costs_no_slot(self, db: Database) -> None:
        one, other = (Slots(db, "telegram:1", gap_s=10) for _ in range(2))
        await one.hold(300)
        for _ in range(2):
            taken = await other.take(1, within_s=60)
            assert (taken.count, round(taken.first_in_s, -1)) == (0, 300)

    async def test_another_account_has_slots_of_its_own(self, db: Database) -> None:
        await Slots(db, "telegram:1", gap_s=10).hold(300)
        assert (await Slots(db, "telegram:2", gap_s=10).take(1, within_s=60)).count == 1

    async def test_a_reply_overtakes_the_deliveries_that_wait(self, db: Database) -> None:
        slots, waits, replied = Slots(db, "telegram:1", gap_s=0.04), asyncio.Event(), list[float]()

        async def for_ever(_seconds: float) -> None:
            waits.set()
            await asyncio.Event().wait()

        async def note(seconds: float) -> None:
            replied.append(seconds)

        deliveries = Pacer(slots, 25, sleep=for_ever)

        async def deliver(chat: str) -> None:
            async with deliveries.delivery(chat):
                pass

        async with asyncio.TaskGroup() as tasks:
            broadcast = [tasks.create_task(deliver(str(chat))) for chat in range(100)]
            await waits.wait()
            await Pacer(slots, 25, sleep=note).reply()
            for one in broadcast:
                one.cancel()
        assert replied[0] <= AHEAD_S + slots.gap_s, "a hundred deliveries take four seconds"

    @pytest.mark.parametrize("pause_s", [1.0, 3.0])
    async def test_deliveries_of_one_chat_keep_their_distance_and_stand_in_nobodys_way(
        self, db: Database, pause_s: float
    ) -> None:
        now_s, began = [0.0], list[float]()

        async def sleep(seconds: float) -> None:
            now_s[0] += seconds

        slots = Slots(db, "telegram:1", gap_s=0.001)
        pacer = Pacer(slots, 1_000, chat_pause_s=pause_s, clock_s=lambda: now_s[0], sleep=sleep)
        for chat in ("1", "1", "2"):
            async with pacer.delivery(chat):
                began.append(now_s[0])
        first, second, other = began
        assert second - first == pytest.approx(pause_s, abs=0.1)
        assert other - second < 0.1

    def test_pauses_double_to_the_longest(self) -> None:
        pauses = Pauses(1, 5)
        assert [pauses.next_s() for _ in range(4)] == [1, 2, 4, 5]
        assert pauses.next_s(at_least_s=60) == 60
        pauses.reset()
        assert pauses.next_s() == 1


def caused_by(problem: NetworkError, cause: httpx.HTTPError) -> NetworkError:
    problem.__cause__ = cause
    return problem


class TestOutcomes:
    @pytest.mark.parametrize(
        ("problem", "outcome"),
        [
            (Forbidden("Forbidden: bot was blocked by the user"), Outcome("gone", "blocked")),
            (Forbidden("Forbidden: user is deactivated"), Outcome("gone", "blocked")),
            (BadRequest("Chat not found"), Outcome("gone", "no_chat")),
            (BadRequest("Message is too long"), Outcome("refused", "not_taken")),
            (caused_by(TimedOut(), httpx.ReadTimeout("")), Outcome("uncertain", "time_out")),
            (caused_by(NetworkError("cut"), httpx.ReadError("")), Outcome("uncertain", "time_out")),
            (caused_by(TimedOut(), httpx.ConnectTimeout("")), Outcome("later", "network")),
            (NetworkError("Bad Gateway"), Outcome("later", "server")),
            (InvalidToken(), Outcome("later", "account")),
            (RetryAfter(timedelta(seconds=7)), Outcome("held")),
        ],
        ids=repr,
    )
    def test_each_error_has_its_outcome(self, problem: NetworkError, outcome: Outcome) -> None:
        assert outcome_of(problem) == outcome


class TestSending:
    async def test_a_message_arrives_with_its_buttons_and_without_a_preview(
        self, telegram: Telegram, api: BotApi
    ) -> None:
        api.write(MINA, "/start")
        reply = Reply("새 소식 <1>", (Choice("알림 끄기", "unsubscribe:all"),))
        assert await telegram.send(parcel(reply)) == Outcome("sent")
        (sent,) = api.messages(MINA)
        assert sent.text == "새 소식 <1>"
        assert sent.buttons == {"알림 끄기": "unsubscribe:all"}
        assert not sent.preview

    async def test_a_long_message_arrives_whole(self, telegram: Telegram, api: BotApi) -> None:
        api.write(MINA, "/start")
        written = "\n".join(f"{n}: 가나다 & 😀" for n in range(600))
        assert await telegram.send(parcel(Reply(written, (Choice("메뉴", "menu"),)))) == Outcome("sent")
        parts = api.messages(MINA)
        assert "\n".join(part.text for part in parts) == written
        assert [bool(part.rows) for part in parts] == [False] * (len(parts) - 1) + [True]

    async def test_somebody_who_blocked_us_is_gone(self, telegram: Telegram, api: BotApi) -> None:
        api.write(MINA, "/start")
        api.block(MINA)
        assert await telegram.send(parcel(Reply("새 소식"))) == Outcome("gone", "blocked")
        assert await telegram.send(parcel(Reply("새 소식"), chat=JISU)) == Outcome("gone", "no_chat")

    async def test_a_short_hold_is_waited_for_and_the_message_arrives(self, telegram: Telegram, api: BotApi) -> None:
        api.write(MINA, "/start")
        api.fail_next("sendMessage", 429, {"parameters": {"retry_after": 1}})
        began_s = time.monotonic()
        assert await telegram.send(parcel(Reply("하나"))) == Outcome("sent")
        assert time.monotonic() - began_s >= 1, "not before Telegram allows it"

    async def test_a_long_hold_goes_back_to_the_queue_and_binds_the_next(self, telegram: Telegram, api: BotApi) -> None:
        api.write(MINA, "/start")
        api.fail_next("sendMessage", 429, {"parameters": {"retry_after": 30}})
        for said in ("하나", "둘"):
            assert await telegram.send(parcel(Reply(said))) == Outcome("held")
        assert [name for name, _ in api.calls] == ["sendMessage"]

    @pytest.mark.parametrize(("status", "kind"), [(500, "later"), (502, "later"), (400, "refused"), (401, "later")])
    async def test_failures_of_the_server(self, telegram: Telegram, api: BotApi, status: int, kind: str) -> None:
        api.write(MINA, "/start")
        api.fail_next("sendMessage", status, "<html>not JSON</html>" if status == 502 else {"description": "no"})
        assert (await telegram.send(parcel(Reply("하나")))).kind == kind

    async def test_many_at_once_stay_under_the_limit(self, db: Database, api: BotApi) -> None:
        for chat in range(1, 36):
            api.write(chat, "/start")
        async with Telegram.connect(TOKEN, api.url, db, per_second=OVERALL_PER_SECOND) as telegram:
            outcomes = await asyncio.gather(*(telegram.send(parcel(Reply("소식"), chat)) for chat in range(1, 36)))
        assert {outcome.kind for outcome in outcomes} == {"sent"}

    async def test_without_telegram_we_come_up_and_send_later(self, db: Database) -> None:
        async with Telegram.connect(TOKEN, "http://127.0.0.1:1", db, per_second=1_000) as telegram:
            assert (await telegram.send(parcel(Reply("하나")))).kind == "later"

    async def test_the_token_is_in_no_log_line(
        self, telegram: Telegram, api: BotApi, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        api.write(MINA, "/start")
        await telegram.send(parcel(Reply("하나")))
        assert TOKEN not in caplog.text
        assert TOKEN not in repr(telegram._bot)


class TestPolling:
    async def test_words_and_buttons_reach_the_conversation_and_its_replies_the_chat(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        echo = Echo(choices=(Choice("메뉴", "menu"),))
        async with polled(telegram, echo, db):
            first = api.write(MINA, "  안녕\x00하세요 ", language_code="ko-KR")
            (hello,) = await api.wait_for(MINA, 1)
            pressed = api.press(MINA, "메뉴")
            await api.wait_for(MINA, 2)
            await api.until(lambda: len(api.acknowledged) == 1)
        assert hello.text == "안녕하세요"
        assert echo.heard == [
            Message("telegram", str(MINA), NOON, text="안녕하세요", id=str(first), lang="ko"),
            Message("telegram", str(MINA), NOON, choice="menu", id=str(pressed), lang="ko"),
        ]

    async def test_what_was_answered_does_not_come_again_after_a_stop(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        async with polled(telegram, Echo(), db):
            api.write(MINA, "안녕")
            await api.wait_for(MINA, 1)
        assert not api.updates

    @pytest.mark.parametrize(("code", "lang"), [("ko", "ko"), ("en-GB", "en"), ("vi", "en"), (None, None)])
    async def test_the_language_is_that_of_their_telegram(
        self, telegram: Telegram, api: BotApi, db: Database, code: str | None, lang: str | None
    ) -> None:
        async with polled(telegram, echo := Echo(), db):
            api.write(MINA, "1", code)
            await api.wait_for(MINA, 1)
        assert echo.heard[0].lang == lang

    async def test_one_chat_is_answered_in_order_and_another_does_not_wait(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        echo = Echo(slow={"하나": asyncio.Event()})
        for n in ("하나", "둘", "셋"):
            api.write(MINA, n)
        api.write(JISU, "넷")
        async with polled(telegram, echo, db):
            await api.wait_for(JISU, 1)
            assert api.messages(MINA) == []
            echo.slow["하나"].set()
            sent = await api.wait_for(MINA, 3)
        assert [s.text for s in sent] == ["하나", "둘", "셋"]

    async def test_an_update_is_confirmed_only_once_all_of_its_batch_are_received(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        echo = Echo(slow={"하나": asyncio.Event()})
        api.write(MINA, "하나")
        api.write(JISU, "둘")
        async with polled(telegram, echo, db):
            await api.wait_for(JISU, 1)
        assert len(api.updates) == 2, "we died before the first was received: both come again"
        del echo.slow["하나"]
        async with polled(telegram, echo, db):
            await api.wait_for(MINA, 1)
            await api.until(lambda: not api.updates)

    async def test_a_refusal_is_said_and_a_failure_apologized_for(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        too_many = TooMany(timedelta(seconds=9))
        echo = Echo(breaks={"자주": too_many, "고장": RuntimeError("a bug")})
        async with polled(telegram, echo, db):
            api.write(MINA, "자주")
            await api.wait_for(MINA, 1)
            api.write(MINA, "고장")
            await api.wait_for(MINA, 2)
            api.write(MINA, "다시")
            refused, sorry, again = await api.wait_for(MINA, 3)
        assert refused.text == too_many.said("ko")
        assert sorry.text.startswith(text("ko", polling.APOLOGY, number="…").split("…")[0].strip())
        assert again.text == "다시"

    async def test_what_came_while_the_database_was_away_is_received_later(
        self, telegram: Telegram, api: BotApi, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answers = iter([False])

        async def is_up(_deadline_s: float = 2) -> bool:
            return next(answers, True)

        monkeypatch.setattr(db, "is_up", is_up)
        echo = Echo(breaks={"하나": ConnectionError("no database")})
        api.write(JISU, "둘")
        api.write(MINA, "하나")
        async with polled(telegram, echo, db):
            (sent,) = await api.wait_for(MINA, 1)
        assert sent.text == "하나"
        assert [m.text for m in echo.heard if m.address == str(JISU)] == ["둘"], "received once"

    async def test_a_contact_is_not_read_and_groups_are_none_of_ours(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        photo = [{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}]
        async with polled(telegram, echo := Echo(), db):
            api.write_message(-5, chat_type="group", text="담소야")
            api.write_message(MINA, new_chat_photo=photo)
            api.write_message(MINA, contact={"phone_number": "1", "first_name": "Mina"})
            api.block(JISU)
            (sent,) = await api.wait_for(MINA, 1)
            await api.until(lambda: not api.updates)
        assert sent.text == text("ko", polling.UNREAD)
        assert (echo.heard, api.messages(-5)) == ([], [])

    async def test_a_photo_comes_in_its_largest_size_with_its_caption_and_a_document_alone(
        self, telegram: Telegram, api: BotApi, db: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        async with polled(telegram, echo := Echo(), db):
            photo = api.send_photo(MINA, b"a large size", "여기예요")
            await api.wait_for(MINA, 1)
            document = api.send_document(MINA, b"%PDF", "kim-minji.pdf", "application/pdf")
            await api.until(lambda: not api.updates)
        said = Message("telegram", str(MINA), NOON, text="여기예요", file=b"a large size", id=str(photo), lang="ko")
        assert echo.heard == [said, Message("telegram", str(MINA), NOON, file=b"%PDF", id=str(document), lang="ko")]
        assert TOKEN not in caplog.text, "it is in the address of every file"

    async def test_a_file_too_large_is_refused_before_it_is_fetched(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        async with polled(telegram, echo := Echo(), db):
            api.send_document(MINA, bytes(FILE_MOST_BYTES + 1), "a.pdf", "application/pdf")
            (sent,) = await api.wait_for(MINA, 1)
        assert sent.text == FileTooLarge(most=FILE_MOST_MB).said("ko")
        assert (echo.heard, "getFile" in [name for name, _ in api.calls]) == ([], False)

    @pytest.mark.parametrize(("call", "status"), [("getFile", 400), ("getFile", 429), ("getFile", 502), ("file", 502)])
    async def test_a_file_that_telegram_does_not_give_out_is_asked_for_again(
        self, telegram: Telegram, api: BotApi, db: Database, call: str, status: int
    ) -> None:
        api.fail_next(call, status, {"description": "no", "parameters": {"retry_after": 1}})
        async with polled(telegram, echo := Echo(), db):
            api.send_photo(MINA, b"a photo")
            (sent,) = await api.wait_for(MINA, 1)
        assert (sent.text, echo.heard) == (polling.Unfetched().said("ko"), [])

    @pytest.mark.parametrize("kind", ["voice", "video", "video_note", "sticker", "animation"])
    async def test_what_cannot_be_read_is_answered_in_words(
        self, telegram: Telegram, api: BotApi, db: Database, kind: str
    ) -> None:
        one = {"file_id": "1", "file_unique_id": "1", "duration": 1, "width": 1, "height": 1, "length": 1}
        one |= {"is_animated": False, "is_video": False, "type": "regular"}
        twice = {"document": one} if kind == "animation" else {}  # Bot API, Message: “for backward compatibility”
        async with polled(telegram, echo := Echo(), db):
            api.write_message(MINA, **{kind: one, **twice})
            (sent,) = await api.wait_for(MINA, 1)
        assert (sent.text, echo.heard) == (text("ko", polling.UNREAD), [])

    async def test_a_flood_is_answered_at_the_pace_of_telegram(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        api.chat_burst = 2
        async with polled(telegram, Echo(), db):
            for n in range(4):
                api.write(MINA, str(n))
            api.write(JISU, "나도")
            await api.wait_for(JISU, 1)
            assert len(api.messages(MINA)) < 4
            sent = await api.wait_for(MINA, 4)
        assert [s.text for s in sent] == ["0", "1", "2", "3"]

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (502, "<html>Bad Gateway</html>"),
            (500, {"description": "Internal Server Error"}),
            (429, {"parameters": {"retry_after": 1}}),
            (401, {"description": "Unauthorized"}),
            (409, {"description": "Conflict: terminated by other getUpdates request"}),
            (200, "not JSON"),
            (200, {"ok": True, "result": [{"nonsense": 1}]}),
        ],
    )
    async def test_a_failing_poll_is_tried_again(
        self, telegram: Telegram, api: BotApi, db: Database, status: int, body: str | dict[str, object]
    ) -> None:
        api.fail_next("getUpdates", status, body)
        api.write(MINA, "안녕")
        async with polled(telegram, Echo(), db):
            await api.wait_for(MINA, 1)
        assert "deleteWebhook" not in [name for name, _ in api.calls]

    async def test_a_webhook_of_old_is_deleted_and_nothing_with_it(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        api.webhook = "https://example.org/telegram"
        api.write(MINA, "안녕")
        async with polled(telegram, Echo(), db):
            await api.wait_for(MINA, 1)

    async def test_we_tell_telegram_our_commands_and_learn_our_address(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        api.fail_next("getMe", 502)
        async with polled(telegram, Echo(), db):
            await api.until(lambda: set(api.commands) == {"", "ko"})
        for lang, commands in (("en", api.commands[""]), ("ko", api.commands["ko"])):
            assert {c["command"]: c["description"] for c in commands} == {
                name: text(lang, said)  # type: ignore[arg-type]
                for name, said in COMMANDS.items()
            }
        async with db.transaction() as tx:
            assert await kept(tx, TELEGRAM_LINK) == "https://t.me/damso_test_bot"

    async def test_a_second_process_waits_its_turn(
        self, telegram: Telegram, api: BotApi, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(polling, "LOCK_PAUSE_S", 0.05)
        async with Telegram.connect(TOKEN, api.url, db, per_second=1_000) as other:
            first, second = Echo(), Echo()
            async with polled(telegram, first, db):
                await api.until(lambda: bool(api.calls))
                async with polled(other, second, db):
                    api.write(MINA, "하나")
                    await api.wait_for(MINA, 1)
                    assert second.heard == []
            async with polled(other, second, db):
                api.write(MINA, "둘")
                await api.wait_for(MINA, 2)
        assert [m.text for m in first.heard + second.heard] == ["하나", "둘"]

    async def test_a_reply_is_tried_again_but_not_with_somebody_who_left(
        self, telegram: Telegram, api: BotApi, db: Database
    ) -> None:
        api.fail_next("sendMessage", 502, "<html>Bad Gateway</html>")
        async with polled(telegram, Echo(), db):
            api.write(MINA, "하나")
            await api.wait_for(MINA, 1)
            api.block(MINA)
            api.write(MINA, "둘")
            await api.until(lambda: [name for name, _ in api.calls].count("sendMessage") == 3)
            api.write(JISU, "셋")
            await api.wait_for(JISU, 1)

    async def test_a_lock_that_is_lost_is_taken_again(
        self, telegram: Telegram, api: BotApi, db: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(polling, "LOCK_PAUSE_S", 0.05)
        async with polled(telegram, Echo(), db):
            api.write(MINA, "하나")
            await api.wait_for(MINA, 1)
            _run(database_url, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
            api.write(MINA, "둘")
            await api.wait_for(MINA, 2)
            api.write(MINA, "셋")
            await api.wait_for(MINA, 3)

    async def test_we_wait_for_a_telegram_that_is_away(self, db: Database) -> None:
        async with (
            Telegram.connect(TOKEN, "http://127.0.0.1:1", db, per_second=1_000) as nowhere,
            polled(nowhere, Echo(), db),
        ):
            await asyncio.sleep(0.1)  # nothing else can be waited for: no call arrives anywhere


class TestTheServerItself:
    """What the tests above rely on: the loopback server refuses what Telegram refuses."""

    @pytest.mark.parametrize(
        ("params", "why"),
        [
            ({"text": "😀" * 2049}, "message is too long"),
            ({"text": " \n"}, "message text is empty"),
            ({"text": "<b>", "parse_mode": "HTML"}, "can't parse entities"),
            ({"text": "1 < 2", "parse_mode": "HTML"}, "can't parse entities"),
            ({"text": "<blink>1</blink>", "parse_mode": "HTML"}, "can't parse entities"),
            ({"chat_id": 999}, "chat not found"),
            (
                {"reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "가" * 22}]]}},
                "BUTTON_DATA_INVALID",
            ),
            ({"reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]] * 101}}, "too long"),
        ],
    )
    async def test_refuses_a_message(self, api: BotApi, params: dict[str, object], why: str) -> None:
        api.write(MINA, "/start")
        status, answer = await _call(api, "sendMessage", **{"chat_id": MINA, "text": "안녕", **params})
        assert status == answer["error_code"] == 400
        assert why in answer["description"]
        assert api.messages(MINA) == []

    async def test_counts_text_after_its_entities(self, api: BotApi) -> None:
        api.write(MINA, "/start")
        status, _ = await _call(api, "sendMessage", chat_id=MINA, text="<b>&lt;</b>" * 4096, parse_mode="HTML")
        assert status == 200

    async def test_holds_back_a_chat_and_everybody(self) -> None:
        clock = [0.0]
        async with serving(BotApi(clock_s=lambda: clock[0], overall_per_second=3, chat_burst=2)) as api:
            for chat in (1, 2, 3):
                api.write(chat, "/start")

            async def status(chat: int) -> int:
                return (await _call(api, "sendMessage", chat_id=chat, text="안녕"))[0]

            assert [await status(chat) for chat in (1, 1, 1)] == [200, 200, 429], "the burst of one chat"
            assert [await status(chat) for chat in (2, 3)] == [200, 429], "the whole bot's second"
            clock[0] = 1.0
            assert [await status(chat) for chat in (1, 1, 3)] == [200, 429, 200]

    @pytest.mark.parametrize(("token", "status"), [("123456:wrong", 401), ("nonsense", 404)])
    async def test_knows_its_token(self, api: BotApi, token: str, status: int) -> None:
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{api.url}/bot{token}/getMe")).status_code == status

    async def test_the_newer_of_two_polls_wins(self, api: BotApi) -> None:
        async with asyncio.TaskGroup() as tasks:
            older = tasks.create_task(_call(api, "getUpdates", timeout=20))
            await api.until(lambda: len(api.calls) == 1)
            newer = tasks.create_task(_call(api, "getUpdates", timeout=20))
            await older
            api.write(MINA, "안녕")
        assert (older.result()[0], newer.result()[0]) == (409, 200)

    async def test_an_update_comes_until_a_higher_offset_confirms_it(self, api: BotApi) -> None:
        first, second = api.write(MINA, "하나"), api.write(MINA, "둘")

        async def ids(**params: object) -> list[int]:
            return [update["update_id"] for update in (await _call(api, "getUpdates", **params))[1]["result"]]

        assert await ids(limit=1) == [first]
        assert await ids() == [first, second]
        assert await ids(offset=second) == [second]
        assert await ids() == [second]
        assert await ids(offset=second + 1) == []


async def _call(api: BotApi, method: str, **params: object) -> tuple[int, dict[str, Any]]:
    async with httpx.AsyncClient(timeout=30) as http:
        response = await http.post(f"{api.url}/bot{TOKEN}/{method}", json=params)
    return response.status_code, response.json()


def test_every_command_of_the_menu_is_one_we_know() -> None:
    assert set(COMMANDS) <= set(routes.COMMANDS)
