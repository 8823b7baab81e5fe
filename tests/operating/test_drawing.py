"""Pictures drawn on the server, in Korean too, on a machine without any font."""

import asyncio
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.drawing import FONT_FAMILY, Drawing, NotDrawn, lines

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50" font-family="{}"><text y="40">{}</text></svg>'


def written(text: str) -> str:
    return SVG.format(FONT_FAMILY, text)


async def test_letters_of_both_languages_are_drawn_and_no_box_stands_for_any() -> None:
    drawing = Drawing()
    missing = await drawing.png(written("\U0010fffd"), width=200)
    drawn = [await drawing.png(written(letter), width=200) for letter in "광햇W₂"]
    assert len({missing, *drawn}) == 5
    picture = Image.open(BytesIO(drawn[0]))
    assert (picture.format, picture.size) == ("PNG", (200, 100))


async def test_what_cannot_be_drawn_is_refused_and_the_next_picture_is_drawn() -> None:
    drawing = Drawing()
    with pytest.raises(NotDrawn):
        await drawing.png("<svg", width=200)
    pictures = await asyncio.gather(*(drawing.png(written("광주"), width=200) for _ in range(3)))
    assert len({*pictures}) == 1


@given(st.text(), st.integers(1, 4))
def test_lines_hold_the_text_or_end_in_an_ellipsis(text: str, most: int) -> None:
    found = lines(text, size=10, width=60, most=most)
    whole, kept = "".join(text.split()), "".join("".join(found).split())
    assert len(found) <= most
    assert kept == whole or (kept.endswith("…") and whole.startswith(kept[:-1]))
