"""The driver of the tests: named people in a city, over the real edges."""

import itertools
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import psycopg
from procrastinate import PsycopgConnector
from sqlalchemy import text

from bot import clock
from bot.app import Damso
from flows import accounts, delivering, scheduling
from flows.accounts import Role
from flows.city import Both, zone
from flows.delivering.jobs import Hands
from flows.store.queue import app as queue
from tests.rasa_server import RasaServer

PASSWORD = "a password for tests"
_ids = itertools.count(1)


class TestClock:
    """The time, as the tests set it: Seoul time without an offset."""

    __test__ = False

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 10, 0, tzinfo=zone())

    def set(self, moment: str) -> None:
        self.time = datetime.fromisoformat(moment).replace(tzinfo=zone())

    def forward(self, **amount: float) -> None:
        self.time += timedelta(**amount)

    def __call__(self) -> datetime:
        return self.time


@dataclass
class Citizen:
    """Somebody at the web chat."""

    http: httpx.AsyncClient
    lang: str = "ko"
    session: str | None = None
    last: dict[str, Any] = field(default_factory=dict)

    async def say(self, text: str, **more: Any) -> "Answer":
        return await self._send(text=text, **more)

    async def press(self, value: str, **more: Any) -> "Answer":
        return await self._send(choice=value, **more)

    async def send_file(self, data: bytes, **more: Any) -> "Answer":
        """Send a file, by a name and of a type that say nothing true."""
        response = await self.upload(data, **more)
        assert response.status_code == 200, response.text
        self.last = response.json()
        self.session = self.last["session"]
        return Answer(self.last)

    async def upload(self, data: bytes, **more: Any) -> httpx.Response:
        form = {"lang": self.lang, "message_id": f"m{next(_ids)}", **more}
        if self.session:
            form["session"] = self.session
        return await self.http.post("/api/chat/files", data=form, files={"file": ("kim-minji.txt", data, "text/plain")})

    async def _send(self, **body: Any) -> "Answer":
        message = {"lang": self.lang, "message_id": f"m{next(_ids)}", **body}
        if self.session:
            message["session"] = self.session
        response = await self.http.post("/api/chat", json=message)
        assert response.status_code == 200, response.text
        self.last = response.json()
        self.session = self.last["session"]
        return Answer(self.last)

    async def suggest(self, words: str) -> str:
        """Send a suggestion through the dialogue; its receipt."""
        await self.press("submit_suggestion:start")
        await self.say(words)
        await self.press("submit_suggestion:skip")
        done = await self.press("submit_suggestion:confirm")
        found = re.search(r"GJ-\w{4}-\w{4}", done.text)
        assert found, done.text
        return found[0]

    async def inbox(self, after: int = 0) -> list[dict[str, Any]]:
        response = await self.http.get("/api/chat/messages", params={"session": self.session, "after": after})
        assert response.status_code == 200, response.text
        messages: list[dict[str, Any]] = response.json()["messages"]
        return messages


class Answer(dict[str, Any]):
    """The JSON of `POST /api/chat`, with words for what tests look at."""

    @property
    def text(self) -> str:
        return "\n".join(reply["text"] for reply in self["replies"])

    @property
    def choices(self) -> list[str]:
        return [choice["value"] for reply in self["replies"] for choice in reply["choices"]]

    @property
    def intent(self) -> str:
        return str(self["intent"]["name"])


@dataclass
class City:
    """Everything of one test."""

    damso: Damso
    database_url: str
    clock: TestClock
    http: httpx.AsyncClient
    rasa: RasaServer

    def citizen(self, lang: str = "ko") -> Citizen:
        return Citizen(self.http, lang)

    async def publish(self, code: str, ko: str, en: str, at: datetime | None = None) -> None:
        async with self.damso.db.transaction() as tx:
            await delivering.publish(tx, code, Both(ko=ko, en=en), at=at or self.clock(), now=self.clock())

    async def correct(self, update: int, ko: str, en: str) -> None:
        async with self.damso.db.transaction() as tx:
            await delivering.correct(tx, update, Both(ko=ko, en=en), now=self.clock())

    async def staff(self, role: Role = Role.ADMIN, email: str = "staff@example.org") -> "StaffBrowser":
        """A member of staff, signed in."""
        async with self.damso.db.transaction() as tx:
            await accounts.add(tx, email, role, PASSWORD, at=self.clock())
        browser = StaffBrowser(httpx.AsyncClient(transport=self.http._transport, base_url="http://damso.test"), email)
        await browser.sign_in()
        return browser

    async def work_until_idle(self) -> None:
        """Tick the clock's rules once, run the schedules that are due and every job on the queue."""
        for rule, _ in clock.RULES:
            await clock.tick(self.damso, rule)
        async with self.damso.db.transaction() as tx:
            schedules = await scheduling.ready(tx, at=self.clock())
        for schedule in schedules:
            await clock.run_schedule(self.damso, schedule.name)
        await self.run_jobs()

    async def run_jobs(self) -> None:
        hands = Hands(self.damso.db, self.damso.files, self.damso.senders, self.damso.now)
        connector = PsycopgConnector(conninfo=self.database_url)
        with queue.replace_connector(connector) as app:
            async with app.open_async():
                await app.run_worker_async(
                    wait=False, install_signal_handlers=False, additional_context={"hands": hands}
                )
        failed = await self.scalar(
            "SELECT count(*) FROM procrastinate_jobs WHERE attempts > 0 AND status <> 'succeeded'"
        )
        assert not failed, "a job raised; run it by itself to see what"

    async def scalar(self, sql: str) -> Any:
        """One value straight from the rows, for what no surface shows."""
        async with self.damso.db.transaction() as tx:
            return await tx.scalar(text(sql))

    async def cut_connections(self) -> None:
        """Every other connection to this database ends, as when the server is killed."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    async def execute(self, sql: str) -> None:
        """Change the rows, where what no surface does has to have happened."""
        async with self.damso.db.transaction() as tx:
            await tx.execute(text(sql))


@dataclass
class StaffBrowser:
    """A member of staff in a browser without JavaScript: pages and forms."""

    http: httpx.AsyncClient
    email: str

    async def sign_in(self, password: str = PASSWORD) -> httpx.Response:
        return await self.http.post("/staff/sign-in", data={"email": self.email, "password": password})

    async def get(self, path: str, **params: str) -> httpx.Response:
        return await self.http.get(path, params=params)

    async def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.get("/staff")).text)
        assert found, "no form with a token on the first page"
        return found[1]

    async def post(self, path: str, **form: str) -> httpx.Response:
        return await self.http.post(path, data={"csrf": await self.csrf(), **form})

    async def decide(
        self, receipt: str, to: str, *, seen: str = "received", ko: str = "", en: str = ""
    ) -> httpx.Response:
        return await self.post(f"/staff/suggestions/{receipt}", to=to, seen=seen, answer_ko=ko, answer_en=en)
