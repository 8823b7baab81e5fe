"""The page on which staff deal with one suggestion: with everything on it, on a small phone, by axe's rules."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from flows import accounts
from flows.accounts import Role
from flows.wording import Lang
from tests.browser.visitor import Come, Visitor
from tests.city import PASSWORD, City
from tests.reviewing.desk import EN, KO, act, decide

pytestmark = pytest.mark.browser

STAFF = "haneul@example.org"
SMALL_PHONE = {"width": 320, "height": 640}
LONG = "그늘막과 벤치를 함께 놓아 주시면 좋겠습니다. " * 60


async def prepared(city: City) -> tuple[str, str]:
    """A flagged suggestion with all that can be beside it, and one that is answered and corrected."""
    mina, kim = city.citizen("ko"), await city.staff(Role.ADMIN, "kim@example.org")
    thanks = {"ko": "{receipt} 제안 감사합니다. {commitment}", "en": "Thank you for {receipt}. {commitment}"}
    await kim.post("/staff/templates", act="save", name="감사 인사", **thanks)
    full = await mina.suggest("홍길동 씨 가게 앞 버스 정류장에 그늘막을 늘려 주세요")
    await act(city, kim, full, "translate", translation="Please add shade at the bus stop in front of the shop")
    await act(city, kim, full, "moderate", shown_text="가게 앞 버스 정류장에 그늘막을 늘려 주세요")
    await act(city, kim, full, "note", note="과장님께 여쭤봄")
    await act(city, kim, full, "commitment", link="KRGNJ0001")
    answered = await mina.suggest("자전거 대여소를 늘려 주세요")
    await decide(city, kim, answered, "accepted", KO, EN)
    await decide(city, kim, answered, "accepted", "고친 답변입니다.", "A corrected answer.")
    return full, answered


@pytest.mark.parametrize(("lang", "scheme"), [("ko", "light"), ("en", "dark")])
async def test_axe_finds_nothing_on_the_page_of_a_suggestion(
    city: City, demo_site: str, come: Come, lang: Lang, scheme: str
) -> None:
    full, answered = await prepared(city)
    haneul = await come(demo_site, lang, color_scheme=scheme, forgive="the server responded with a status of 4")
    await sign_in(city, haneul)
    found = []
    for path in (f"/staff/suggestions/{answered}", "/staff/templates", f"/staff/suggestions/{full}"):
        await haneul.open(path)
        await haneul.page.evaluate("for (const it of document.querySelectorAll('details')) it.open = true")
        found += await violations(haneul, path)
    await haneul.page.get_by_role("radio", name=haneul.read("Accepted"), exact=True).check()
    await haneul.field("Answer in Korean").fill(LONG)
    await haneul.field("Answer in English").fill(EN)
    await haneul.button("Preview").click()
    await expect(haneul.page.get_by_text(haneul.read("Preview: nothing is sent yet"))).to_be_visible()
    found += await violations(haneul, "the preview")
    await act(city, await city.staff(email="lee@example.org"), full, "translate", translation="Another one")
    await haneul.button("Save the decision").click()
    await expect(haneul.page.get_by_text(haneul.read("This happened meanwhile:"))).to_be_visible()
    await expect(haneul.field("Answer in English")).to_have_value(EN)
    found += await violations(haneul, "somebody was faster")
    await haneul.button("Save the decision").click()
    await expect(haneul.content.get_by_role("status").first).to_be_visible()
    assert await city.scalar(f"SELECT status FROM suggestions WHERE receipt = '{full}'") == "accepted"
    assert found == []


async def test_the_page_of_a_suggestion_fits_a_small_phone(city: City, demo_site: str, come: Come, lang: Lang) -> None:
    full, answered = await prepared(city)
    haneul = await come(demo_site, lang, viewport=SMALL_PHONE, has_touch=True)
    await sign_in(city, haneul)
    for path in (f"/staff/suggestions/{full}", f"/staff/suggestions/{answered}", "/staff/templates"):
        await haneul.open(path)
        await haneul.page.evaluate("for (const it of document.querySelectorAll('details')) it.open = true")
        width, window = await haneul.widths()
        assert width == window, path


async def sign_in(city: City, haneul: Visitor) -> None:
    async with city.damso.db.transaction() as tx:
        await accounts.add(tx, STAFF, Role.ADMIN, PASSWORD, at=city.clock())
    await haneul.sign_in(STAFF)


async def violations(visitor: Visitor, where: str) -> list[str]:
    found = await Axe().run(visitor.page)
    return [
        f"{where}: {violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]
