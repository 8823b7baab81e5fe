"""A file that is looked at before it changes anything: sent, shown, and sent back by the page to be confirmed."""

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, UploadFile

from bot.pages.staff.gate import Field
from flows.errors import Invalid
from flows.wording import N_


class NoFile(Invalid):
    field = "file"
    message = N_("Please choose a file.")


@dataclass(frozen=True, slots=True)
class Upload:
    """`seen` is the mark of what the page showed of it, where it is confirmed."""

    data: bytes
    is_confirmed: bool
    seen: str

    def read(self) -> bytes:
        """Raises NoFile."""
        if not self.data:
            raise NoFile
        return self.data

    @property
    def again(self) -> str:
        """The file as the page keeps it."""
        return base64.b64encode(self.data).decode()


async def upload(file: UploadFile | None = None, again: Field = "", seen: Field = "", step: Field = "") -> Upload:
    """How large it may be is for its reader to say; the server takes no body that is much larger than a file."""
    if not again:
        return Upload(await file.read() if file else b"", False, "")
    try:
        return Upload(base64.b64decode(again, validate=True), step == "confirm", seen)
    except (binascii.Error, ValueError):
        raise NoFile from None


Sent = Annotated[Upload, Depends(upload)]
