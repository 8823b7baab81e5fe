"""What the stories of accounts share: somebody at a browser, the links they are handed, the codes on their phone."""

import asyncio
import html
import re

import httpx
import pyotp
from click.testing import CliRunner

from bot.app import now
from bot.cli import main
from tests.city import PASSWORD, City, StaffBrowser

NEW_PASSWORD = "빗소리 들리는 오후"


def browser(city: City, email: str = "", *, address: str = "192.0.2.1") -> StaffBrowser:
    """A browser that nobody has signed in with, somewhere on the network."""
    transport = httpx.ASGITransport(city.http._transport.app, client=(address, 1234))  # type: ignore[attr-defined]
    return StaffBrowser(httpx.AsyncClient(transport=transport, base_url="http://damso.test"), email)


def link_in(text: str) -> str:
    """The address of the one-time link that a page or a command shows."""
    found = re.search(r"/staff/password/[\w-]+", text)
    assert found, text
    return found[0]


async def set_password(who: StaffBrowser, link: str, password: str = NEW_PASSWORD) -> httpx.Response:
    return await who.http.post(link, data={"password": password, "again": password})


async def is_in(who: StaffBrowser) -> bool:
    return (await who.get("/staff/me")).status_code == 200


async def number_of(city: City, email: str) -> int:
    return int(await city.scalar(f"SELECT id FROM staff WHERE email = '{email}'"))


async def acts(city: City) -> list[str]:
    """Action and target of every act in the log, oldest first."""
    said = await city.scalar("SELECT string_agg(action || ' ' || target, ';' ORDER BY id) FROM audit")
    return said.split(";") if said else []


async def damso(city: City, *words: str, given: str | None = None) -> tuple[int, str]:
    """Exit code and what was printed. A command asks the machine's clock, so the city's is set by it."""
    env = {"DATABASE_URL": city.database_url, "PUBLIC_URL": "https://damso.example"}
    done = await asyncio.to_thread(CliRunner().invoke, main, list(words), env=env, input=given)
    city.clock.time = now()
    return done.exit_code, done.output


async def with_factor(city: City, who: StaffBrowser) -> tuple[pyotp.TOTP, list[str]]:
    """Set up a second factor: the app on the phone, and the recovery codes."""
    page = (await who.get("/staff/me/second-factor")).text
    seed = re.search(r'name="seed" value="([^"]+)"', page)
    secret = re.search(r'console-key">([A-Z2-7]+)<', page)
    assert seed and secret, page
    phone = pyotp.TOTP(secret[1])
    done = await who.post("/staff/me/second-factor", seed=seed[1], code=phone.at(city.clock()), present=PASSWORD)
    assert done.status_code == 200, done.text
    return phone, re.findall(r"<li><code>([A-Z2-7-]{19})</code>", done.text)


async def second_step(who: StaffBrowser, page: httpx.Response, code: str) -> httpx.Response:
    """Type a code on the page that follows the password."""
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert ticket, page.text
    return await who.http.post("/staff/sign-in/code", data={"ticket": html.unescape(ticket[1]), "code": code})
