"""Files of citizens, handed out so that a browser shows pictures and does nothing else with them."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from bot.app import Damso
from bot.pages.rendering import parts
from flows import commitments, suggesting
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


@router.get("/evidence/{number}")
async def show_evidence(number: int, damso: Parts) -> Response:
    """A file that shows how far a milestone is: public as soon as staff enter it."""
    if not 0 < number < ID_MOST:
        raise NoSuchFile
    async with damso.db.transaction() as tx:
        key, media_type = await commitments.evidence_file(tx, number)
    return await handed_out_by_key(damso, key, media_type, f"evidence-{number}")


async def handed_out(damso: Damso, file: Attachment, receipt: str) -> Response:
    """A file of a suggestion. Raises NoSuchFile, FilesAway."""
    return await handed_out_by_key(damso, file.key, file.media_type, f"{receipt}-{file.id}")


async def handed_out_by_key(damso: Damso, key: str, media_type: str, name: str) -> Response:
    """A picture to look at; a document only to save, since one may do things when opened.

    Raises NoSuchFile, FilesAway.
    """
    shown, ending = ("inline", "jpg") if media_type.startswith("image/") else ("attachment", "pdf")
    headers = {
        "Content-Disposition": f'{shown}; filename="{name}.{ending}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",  # whether it is shown may change at any time
    }
    return Response(await damso.files.get(key), media_type=media_type, headers=headers)
