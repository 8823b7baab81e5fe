"""Somebody in front of a browser, who finds things by what is written on them."""

import re
from dataclasses import dataclass
from typing import Any, Protocol

from playwright.async_api import Locator, Page, expect

from flows.answering import read_topics
from flows.wording import Lang, text
from tests.city import PASSWORD


@dataclass
class Visitor:
    """Names are the English msgids of the wording; the visitor reads them in `lang`."""

    page: Page
    lang: Lang

    def read(self, msgid: str, **params: object) -> str:
        return text(self.lang, msgid, **params)

    async def open(self, path: str) -> None:
        await self.page.goto(path)

    # --- any page ---

    @property
    def content(self) -> Locator:
        return self.page.get_by_role("main")

    def button(self, name: str, **params: object) -> Locator:
        """The newest of that name: in a chat the one under the last answer."""
        return self.page.get_by_role("button", name=self.read(name, **params), exact=True).last

    def link(self, name: str) -> Locator:
        return self.content.get_by_role("link", name=self.read(name), exact=True)

    def field(self, label: str) -> Locator:
        return self.content.get_by_label(self.read(label), exact=True)

    async def widths(self) -> tuple[int, int]:
        """How wide the page is and how wide the window."""
        page, window = await self.page.evaluate(
            "[document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
        )
        return page, window

    # --- the chat ---

    @property
    def words(self) -> Locator:
        return self.field("Your message")

    @property
    def answers(self) -> Locator:
        return self.page.locator("#past .say:not(.say--mine, .say--alert)")

    @property
    def answer(self) -> Locator:
        return self.answers.last

    @property
    def alerts(self) -> Locator:
        return self.page.locator("#past .say--alert")

    async def ask(self, question: str) -> None:
        """Send words and wait for what is said to them."""
        before = await self.answers.count()
        await self.words.fill(question)
        await self.button("Send").click()
        await expect(self.answers.nth(before)).to_be_visible()

    async def press(self, name: str, **params: object) -> None:
        """Press a button of the chat and wait for what is said to it."""
        before = await self.answers.count()
        await self.button(name, **params).click()
        await expect(self.answers.nth(before)).to_be_visible()

    async def press_topic(self, topic: str) -> None:
        await self.press(read_topics()[topic].title.of(self.lang))

    async def look_again(self) -> None:
        """Come back to the tab: the page asks for what is new then, and not only every so many seconds."""
        await self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    async def suggest(self, words: str) -> str:
        """Go through the whole dialogue by its buttons; the receipt."""
        await self.press("Make a suggestion")
        await self.ask(words)
        await self.press("Skip")
        await expect(self.answer).to_contain_text(words)
        before = await self.answers.count()
        await self.answer.get_by_role("button", name=self.read("Send"), exact=True).click()
        await expect(self.answers.nth(before)).to_contain_text("GJ-")
        found = re.search(r"GJ-\w{4}-\w{4}", await self.answer.inner_text())
        assert found
        return found[0]

    # --- the console ---

    async def sign_in(self, email: str) -> None:
        await self.open("/staff")
        await self.field("E-mail").fill(email)
        await self.field("Password").fill(PASSWORD)
        await self.button("Sign in").click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(self.read("Suggestions"))


class Come(Protocol):
    async def __call__(
        self, address: str, lang: Lang = "ko", *, forgive: str | None = None, **options: Any
    ) -> Visitor: ...
