"""A real Chromium on the real pages, from a loopback server on the parts of the `city` fixture."""

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot import demo
from bot.app import build
from bot.settings import Settings
from bot.web import create_app
from flows.store.keeping import TELEGRAM_LINK, keep
from flows.wording import LANGS, Lang
from tests.browser.visitor import Come, Visitor
from tests.city import City
from tests.rasa_server import serving

DEADLINE_MS = 15_000  # for one thing to appear, on a machine that is busy with other work
LOCALES = {"ko": "ko-KR", "en": "en-GB"}
expect.set_options(timeout=DEADLINE_MS)


# The browser stays open for all tests of this folder, and so must the event loop that speaks to it.
@pytest.fixture(scope="package")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=LANGS)
def lang(request: pytest.FixtureRequest) -> Lang:
    return request.param


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("no Chromium on this machine: apt-get install chromium fonts-noto-cjk")
    async with async_playwright() as playwright:
        # Chromium's sandbox refuses to start as root.
        yield await playwright.chromium.launch(executable_path=found, chromium_sandbox=os.geteuid() != 0)


@pytest.fixture
async def site(city: City) -> AsyncIterator[str]:
    """The address of the service of this test."""
    async with serving(create_app(city.damso)) as address:
        yield address


@pytest.fixture
async def demo_site(city: City, settings: Settings) -> AsyncIterator[str]:
    """The address of the same service as a demonstration, with something on every page."""
    await demo.load(city.damso.db, at=city.clock())
    async with city.damso.db.transaction() as tx:
        await keep(tx, TELEGRAM_LINK, "https://t.me/damso_example_bot")
    await city.work_until_idle()
    for words in ("자전거 대여소는 어디에 있나요", "자전거 대여소 어디에 있나요?", "Where can I rent a bicycle?"):
        await city.citizen().say(words)
    parts = build(settings, database_url=city.database_url, nlu_url=city.rasa.url, now=city.clock)
    async with parts as damso, serving(create_app(damso)) as address:
        yield address


@pytest.fixture
async def come(browser: Browser) -> AsyncIterator[Come]:
    """Bring somebody with a browser of their own to an address.

    Options are those of Playwright's `new_context`. An error in the console, an exception in a script and a violation
    of the content security policy fail the test; `forgive` names what one of them contains if it is meant to happen.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    async def come(address: str, lang: Lang = "ko", *, forgive: str | None = None, **options: Any) -> Visitor:
        context = await browser.new_context(base_url=address, locale=LOCALES[lang], reduced_motion="reduce", **options)
        contexts.append(context)
        context.set_default_timeout(DEADLINE_MS)

        def trouble(text: str) -> None:
            if forgive is None or forgive not in text:
                troubles.append(text)

        context.on("weberror", lambda error: trouble(f"exception: {error.error}"))
        context.on("console", lambda said: trouble(f"console: {said.text}") if said.type == "error" else None)
        page: Page = await context.new_page()
        return Visitor(page, lang)

    yield come
    for context in contexts:
        await context.close()
    assert troubles == []
