"""The chat in the hands of different people: by keyboard, in two languages, without JavaScript, on a bad line."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from bot.pages.public import starters
from flows.messages import TEXT_MAX_CHARS
from flows.wording import Lang
from tests.browser.visitor import Come
from tests.city import City

pytestmark = pytest.mark.browser

QUESTION = {"ko": "광주는 언제 탄소중립을 이루나요?", "en": "When will Gwangju be carbon neutral?"}
SUGGESTION = {"ko": "버스 정류장에 그늘막을 늘려 주세요", "en": "Please add more shade at the bus stops"}


async def test_everything_is_reached_and_pressed_by_keyboard(city: City, site: str, come: Come, lang: Lang) -> None:
    city.rasa.means(QUESTION[lang], "ask_net_zero_goal")
    mina = await come(site, lang)
    await mina.open("/")
    keys = mina.page.keyboard

    skip = mina.page.get_by_role("link", name=mina.read("Skip to the content"))
    await expect(skip).not_to_be_in_viewport()
    await keys.press("Tab")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await keys.press("Enter")
    await expect(mina.content).to_be_focused()
    for label, _ in starters(lang):
        await keys.press("Tab")
        await expect(mina.button(label)).to_be_focused()
    await keys.press("Tab")
    await expect(mina.words).to_be_focused()

    await keys.type("1")
    await keys.press("Shift+Enter")
    await keys.type("2")
    await expect(mina.words).to_have_value("1\n2")
    await mina.words.clear()
    await keys.type(QUESTION[lang])
    await keys.press("Enter")
    await expect(mina.answer).to_contain_text("2045")
    await expect(mina.words).to_be_focused()
    await expect(mina.words).to_have_value("")

    last = mina.answer.get_by_role("button").last
    await keys.press("Shift+Tab")
    await expect(last).to_be_focused()
    assert await _ring(last) == "solid"
    await _back_to(mina.page, mina.answer.locator("summary"))
    await keys.press("Enter")
    await expect(mina.answer.get_by_role("listitem").first).to_be_visible()

    await _back_to(mina.page, mina.button("Make a suggestion"))
    await keys.press("Enter")
    await expect(mina.answers).to_have_count(2)
    await expect(mina.answer.get_by_role("button")).to_have_text(mina.read("Cancel"))


async def test_enter_that_ends_a_korean_syllable_does_not_send(site: str, come: Come) -> None:
    mina = await come(site)
    said = mina.page.locator("#past .say")
    await mina.open("/")
    await mina.words.focus()
    keys = await mina.page.context.new_cdp_session(mina.page)
    enter = {"type": "rawKeyDown", "key": "Enter", "code": "Enter"}

    # Chromium says that a syllable is being composed; older Safari only has the key code of an input method.
    await keys.send("Input.imeSetComposition", {"text": "안", "selectionStart": 1, "selectionEnd": 1})
    await keys.send("Input.dispatchKeyEvent", {**enter, "windowsVirtualKeyCode": 13})
    await expect(said).to_have_count(0)
    await keys.send("Input.insertText", {"text": "안녕하세요"})
    await keys.send("Input.dispatchKeyEvent", {**enter, "windowsVirtualKeyCode": 229})
    await expect(said).to_have_count(0)
    await expect(mina.words).to_have_value("안녕하세요")

    await mina.page.keyboard.press("Enter")
    await expect(said.first).to_contain_text("안녕하세요")
    await expect(mina.answers).to_have_count(1)
    await expect(mina.words).to_have_value("")


async def test_the_link_under_the_plan_leads_to_following_all_of_it(
    city: City, site: str, come: Come, lang: Lang
) -> None:
    mina = await come(site, lang)
    await mina.open("/commitments")
    await mina.link("Follow all commitments").click()
    await mina.press("Follow: {title}", title=mina.read("All commitments"))
    assert await city.scalar("SELECT count(*) FROM follows") == 1


async def test_the_language_is_switched_and_the_conversation_stays(city: City, site: str, come: Come) -> None:
    city.rasa.means(QUESTION["ko"], "ask_net_zero_goal")
    mina = await come(site, "ko")
    html = mina.page.locator("html")
    await mina.open("/")
    await expect(html).to_have_attribute("lang", "ko")
    await mina.ask(QUESTION["ko"])

    await mina.page.get_by_role("link", name="English", exact=True).click()
    mina.lang = "en"
    await expect(html).to_have_attribute("lang", "en")
    await expect(mina.page.get_by_role("log")).to_contain_text(QUESTION["ko"])
    await expect(mina.answers).to_have_count(2)
    await mina.press_topic("net_zero_goal")
    await expect(mina.answer).to_contain_text("carbon-neutral")
    await expect(mina.answer.locator(".say__text")).to_have_attribute("lang", "en")

    await mina.page.get_by_role("link", name="한국어", exact=True).click()
    mina.lang = "ko"
    await expect(html).to_have_attribute("lang", "ko")
    await mina.press_topic("net_zero_goal")
    await expect(mina.answer).to_contain_text("에너지 자립도시")
    assert await city.scalar("SELECT count(*) FROM citizens") == 1


async def test_without_javascript_the_plain_form_answers(city: City, site: str, come: Come, lang: Lang) -> None:
    city.rasa.means(QUESTION[lang], "ask_net_zero_goal")
    mina = await come(site, lang, java_script_enabled=False)
    await mina.open("/")
    await mina.words.fill(QUESTION[lang])
    await mina.button("Send").click()
    await expect(mina.page.locator("#answer")).to_contain_text(QUESTION[lang])
    await expect(mina.answer).to_contain_text("2045")
    await mina.answer.locator("summary").click()
    await expect(mina.answer.get_by_role("listitem").first).to_be_visible()

    await mina.button("Make a suggestion").click()
    await mina.words.fill(SUGGESTION[lang])
    await mina.page.locator("#send").click()
    await mina.button("Skip").click()
    await expect(mina.answer).to_contain_text(SUGGESTION[lang])
    await mina.answer.get_by_role("button", name=mina.read("Send"), exact=True).click()
    await expect(mina.answer).to_contain_text("GJ-")
    assert await city.scalar("SELECT text FROM suggestions") == SUGGESTION[lang]
    assert await city.scalar("SELECT count(*) FROM citizens") == 1


async def test_a_reload_shows_what_was_said_and_a_new_chat_forgets_it(
    city: City, site: str, come: Come, lang: Lang
) -> None:
    city.rasa.means(QUESTION[lang], "ask_net_zero_goal")
    mina = await come(site, lang)
    log = mina.page.get_by_role("log")
    await mina.open("/")
    await expect(mina.button("New chat")).to_be_hidden()
    await mina.ask(QUESTION[lang])
    said = await mina.answer.inner_text()

    await mina.page.reload()
    await expect(mina.answers).to_have_count(1)
    await expect(log).to_contain_text(QUESTION[lang])
    assert await mina.answer.inner_text() == said
    await mina.press_topic("action_plan")
    assert await city.scalar("SELECT count(*) FROM citizens") == 1

    mina.page.once("dialog", lambda dialog: dialog.dismiss())
    await mina.button("New chat").click()
    await expect(mina.answers).to_have_count(2)
    mina.page.once("dialog", lambda dialog: dialog.accept())
    await mina.button("New chat").click()
    await expect(mina.answers).to_have_count(0)
    await expect(log).not_to_contain_text(QUESTION[lang])
    await mina.page.reload()
    await expect(log).not_to_contain_text(QUESTION[lang])
    await mina.press_topic("action_plan")
    assert await city.scalar("SELECT count(*) FROM citizens") == 2


async def test_a_message_that_cannot_be_sent_is_kept_and_sent_once_the_line_is_back(
    city: City, site: str, come: Come
) -> None:
    mina = await come(site, forgive="ERR_INTERNET_DISCONNECTED")
    await mina.open("/")
    await mina.page.context.set_offline(True)
    await mina.button("Make a suggestion").click()
    away = "Your message has not been sent, because there is no connection. It is kept here."
    await expect(mina.page.get_by_role("alert")).to_contain_text(mina.read(away))
    await mina.page.context.set_offline(False)
    await expect(mina.answers).to_have_count(1)
    await expect(mina.page.get_by_role("alert")).to_be_hidden()
    assert await city.scalar("SELECT count(*) FROM citizens") == 1


async def test_words_that_are_refused_come_back_to_be_mended(site: str, come: Come, lang: Lang) -> None:
    mina = await come(site, lang, forgive="status of 422")
    await mina.open("/")
    await mina.button("Send").click()
    await expect(mina.words).to_have_accessible_description(re.compile(mina.read("Please write a message first.")))
    much = "가" * (TEXT_MAX_CHARS + 1)
    await mina.words.fill(much)
    await mina.button("Send").click()
    refused = mina.read("Please keep a message to {most} characters.", most=TEXT_MAX_CHARS)
    await expect(mina.words).to_have_accessible_description(re.compile(re.escape(refused)))
    await expect(mina.words).to_have_value(much)
    await expect(mina.page.locator("#past .say")).to_have_count(0)
    await mina.ask(QUESTION[lang])
    await expect(mina.page.get_by_role("alert")).to_be_hidden()


async def _back_to(page: Page, wanted: Locator) -> None:
    """Shift and Tab until `wanted` has the focus."""
    for _ in range(20):
        await page.keyboard.press("Shift+Tab")
        if await wanted.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError("not reached by keyboard")


async def _ring(focused: Locator) -> str:
    style: str = await focused.evaluate("it => getComputedStyle(it).outlineStyle")
    return style
