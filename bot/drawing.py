"""Pictures drawn on the server: SVG, as the pages show it, made into PNG for those who take nothing else.

Run as `python -m bot.drawing WIDTH` it draws one: SVG from stdin, PNG to stdout. It is a process of its own (35 MB,
170 ms in all), since resvg holds the interpreter for the 42 ms that it draws.
"""

import asyncio
import sys
import unicodedata
from collections import OrderedDict
from importlib.resources import files

from flows.errors import Unavailable
from flows.wording import N_

FONT_FAMILY = "Noto Sans CJK KR"  # of the one font that there is; `font-family` of every <svg> to be drawn
FONT_FILE = "NotoSansCJK-VF.otf.ttc"
WIDE_EM, NARROW_EM = 0.92, 0.56  # of a Korean letter (exact) and a Latin one (the mean) in that font
PLAIN_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")  # the font has none of these: CO₂

PICTURES_KEPT = 64
AT_ONCE = 1
DEADLINE_S = 5.0


class NotDrawn(Unavailable):
    """The drawing process failed or took too long."""

    message = N_("The picture cannot be drawn at the moment. Please try again later.")


class Drawing:
    """Draws, one picture at a time. Keeps the last ones by what is in them, so none of them can be stale."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._free = asyncio.Semaphore(AT_ONCE)

    async def png(self, svg: str, *, width: int) -> bytes:
        """`svg` as a PNG picture of `width` pixels. Raises NotDrawn."""
        wanted = svg, width
        async with self._free:
            if wanted not in self._kept:
                self._kept[wanted] = await _drawn(svg, width)
            self._kept.move_to_end(wanted)
            while len(self._kept) > PICTURES_KEPT:
                self._kept.popitem(last=False)
            return self._kept[wanted]


def lines(text: str, *, size: float, width: float, most: int) -> list[str]:
    """`text` in lines that fit into `width` at a font size, cut between words; the last of `most` may end in "…"."""
    found = [""]
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        if _width(longer, size) <= width:
            found[-1] = longer
        else:
            found += _pieces(word, size, width)
    found = [line for line in found if line]
    return found if len(found) <= most else [*found[: most - 1], f"{found[most - 1][:-1].rstrip()}…"]


def _pieces(word: str, size: float, width: float) -> list[str]:
    """A word, or what fits of it into a line each."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and _width(pieces[-1] + letter, size) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _width(text: str, size: float) -> float:
    return size * sum(WIDE_EM if unicodedata.east_asian_width(letter) in "WF" else NARROW_EM for letter in text)


async def _drawn(svg: str, width: int) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-m", "bot.drawing", str(width)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},  # none of our secrets
    )
    try:
        async with asyncio.timeout(DEADLINE_S):
            png, _ = await process.communicate(svg.encode())
    except TimeoutError:
        raise NotDrawn from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise NotDrawn
    return png


def main() -> None:
    import resvg_py  # noqa: PLC0415  # in the drawing process alone

    png = resvg_py.svg_to_bytes(
        svg_string=sys.stdin.buffer.read().decode().translate(PLAIN_DIGITS),
        width=int(sys.argv[1]),
        font_files=[str(files("manimgx_fonts_cjk") / FONT_FILE)],
        skip_system_fonts=True,  # the same picture on every machine
    )
    sys.stdout.buffer.write(png)


if __name__ == "__main__":
    main()
