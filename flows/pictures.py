"""Pictures from strangers, made harmless: read by a process that can be stopped, and written anew.

Nothing but the pixels comes back: no place, no camera, no preview, nothing appended. A thread would not do, since
nothing stops one, and a fault in a decoder would take the whole service with it.
"""

import asyncio
import io
import resource
import sys

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
PIXELS_MOST = 60_000_000  # four bytes each: beyond what telephones send, and less than MEMORY_MOST_BYTES
LONGEST_SIDE_PX = 2_560
QUALITY = 85
READ_WITHIN_S = 15
MEMORY_MOST_BYTES = 1024**3


class Unreadable(Exception):
    """No picture of FORMATS, a damaged one, one of too many pixels, or one that takes too long."""


async def rewritten(data: bytes) -> bytes:
    """The first picture in `data` as a JPEG of its own, upright, at most LONGEST_SIDE_PX long. Raises Unreadable."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",  # finds nothing of ours to import, and none of our secrets in its environment
        __file__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            written, _ = await process.communicate(data)
    except TimeoutError:
        raise Unreadable from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or not written:
        raise Unreadable
    return written


def rewrite(data: bytes) -> bytes:
    """The same, here and now; raises whatever Pillow does."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        if picture.width * picture.height > PIXELS_MOST:
            raise ValueError("too many pixels")
        picture.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))  # a large JPEG is read at half its size or less
        seen = picture.convert("RGBA") if picture.has_transparency_data else picture.convert("RGB")
        seen.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
        upright = ImageOps.exif_transpose(seen)
    if upright.mode == "RGBA":  # a JPEG has no transparency; what shines through is white
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    clean = Image.frombytes("RGB", upright.size, upright.convert("RGB").tobytes())
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MOST_BYTES, MEMORY_MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (READ_WITHIN_S, READ_WITHIN_S))
    sys.stdout.buffer.write(rewrite(sys.stdin.buffer.read()))
