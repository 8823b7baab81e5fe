"""From a move of a milestone, or of the city's status, to the draft of an update that tells followers of it."""

from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.staff.gate import EditorSending, Field, NoAct, Parts, router, see_other, typed
from bot.pages.staff.updates import HOME
from flows import accounts, commitments
from flows.messages import clean


@router.post("/commitments/{code}/draft")
async def draft(code: str, session: EditorSending, damso: Parts, *, milestone: Field = "", key: Field = "") -> Response:
    """Begin the update, or lead to the one that is begun; nothing is sent. `key`: of the form, sent twice or not."""
    now = damso.now()
    async with damso.db.transaction() as tx:
        c = await commitments.get(tx, clean(code))
        m = await commitments.milestone(tx, c.code, read_id(milestone) or 0) if milestone else None
        move = await commitments.last_move(tx, c, m)
        if move is None:
            raise NoAct
        begun = move.update
        if begun is None:
            writing = commitments.writing_of(move, m, damso.settings.pages_url)
            begun = await commitments.draft_update(tx, c.code, writing, form=typed(key)[:64] or None, at=now)
            await accounts.audit(tx, session.staff, "update.drafted", begun.ref, at=now)
    return see_other(f"{HOME}/{begun.id}")
