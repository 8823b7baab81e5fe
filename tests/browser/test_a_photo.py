"""A photo from a telephone, attached to a suggestion in the chat."""

import pytest
from playwright.async_api import expect

from tests.browser.visitor import Come
from tests.city import City
from tests.pictures import photo

pytestmark = pytest.mark.browser

PHOTO = {"name": "kim-minji.jpg", "mimeType": "image/jpeg", "buffer": photo((1600, 1200))}
NO_PHOTO = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": b"<script>alert(1)</script>"}


async def test_a_photo_is_attached_on_a_phone_and_what_is_none_is_refused_in_words(
    city: City, site: str, come: Come
) -> None:
    mina = await come(site, "en", forgive="status of 422")
    await mina.page.set_viewport_size({"width": 390, "height": 780})
    await mina.open("/")
    attach = mina.field("Attach a photo or a PDF")

    await attach.set_input_files(NO_PHOTO)  # type: ignore[arg-type]  # a file's payload
    await expect(mina.page.get_by_role("alert").filter(has_text="something else")).to_be_visible()
    await expect(mina.page.locator(".say--mine")).to_have_count(0)

    await attach.set_input_files(PHOTO)  # type: ignore[arg-type]  # as above
    await expect(mina.answer).to_contain_text("Would you like to send it with a suggestion?")
    await expect(mina.page.get_by_role("alert")).to_be_hidden()
    await mina.button("Make a suggestion").click()
    await expect(mina.answer).to_contain_text("in one message")
    await mina.words.fill("Please add more shade at the bus stops")
    await mina.button("Send").click()
    await mina.button("Skip").click()
    await expect(mina.answer).to_contain_text("Photos: 1")
    page, window = await mina.widths()
    assert page <= window, "the page scrolls sideways"
    assert await city.scalar("SELECT count(*) FROM attachments") == 1


async def test_a_line_that_breaks_says_that_the_file_was_not_sent(city: City, site: str, come: Come) -> None:
    mina = await come(site, "en", forgive="ERR_FAILED")
    await mina.open("/")
    await mina.page.route("**/api/chat/files", lambda route: route.abort())
    await mina.field("Attach a photo or a PDF").set_input_files(PHOTO)  # type: ignore[arg-type]  # as above
    await expect(mina.page.get_by_role("alert").filter(has_text="has not been sent")).to_be_visible()
    await mina.page.unroute("**/api/chat/files")
    await mina.field("Attach a photo or a PDF").set_input_files(PHOTO)  # type: ignore[arg-type]  # as above
    await expect(mina.answer).to_contain_text("with a suggestion?")
