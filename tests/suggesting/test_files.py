"""Photos and documents that go with a suggestion: from the chat to staff, to the public, and away again."""

import asyncio
from io import BytesIO

import pytest
from PIL import Image

from bot.channels.telegram import Telegram
from flows.accounts import Role
from flows.suggesting.attachments import FILES_MOST
from flows.suggesting.intake import FILES_AN_HOUR
from tests.bot_api import TOKEN, serving
from tests.city import Citizen, City, StaffBrowser
from tests.pictures import PDF, photo, picture

WORDS = "정류장에 그늘막을 늘려 주세요"
ALT = {"alt_ko": "그늘이 없는 정류장", "alt_en": "A bus stop without shade"}


async def sends(mina: Citizen, *files: bytes) -> str:
    """A suggestion with these files; its receipt."""
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    for file in files:
        await mina.send_file(file)
    await mina.press("submit_suggestion:skip")
    done = await mina.press("submit_suggestion:confirm")
    return next(value for value in done.choices if value.startswith("suggestion_status:")).split(":")[1]


async def accept(staff: StaffBrowser, receipt: str) -> None:
    assert (await staff.decide(receipt, "accepted", ko="늘리겠습니다", en="We will")).status_code == 303


async def test_a_photo_goes_with_the_suggestion_and_staff_see_it(city: City) -> None:
    mina, staff = city.citizen("en"), await city.staff(Role.REVIEWER)
    await mina.press("submit_suggestion:start")
    await mina.say("Please plant a tree at the bus stop")
    assert "I will add this file." in (await mina.send_file(photo())).text
    assert "Photos: 1" in (await mina.press("submit_suggestion:skip")).text
    receipt = (await mina.press("submit_suggestion:confirm")).choices[0].split(":")[1]

    page = (await staff.get(f"/staff/suggestions/{receipt}")).text
    assert 'src="/staff/files/1"' in page
    seen = await staff.get("/staff/files/1")
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert "private" in seen.headers["cache-control"]
    assert "kim-minji" not in page + str(seen.headers), "the name of the citizen's file is nobody's business"


async def test_a_photo_loses_all_but_its_pixels_and_stands_upright(city: City) -> None:
    staff = await city.staff()
    await sends(city.citizen(), photo((4000, 3000)))
    raw = (await staff.get("/staff/files/1")).content
    with Image.open(BytesIO(raw)) as kept:
        assert kept.size == (1920, 2560)
        assert not kept.getexif()
        top, bottom = kept.getpixel((960, 100)), kept.getpixel((960, 2460))
    assert (top[0] > 200, bottom[2] > 200) == (True, True), "the left side is up"
    assert b"SecretCam" not in raw and b"Mina" not in raw


async def test_a_photo_without_a_draft_is_asked_about_and_goes_with_the_next_one(city: City) -> None:
    mina = city.citizen("en")
    asked = await mina.send_file(picture("PNG"))
    assert "Would you like to send it with a suggestion?" in asked.text
    await mina.press("submit_suggestion:start")
    await mina.say("Please plant a tree at the bus stop")
    assert "Photos: 1" in (await mina.press("submit_suggestion:skip")).text


async def test_words_under_a_photo_are_the_suggestion(city: City) -> None:
    mina = city.citizen("en")
    await mina.send_file(picture("WEBP"), text="The bench at the bus stop is broken and sharp")
    asked = (await mina.press("submit_suggestion:skip")).text
    assert "The bench at the bus stop is broken and sharp" in asked
    assert "Photos: 1" in asked


async def test_a_question_under_a_photo_is_answered_and_words_of_danger_come_first(city: City) -> None:
    mina = city.citizen("en")
    answered = await mina.send_file(picture(), text="/commitments")
    assert answered["replies"][0]["text"] and "with a suggestion?" in answered["replies"][-1]["text"]
    in_danger = await mina.send_file(picture(), text="불이 났어요 살려 주세요")
    assert "119" in in_danger.text
    assert await city.scalar("SELECT count(*) FROM attachments") == 1


async def test_what_was_attached_can_be_deleted_before_sending(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("submit_suggestion:start")
    await mina.say("Please plant a tree at the bus stop")
    await mina.send_file(picture())
    await mina.press("submit_suggestion:skip")
    again = await mina.press("submit_suggestion:no_files")
    assert "Photos" not in again.text and "submit_suggestion:confirm" in again.choices


async def test_the_same_file_message_twice_adds_one(city: City) -> None:
    mina = city.citizen()
    first = await mina.send_file(picture(), message_id="once")
    assert await mina.send_file(picture(), message_id="once") == first
    assert await city.scalar("SELECT count(*) FROM attachments") == 1


async def test_a_suggestion_takes_five_files_and_says_so(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("submit_suggestion:start")
    for _ in range(FILES_MOST):
        await mina.send_file(PDF)
    refused = await mina.upload(PDF)
    assert (refused.status_code, f"at most {FILES_MOST} files" in refused.json()["detail"]) == (409, True)


async def test_somebody_who_sends_files_all_the_time_is_told_to_wait(city: City) -> None:
    mina = city.citizen()
    for _ in range(FILES_AN_HOUR):
        await mina.send_file(PDF)
        await mina.press("submit_suggestion:no_files")
    assert (await mina.upload(PDF)).status_code == 429
    city.clock.forward(hours=1)
    assert (await mina.upload(PDF)).status_code == 200


async def test_the_public_sees_a_photo_once_staff_publish_it(city: City) -> None:
    mina, staff = city.citizen(), await city.staff(Role.REVIEWER)
    receipt = await sends(mina, photo())

    async def public() -> int:
        return (await city.http.get("/files/1")).status_code

    assert (await staff.post("/staff/files/1", act="show", **ALT)).status_code == 303
    assert await public() == 404, "what it belongs to is not public yet"
    await accept(staff, receipt)
    assert await public() == 200
    page = (await city.http.get(f"/suggestions/{receipt}", params={"lang": "en"})).text
    assert f'<img src="/files/1" alt="{ALT["alt_en"]}"' in page

    await staff.post("/staff/files/1", act="hide")
    assert await public() == 404
    assert "/files/1" not in (await city.http.get(f"/suggestions/{receipt}")).text


async def test_a_photo_is_not_published_without_saying_in_both_languages_what_it_shows(city: City) -> None:
    staff = await city.staff()
    receipt = await sends(city.citizen(), photo())
    await accept(staff, receipt)
    for missing in ALT:
        refused = await staff.post("/staff/files/1", act="show", **{**ALT, missing: " "})
        assert refused.status_code == 422
    assert (await city.http.get("/files/1")).status_code == 404


async def test_a_document_is_only_ever_downloaded_and_never_published(city: City) -> None:
    staff = await city.staff()
    receipt = await sends(city.citizen(), PDF)
    await accept(staff, receipt)
    got = await staff.get("/staff/files/1")
    assert (got.content, got.headers["content-type"]) == (PDF, "application/pdf")
    assert got.headers["content-disposition"].startswith("attachment;")
    assert (await staff.post("/staff/files/1", act="show", **ALT)).status_code == 404
    assert (await city.http.get("/files/1")).status_code == 404


async def test_what_staff_do_to_a_file_is_in_the_record_and_whoever_looks_is_told(city: City) -> None:
    staff = await city.staff()
    receipt = await sends(city.citizen(), photo())
    for act in ({"act": "show", **ALT}, {"act": "hide"}, {"act": "remove"}):
        version = await city.scalar("SELECT version FROM suggestions")
        assert (await staff.post("/staff/files/1", **act)).status_code == 303
        assert await city.scalar("SELECT version FROM suggestions") == version + 1
    record = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit WHERE action LIKE 'file.%'"
    assert await city.scalar(record) == "file.shown file.hidden file.removed"
    assert (await staff.get("/staff/files/1")).status_code == 404
    assert "/staff/files/" not in (await staff.get(f"/staff/suggestions/{receipt}")).text
    assert (await staff.post("/staff/files/1", act="remove")).status_code == 404


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "9" * 30])
async def test_a_file_that_is_not_there(city: City, number: str) -> None:
    staff = await city.staff()
    await sends(city.citizen(), photo())
    for path in (f"/files/{number}", f"/staff/files/{number}"):
        assert (await staff.get(path)).status_code in (404, 422)


async def test_a_photo_from_telegram_goes_the_same_way(city: City) -> None:
    minas_chat = 101
    async with serving() as api, Telegram.connect(TOKEN, api.url, city.damso.db, 1_000) as telegram:
        polling = asyncio.create_task(telegram.poll(city.damso.conversation, city.damso.db, city.clock))
        try:
            api.send_photo(minas_chat, photo(), "정류장에 그늘이 없어서 너무 더워요")
            await api.wait_for(minas_chat, 2)
            api.press(minas_chat, "submit_suggestion:skip")
            await api.wait_for(minas_chat, 3)
            api.press(minas_chat, "submit_suggestion:confirm")
            await api.wait_for(minas_chat, 4)
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
    assert await city.scalar("SELECT count(*) FROM attachments WHERE suggestion_id IS NOT NULL") == 1
    assert "정류장에 그늘이" in await city.scalar("SELECT text FROM suggestions")


async def test_a_browser_without_javascript_sends_a_photo_with_the_form(city: City) -> None:
    sent = await city.http.post("/?lang=en", data={"text": ""}, files={"file": ("a.jpg", picture())})
    assert "with a suggestion?" in sent.text
    empty = await city.http.post("/?lang=en", data={"text": "menu"}, files={"file": ("", b"")})
    assert empty.status_code == 200, "an empty field for a file is no file"
    refused = await city.http.post("/?lang=en", data={"text": ""}, files={"file": ("a.jpg", b"<html>")})
    assert ">A photo or a document</textarea>" not in refused.text, "what nobody typed is not sent next"
    refused = await city.http.post("/?lang=en", data={"text": "Trees here"}, files={"file": ("a.jpg", b"<html>")})
    assert ">Trees here</textarea>" in refused.text
