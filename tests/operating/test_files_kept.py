"""Where files lie, and that none stays which nobody wants any more."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings
from flows.store.files import Files, FilesAway, NoSuchFile
from flows.suggesting import sweep_files
from tests.city import Citizen, City
from tests.pictures import PDF, photo
from tests.rasa_server import serving
from tests.s3_server import S3Server

NOON = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
WORDS = "정류장에 그늘막을 늘려 주세요"
ALT = {"alt_ko": "그늘이 없는 정류장", "alt_en": "A bus stop without shade"}


@pytest.fixture(params=["folder", "s3"])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Files]:
    if request.param == "folder":
        yield Files.at(tmp_path / "files", None)
        return
    async with serving(S3Server().app) as address:
        for name, value in {
            "AWS_ENDPOINT": address,
            "AWS_REGION": "kr",
            "AWS_ACCESS_KEY_ID": "an-id",
            "AWS_SECRET_ACCESS_KEY": "a-key",
        }.items():
            monkeypatch.setenv(name, value)
        yield Files.at(tmp_path / "unused", "s3://files/damso")


def on_disk(city: City) -> int:
    return sum(path.is_file() for path in (city.damso.settings.data_dir / "files").rglob("*"))


async def suggests(mina: Citizen, *files: bytes) -> str:
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    for file in files:
        await mina.send_file(file)
    await mina.press("submit_suggestion:skip")
    return (await mina.press("submit_suggestion:confirm")).choices[0].split(":")[1]


async def test_what_was_put_is_there_until_it_is_deleted(store: Files) -> None:
    key = await store.put(PDF, at=NOON)
    other = await store.put(b"another", at=NOON)
    assert key != other
    assert await store.get(key) == PDF
    await store.delete(key)
    await store.delete(key)
    with pytest.raises(NoSuchFile):
        await store.get(key)
    assert await store.get(other) == b"another"


async def test_keys_are_found_by_the_hour_in_which_they_came(store: Files) -> None:
    old, new = await store.put(b"1", at=NOON - timedelta(hours=3)), await store.put(b"2", at=NOON)

    async def found(since: datetime, before: datetime) -> list[str]:
        return [key async for keys in store.keys(since=since, before=before) for key in keys]

    day = timedelta(days=1)
    assert sorted(await found(NOON - day, NOON + day)) == [old, new]
    assert await found(NOON - day, NOON) == [old]
    assert await found(NOON, NOON + day) == [new]


async def test_a_store_that_is_away_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    with pytest.raises(FilesAway):
        await Files.at(tmp_path, "s3://files").put(b"1", at=NOON)


@pytest.mark.parametrize("url", ["files", "http://files", "s3://", "/tmp/files"])
def test_only_an_address_of_a_bucket_is_accepted(url: str) -> None:
    with pytest.raises(ValidationError, match="files_url"):
        Settings(_env_file=None, files_url=url)


async def test_a_file_whose_row_was_never_written_is_swept_and_a_fresh_one_is_not(city: City) -> None:
    await city.damso.files.put(b"we died before the row", at=city.clock())
    await suggests(city.citizen(), photo())
    await city.work_until_idle()
    assert on_disk(city) == 2
    city.clock.forward(hours=2)
    await city.work_until_idle()
    assert on_disk(city) == 1


async def test_a_cancelled_draft_and_a_photo_nobody_claimed_are_swept_and_an_open_draft_is_not(city: City) -> None:
    mina, jisu, hana = city.citizen(), city.citizen(), city.citizen()
    await mina.press("submit_suggestion:start")
    await mina.send_file(photo())
    await mina.press("submit_suggestion:cancel")
    await jisu.send_file(photo())
    await hana.press("submit_suggestion:start")
    await hana.send_file(photo())
    await city.work_until_idle()
    assert on_disk(city) == 2
    city.clock.forward(days=1, hours=1)
    await city.work_until_idle()
    assert on_disk(city) == 1
    await hana.say(WORDS)
    assert "1" in (await hana.press("submit_suggestion:skip")).text
    assert (await hana.press("submit_suggestion:confirm")).choices


async def test_whoever_is_forgotten_takes_their_files_along_save_what_was_published_with_an_answer(city: City) -> None:
    mina, staff = city.citizen(), await city.staff()
    answered = await suggests(mina, photo(), photo())
    await mina.press("submit_suggestion:start")
    await mina.say(f"{WORDS} 2")
    await mina.send_file(photo())
    await mina.press("submit_suggestion:skip")
    await mina.press("submit_suggestion:confirm")
    for number in (1, 3):
        await staff.post(f"/staff/files/{number}", act="show", **ALT)
    await staff.decide(answered, "accepted", ko="늘리겠습니다", en="We will")
    assert "3" in (await mina.press("my_data")).text
    await mina.press("forget_me:confirm")
    for number in (2, 3):
        assert (await staff.get(f"/staff/files/{number}")).status_code == 404, "gone from the pages at once"
    await city.work_until_idle()
    assert on_disk(city) == 1
    assert (await city.http.get("/files/1")).status_code == 200


async def test_sweeping_goes_on_where_it_was_stopped(city: City) -> None:
    mina = city.citizen()
    await mina.send_file(photo())
    await mina.press("submit_suggestion:no_files")
    key = await city.scalar("SELECT key FROM attachments")
    await city.damso.files.delete(key)  # and then we were killed
    await sweep_files(city.damso.db, city.damso.files, at=city.clock())
    assert await city.scalar("SELECT count(*) FROM attachments") == 0


async def test_a_file_is_not_forgotten_while_the_store_is_away(city: City) -> None:
    mina = city.citizen()
    await mina.send_file(photo())
    await mina.press("submit_suggestion:no_files")
    folder = city.damso.settings.data_dir / "files"
    nowhere = Files.at(folder, "s3://files")
    with pytest.raises(FilesAway):
        await sweep_files(city.damso.db, nowhere, at=city.clock())
    await sweep_files(city.damso.db, city.damso.files, at=city.clock())
    assert on_disk(city) == 0


async def test_a_lost_file_is_said_to_be_lost(city: City) -> None:
    staff = await city.staff()
    await suggests(city.citizen(), photo())
    await city.damso.files.delete(await city.scalar("SELECT key FROM attachments"))
    assert (await staff.get("/staff/files/1")).status_code == 404
