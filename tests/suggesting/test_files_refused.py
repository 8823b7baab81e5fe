"""What is sent as a photo and is none, or is one that means harm."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from flows import pictures
from flows.suggesting.intake import FILE_MOST_BYTES
from tests.city import City
from tests.pictures import PDF, photo, picture

JPEG = photo()
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
KIND, BROKEN, EMPTY = "This file is something else", "cannot be read", "This file is empty"


def zipped() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "안녕")
    return out.getvalue()


REFUSED = {
    "nothing": (b"", EMPTY),
    "one byte": (b"a", KIND),
    "text": ("제안합니다".encode(), KIND),
    "a page that says it is a picture": (b"<!doctype html><script>alert(1)</script>", KIND),
    "a drawing with a script": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", KIND),
    "an archive": (zipped(), KIND),
    "an archive behind a photo": (JPEG + zipped(), KIND),
    "an archive behind a document": (PDF + zipped(), KIND),
    "a page before a document": (b"<html><script>alert(1)</script>" + PDF, KIND),
    "an animation": (picture("GIF", mode="P"), KIND),
    "a program": (b"\x7fELF" + bytes(200), KIND),
    "a photo of a kind that is not read": (HEIC, "HEIC"),
    "half a photo": (JPEG[: len(JPEG) // 2], BROKEN),
    "the beginning of a photo": (JPEG[:20], BROKEN),
    "a screenshot with a hole": (picture("PNG")[:-40], BROKEN),
    "a document without its end": (PDF[:60], BROKEN),
    "a picture of 900 million pixels in 110 kB": (picture("PNG", (30_000, 30_000), "1"), BROKEN),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_not_taken_is_refused_in_words_and_nothing_is_kept(city: City, what: str) -> None:
    data, why = REFUSED[what]
    refused = await city.citizen("en").upload(data)
    assert (refused.status_code, refused.json()["field"]) == (422, "file"), refused.text
    assert why in refused.json()["detail"]
    assert await city.scalar("SELECT count(*) FROM attachments") == 0
    assert not [*(city.damso.settings.data_dir / "files").rglob("*-*-*/*")]


@pytest.mark.parametrize("more", [1, 1024 * 1024], ids=["a byte", "a megabyte"])
async def test_a_file_over_the_limit_is_refused(city: City, more: int) -> None:
    refused = await city.citizen("en").upload(PDF + bytes(FILE_MOST_BYTES + more - len(PDF)))
    assert refused.status_code in (413, 422)
    assert refused.headers["content-type"] == "application/problem+json"
    assert (await city.http.post("/api/chat", content=bytes(100_000))).status_code == 413, "the others stay small"


async def test_a_file_at_the_limit_is_taken(city: City) -> None:
    padded = PDF.replace(b"%%EOF", b" " * (FILE_MOST_BYTES - len(PDF)) + b"%%EOF")
    assert len(padded) == FILE_MOST_BYTES
    assert (await city.citizen().upload(padded)).status_code == 200


@pytest.mark.parametrize(
    "form",
    [{}, {"session": "made-up.signature"}, {"lang": "fr"}],
    ids=["no file", "a session of nobody's", "a language we do not speak"],
)
async def test_a_form_that_makes_no_sense_is_refused(city: City, form: dict[str, str]) -> None:
    files = {"file": ("a.jpg", JPEG)} if form else None
    assert (await city.http.post("/api/chat/files", data=form or {"a": "b"}, files=files)).status_code in (404, 422)
    assert (await city.http.post("/api/chat/files", content=b"--x\r\nnonsense")).status_code == 422
    assert await city.scalar("SELECT count(*) FROM attachments") == 0


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "I;16"), ("JPEG", "CMYK"), ("JPEG", "L"), ("WEBP", "RGBA")],
)
async def test_every_mode_of_a_picture_becomes_a_photo(kind: str, mode: str) -> None:
    assert (await pictures.rewritten(picture(kind, mode=mode))).startswith(b"\xff\xd8\xff")


async def test_a_picture_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "READ_WITHIN_S", 0.01)
    with pytest.raises(pictures.Unreadable):
        await pictures.rewritten(picture("PNG", (5_000, 5_000)))
