"""The page of a broadcast, which follows what happens by itself."""

import pytest
from playwright.async_api import expect

from flows import delivering
from flows.accounts import Role
from flows.wording import Lang
from tests.browser.visitor import Come
from tests.city import City
from tests.following.test_broadcasts import broadcast

pytestmark = pytest.mark.browser


async def test_its_buttons_follow_what_becomes_of_it(city: City, site: str, come: Come, lang: Lang) -> None:
    page = await broadcast(city, 3)
    editor = await city.staff(Role.EDITOR)
    haneul = await come(site, lang)
    await haneul.sign_in(editor.email)
    await haneul.open(page)
    await haneul.button("Pause").focus()
    async with city.damso.db.transaction() as tx:
        await delivering.pause(tx, int(page.rpartition("/")[2]), because="errors", at=city.clock())
    await expect(haneul.button("Go on")).to_be_focused()
    await expect(haneul.button("Pause")).to_have_count(0)
