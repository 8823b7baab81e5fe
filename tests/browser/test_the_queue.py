"""The queue of staff at a keyboard, with numbers that keep up, and two who look at one suggestion."""

import re

import pytest
from playwright.async_api import expect

from flows import accounts
from flows.accounts import Role
from flows.wording import Lang
from tests.browser.visitor import Come, Visitor
from tests.city import PASSWORD, City
from tests.reviewing.test_queue import SHADE, TREES

pytestmark = pytest.mark.browser

KIM, LEE = "kim@example.org", "lee@example.org"


async def arrive(city: City, site: str, come: Come, lang: Lang, email: str = KIM) -> Visitor:
    async with city.damso.db.transaction() as tx:
        await accounts.add(tx, email, Role.REVIEWER, PASSWORD, at=city.clock())
    staff = await come(site, lang)
    await staff.sign_in(email)
    await expect(staff.content.get_by_text(staff.read("Keyboard shortcuts"), exact=True)).to_be_visible()
    return staff


async def test_the_keys_walk_select_take_and_open(city: City, site: str, come: Come, lang: Lang) -> None:
    mina = city.citizen()
    shade, trees = await mina.suggest(SHADE), await mina.suggest(TREES)
    kim = await arrive(city, site, come, lang)
    keys = kim.page.keyboard
    await keys.press("j")
    await keys.press("j")
    await expect(kim.link(trees)).to_be_focused()
    await keys.press("k")
    await expect(kim.link(shade)).to_be_focused()
    await keys.press("x")
    await expect(kim.content.get_by_role("checkbox", checked=True)).to_have_count(1)
    await expect(kim.content).to_contain_text(kim.read("({count} selected)", count=1))
    await keys.press("/")
    await expect(kim.field("Words or receipt number")).to_be_focused()
    await keys.type("jxa?")
    await expect(kim.field("Words or receipt number")).to_have_value("jxa?")
    await kim.link(trees).focus()
    await keys.press("a")
    await expect(kim.content.get_by_text(kim.read("This suggestion is assigned to you now."))).to_be_visible()
    assert await city.scalar(f"SELECT assignee_id IS NOT NULL FROM suggestions WHERE receipt = '{trees}'")
    await keys.press("j")
    await keys.press("Enter")
    await expect(kim.page).to_have_url(re.compile(f"/staff/suggestions/{shade}$"))


async def test_the_keys_are_listed_and_can_be_switched_off(city: City, site: str, come: Come, lang: Lang) -> None:
    receipt = await city.citizen().suggest(SHADE)
    kim = await arrive(city, site, come, lang)
    await kim.page.keyboard.press("?")
    switch = kim.field("Use keyboard shortcuts")
    await expect(switch).to_be_visible()
    await switch.uncheck()
    await kim.page.reload()
    await kim.page.keyboard.press("j")
    await expect(kim.link(receipt)).not_to_be_focused()


async def test_numbers_keep_up_without_reloading(city: City, site: str, come: Come, lang: Lang) -> None:
    mina = city.citizen()
    await mina.suggest(SHADE)
    kim = await arrive(city, site, come, lang)
    new = kim.content.locator('[data-live="new"]')
    await expect(new).to_have_text("1")
    await mina.suggest(TREES)
    await kim.look_again()
    await expect(new).to_have_text("2")
    await expect(kim.page).to_have_title(re.compile(r"^\(2\)"))
    await kim.content.locator('[data-live="come"]').click()
    await expect(kim.content.get_by_role("rowheader")).to_have_count(2)


async def test_two_at_one_suggestion_see_each_other_come(city: City, site: str, come: Come, lang: Lang) -> None:
    receipt = await city.citizen().suggest(SHADE)
    kim, lee = await arrive(city, site, come, lang), await arrive(city, site, come, lang, LEE)
    for staff in (kim, lee):
        await staff.open(f"/staff/suggestions/{receipt}")
    await expect(lee.content).to_contain_text(lee.read("{name} is looking at this too.", name=KIM))
    await kim.look_again()
    await expect(kim.content).to_contain_text(kim.read("{name} is looking at this too.", name=LEE))
