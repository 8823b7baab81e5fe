"""Files as citizens send them: checked by their content, made harmless, and put into the file store."""

import asyncio
from datetime import datetime, timedelta
from io import BytesIO
from zipfile import is_zipfile

import puremagic

from flows import pictures
from flows.errors import Invalid, Unavailable
from flows.messages import Attached
from flows.store import Database
from flows.store.files import Files
from flows.store.keeping import limit
from flows.suggesting.values import DOCUMENT, PHOTO
from flows.wording import N_

FILE_MOST_MB = 10
FILE_MOST_BYTES = FILE_MOST_MB * 1024 * 1024
FILES_AN_HOUR = 30  # of one citizen
HOUR = timedelta(hours=1)
PICTURES = ("image/jpeg", "image/png", "image/webp")
HEIC = ("image/heic", "image/heif")
HEAD_BYTES = 4096  # enough to know a kind by
PDF_END, PDF_END_WITHIN = b"%%EOF", 1024  # where Acrobat looks for it: PDF Reference 1.7, appendix H
READ_AT_ONCE, READ_WITHIN_S = 2, 25.0


class FileTooLarge(Invalid):
    field = "file"
    message = N_("Please send a file of at most {most} MB.")


class EmptyFile(Invalid):
    field = "file"
    message = N_("This file is empty. Please choose another one.")


class WrongKind(Invalid):
    field = "file"
    message = N_("I can take photos (JPEG, PNG or WebP) and PDF documents. This file is something else.")


class NotHeic(Invalid):
    field = "file"
    message = N_("I cannot read photos in the HEIC format. Please send it as a JPEG.")


class BrokenFile(Invalid):
    field = "file"
    message = N_(
        "This file cannot be read. It may be damaged, or the picture may be too large. Please send another one."
    )


class BusyReading(Unavailable):
    message = N_("Your file could not be read in time. Please send it again in a moment.")


class Intake:
    """Takes in what citizens send. A picture costs memory and a core: few are read at a time, the others wait."""

    def __init__(self, db: Database, files: Files) -> None:
        self._db, self._files, self._reading = db, files, asyncio.Semaphore(READ_AT_ONCE)

    async def take(self, who: str, data: bytes, *, at: datetime) -> Attached:
        """Check a file by its content, make a picture harmless, and keep it; its row is the caller's to write.

        `who`: whose uploads are counted together. Call it outside of any transaction.
        Raises TooMany, EmptyFile, FileTooLarge, WrongKind, NotHeic, BrokenFile, BusyReading, FilesAway.
        """
        async with self._db.transaction() as tx:
            await limit(tx, at, HOUR, files=(who, FILES_AN_HOUR))
        media_type, kept = await self._checked(data)
        return Attached(await self._files.put(kept, at=at), media_type, len(kept))

    async def _checked(self, data: bytes) -> tuple[str, bytes]:
        kind = await asyncio.to_thread(check_kind, data)
        if kind == DOCUMENT:
            return DOCUMENT, data
        try:
            async with asyncio.timeout(READ_WITHIN_S), self._reading:
                return PHOTO, await pictures.rewritten(data)
        except pictures.Unreadable:
            raise BrokenFile from None
        except TimeoutError:
            raise BusyReading from None


def check_kind(data: bytes) -> str:
    """What a file is, by its first bytes and not by any name: one of PICTURES, or DOCUMENT.

    Raises EmptyFile, FileTooLarge, WrongKind (also for what is an archive besides), NotHeic, BrokenFile.
    """
    if not data:
        raise EmptyFile
    if len(data) > FILE_MOST_BYTES:
        raise FileTooLarge(most=FILE_MOST_MB)
    likeliest = puremagic.magic_string(data[:HEAD_BYTES])[:1]
    kind = likeliest[0].mime_type if likeliest else ""
    if kind in HEIC:
        raise NotHeic
    if kind not in (*PICTURES, DOCUMENT) or is_zipfile(BytesIO(data)):
        raise WrongKind
    if kind == DOCUMENT and PDF_END not in data[-PDF_END_WITHIN:]:
        raise BrokenFile
    return kind
