"""Every page for everybody: on a small phone, with a screen reader, in light and dark, marked in a demonstration."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from bot.models import Name
from flows import accounts
from flows.accounts import Role
from flows.commitments import read_plan
from flows.wording import Lang
from tests.browser.visitor import Come, Visitor
from tests.city import PASSWORD, City
from tests.reviewing.test_models import BADLY, keep

pytestmark = pytest.mark.browser

STAFF = "haneul@example.org"
PLAN = read_plan()[0]
SMALL_PHONE = {"width": 320, "height": 640}
PUBLIC = (
    "/",
    "/?suggest=1",
    f"/?follow={PLAN.code}",
    "/commitments",
    f"/commitments/{PLAN.code}",
    f"/commitments/{PLAN.code}/card",
    "/updates",
    "/updates?kind=digest",
    f"/updates/{PLAN.code}/1",
    "/suggestions",
    "/suggestions?receipt=oops",
    "/open-data",
    "/privacy",
    "/nowhere",
    "/staff/sign-in",
)
CONSOLE = (
    "/staff",
    "/staff/updates",
    "/staff/updates/1",
    "/staff/schedules",
    "/staff/announcement",
    "/staff/commitments",
    f"/staff/commitments/{PLAN.code}",
    "/staff/enquiries",
    "/staff/questions",
    "/staff/content",
    "/staff/content/ogp",
    "/staff/content/ogp/edit",
    "/staff/intents/ask_ogp",
    "/staff/figures",
    "/staff/templates",
    "/staff/models",
    "/staff/accounts",
    "/staff/audit",
    "/staff/me",
    "/staff/me/second-factor",
)
REFUSED_PAGES = "the server responded with a status of 4"
# One scheme a language: what can go wrong with a colour does not depend on the words.
SCHEMES = pytest.mark.parametrize(("lang", "scheme"), [("ko", "light"), ("en", "dark")])


async def test_no_page_is_wider_than_a_small_phone(city: City, demo_site: str, come: Come, lang: Lang) -> None:
    mina = await come(demo_site, lang, viewport=SMALL_PHONE, has_touch=True, forgive=REFUSED_PAGES)
    too_wide = []
    for path in [*PUBLIC, f"/suggestions/{await _receipt(city, answered=True)}"]:
        await mina.open(path)
        await expect(mina.content).to_be_visible()
        width, window = await mina.widths()
        if width > window:
            too_wide.append(f"{path}: {width}")
    assert too_wide == []


async def test_a_long_answer_fits_a_small_phone(city: City, demo_site: str, come: Come, lang: Lang) -> None:
    mina = await come(demo_site, lang, viewport=SMALL_PHONE, has_touch=True)
    await mina.open("/")
    await mina.press_topic("net_zero_goal")
    await mina.answer.locator("summary").click()
    await mina.ask("https://example.org/" + "a" * 200)
    width, window = await mina.widths()
    assert width == window
    await expect(mina.words).to_be_in_viewport()


async def test_who_comes_to_follow_sees_the_button_on_a_small_phone(site: str, come: Come, lang: Lang) -> None:
    mina = await come(site, lang, viewport=SMALL_PHONE, has_touch=True)
    await mina.open(f"/?follow={PLAN.code}")
    follow = mina.button("Follow: {title}", title=PLAN.short.of(lang))
    await expect(follow).to_be_in_viewport(ratio=1)
    lowest = "it => { const { x, bottom } = it.getBoundingClientRect(); return [x + 20, bottom - 2]; }"
    shown = "([x, y]) => document.elementFromPoint(x, y).textContent"
    on_top = await mina.page.evaluate(shown, await follow.evaluate(lowest))
    assert on_top == await follow.inner_text(), "the composer lies over it"


async def test_the_console_fits_a_small_phone(city: City, demo_site: str, come: Come, lang: Lang) -> None:
    haneul = await come(demo_site, lang, viewport=SMALL_PHONE, has_touch=True)
    await _sign_in(city, haneul)
    too_wide = []
    for path in [*CONSOLE, _model(city), f"/staff/suggestions/{await _receipt(city, answered=True)}"]:
        await haneul.open(path)
        width, window = await haneul.widths()
        if width > window:
            too_wide.append(f"{path}: {width}")
    assert too_wide == []


async def test_the_menu_of_the_console_is_folded_away_on_a_phone(city: City, site: str, come: Come, lang: Lang) -> None:
    haneul = await come(site, lang, viewport=SMALL_PHONE, has_touch=True)
    await _sign_in(city, haneul)
    menu = haneul.page.get_by_role("navigation", name=haneul.read("Staff menu"))
    audit = menu.get_by_role("link", name=haneul.read("Audit log"), exact=True)
    await expect(audit).to_be_hidden()
    await menu.locator("summary").click()
    width, window = await haneul.widths()
    assert width == window
    assert await _violations(haneul, "the open menu") == []
    await audit.click()
    await expect(haneul.content.get_by_role("heading", level=1)).to_have_text(haneul.read("Audit log"))
    await haneul.page.set_viewport_size({"width": 1280, "height": 800})
    await expect(audit).to_have_attribute("aria-current", "page")


@SCHEMES
async def test_axe_finds_nothing_on_the_pages_for_citizens(
    city: City, demo_site: str, come: Come, lang: Lang, scheme: str
) -> None:
    mina = await come(demo_site, lang, color_scheme=scheme, forgive=REFUSED_PAGES)
    found = []
    for path in [*PUBLIC, f"/suggestions/{await _receipt(city, answered=True)}"]:
        await mina.open(path)
        found += await _violations(mina, path)
    assert found == []


@SCHEMES
async def test_axe_finds_nothing_in_a_chat_that_was_used(
    city: City, demo_site: str, come: Come, lang: Lang, scheme: str
) -> None:
    mina = await come(demo_site, lang, color_scheme=scheme)
    await mina.open("/")
    await mina.press_topic("net_zero_goal")
    await mina.answer.locator("summary").click()
    await mina.open(f"/?follow={PLAN.code}")
    await mina.press("Follow: {title}", title=PLAN.short.of(lang))
    await city.publish(PLAN.code, "원탁회의를 열었습니다.", "The round table was held.")
    await city.work_until_idle()
    await mina.look_again()
    await expect(mina.alerts).to_have_count(1)
    await mina.button("Send").click()
    await expect(mina.page.get_by_role("alert")).to_be_visible()
    assert await _violations(mina, "chat") == []


@SCHEMES
async def test_axe_finds_nothing_in_the_console(
    city: City, demo_site: str, come: Come, lang: Lang, scheme: str
) -> None:
    haneul = await come(demo_site, lang, color_scheme=scheme, forgive="status of 422")
    await _sign_in(city, haneul)
    waiting, answered = await _receipt(city, answered=False), await _receipt(city, answered=True)
    found = []
    enquiry = await _enquiry(city)
    for path in [*CONSOLE, enquiry, _model(city), f"/staff/suggestions/{answered}", f"/staff/suggestions/{waiting}"]:
        await haneul.open(path)
        found += await _violations(haneul, path)
    await haneul.button("Save the decision").click()
    await expect(haneul.content.get_by_role("alert")).to_be_visible()
    found += await _violations(haneul, "a decision that was refused")
    assert found == []


@SCHEMES
async def test_an_emergency_notice_is_for_everybody(city: City, site: str, come: Come, lang: Lang, scheme: str) -> None:
    """From the form through the preview to the top of every page: on a small phone, and without seeing colours."""
    haneul = await come(site, lang, viewport=SMALL_PHONE, color_scheme=scheme)
    await _sign_in(city, haneul)
    await haneul.open("/staff/announcement")
    words = {
        "Text in Korean": "하천에서 나와 주세요.",
        "Text in English": "Leave the river. https://example.org/" + "a" * 99,
    }
    for label, text in words.items():
        await haneul.field(label).fill(text)
    await haneul.button("Preview").click()
    await expect(haneul.button("Show it to everyone now")).to_be_visible()
    found = await _violations(haneul, "the preview")
    await haneul.button("Show it to everyone now").click()
    await expect(haneul.button("Stop showing it")).to_be_visible()
    for path in ("/staff/announcement", "/", "/updates"):
        await haneul.open(path)
        found += await _violations(haneul, path)
        width, window = await haneul.widths()
        assert width == window, path
    said = haneul.content.get_by_role("status")
    await expect(said).to_be_in_viewport()
    await expect(said).to_contain_text(haneul.read("Emergency notice"))
    await expect(said).to_contain_text(words["Text in Korean" if lang == "ko" else "Text in English"])
    assert found == []


async def test_a_demonstration_says_so_on_every_page_and_in_every_answer(
    city: City, demo_site: str, come: Come, lang: Lang
) -> None:
    mina = await come(demo_site, lang)
    for path in ("/", "/commitments", "/staff/sign-in"):
        await mina.open(path)
        strip = mina.page.get_by_role("banner").get_by_text(mina.read("Demonstration"), exact=True)
        await expect(strip).to_be_in_viewport()
    await mina.open("/")
    await mina.press_topic("net_zero_goal")
    await expect(mina.answer).to_contain_text(mina.read("[Demonstration] {text}", text=""))


async def test_a_real_service_is_not_marked_as_a_demonstration(site: str, come: Come) -> None:
    mina = await come(site)
    await mina.open("/")
    await mina.press_topic("net_zero_goal")
    await expect(mina.page.get_by_role("banner")).to_be_visible()
    await expect(mina.page.get_by_text(mina.read("Demonstration"))).to_have_count(0)


async def _sign_in(city: City, haneul: Visitor) -> None:
    async with city.damso.db.transaction() as tx:
        await accounts.add(tx, STAFF, Role.ADMIN, PASSWORD, at=city.clock())
    await haneul.sign_in(STAFF)


async def _receipt(city: City, *, answered: bool) -> str:
    """The receipt of one of the demonstration's."""
    return str(await city.scalar(f"SELECT receipt FROM suggestions WHERE answer_ko IS {'NOT' * answered} NULL LIMIT 1"))


async def _violations(visitor: Visitor, where: str) -> list[str]:
    """What axe finds, a line for each element."""
    found = await Axe().run(visitor.page)
    return [
        f"{where}: {violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


async def _enquiry(city: City) -> str:
    """The page of a question that somebody asked the staff just now."""
    mina = city.citizen()
    await mina.press("ask_staff")
    await mina.press((await mina.say("자전거 대여소는 언제 열어요")).choices[0])
    return f"/staff/enquiries/{await city.scalar('SELECT max(id) FROM enquiries')}"


def _model(city: City) -> str:
    """The page of an intent model that did worse than the one before it."""
    return f"/staff/models/{keep(city, 'a' * 8, BADLY, after=Name('0' * 16))}"
