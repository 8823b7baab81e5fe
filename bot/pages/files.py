"""Files of citizens, handed out so that a browser shows pictures and does nothing else with them."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from bot.app import Damso
from bot.pages.rendering import parts
from flows import suggesting
from flows.store.files import NoSuchFile
from flows.suggesting import Attachment

router = APIRouter(include_in_schema=False)
Parts = Annotated[Damso, Depends(parts)]

ID_MOST = 2**62


@router.get("/files/{number}")
async def show_file(number: int, damso: Parts) -> Response:
    """A picture that staff published, with a suggestion that is public."""
    if not 0 < number < ID_MOST:
        raise NoSuchFile
    async with damso.db.transaction() as tx:
        file, receipt = await suggesting.file(tx, number)
        suggestion = await suggesting.by_receipt(tx, receipt)
    if not (file.published and suggestion.is_public):
        raise NoSuchFile
    return await handed_out(damso, file, receipt)


async def handed_out(damso: Damso, file: Attachment, receipt: str) -> Response:
    """A picture to look at; a document only to save, since one may do things when opened.

    Raises NoSuchFile, FilesAway.
    """
    name = f"{receipt}-{file.id}.jpg" if file.is_photo else f"{receipt}-{file.id}.pdf"
    headers = {
        "Content-Disposition": f'{"inline" if file.is_photo else "attachment"}; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",  # whether it is shown may change at any time
    }
    return Response(await damso.files.get(file.key), media_type=file.media_type, headers=headers)
