"""“Your suggestion changed this”: news of what staff linked to a suggestion, once it has come about."""

from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.store.tables.commitments import MilestoneRow, UpdateRow
from flows.store.tables.suggesting import LinkRow
from flows.suggesting.rows import by_id
from flows.suggesting.support import tell_people
from flows.wording import N_, text, written_date

YOURS = N_("Your suggestion {receipt} changed this:")
SUPPORTED = N_("The suggestion {receipt}, which you support, changed this:")
FOLLOWED = N_("The suggestion {receipt}, which you follow, changed this:")


async def tell_of_links(tx: AsyncSession, *, at: datetime) -> None:
    """Tell the authors and supporters whose linked update is public, or whose linked milestone is reached.

    Also when it was so before it was linked. Each link is told of once.
    """
    news, milestone = UpdateRow, MilestoneRow
    come_about = or_(
        exists().where(news.id == LinkRow.update_id, news.published_at.is_not(None)),
        exists().where(milestone.id == LinkRow.milestone_id, milestone.done.is_not(None)),
    )
    untold = select(LinkRow.id).where(LinkRow.told_at.is_(None), come_about).with_for_update(skip_locked=True)
    told = update(LinkRow).where(LinkRow.id.in_(untold)).values(told_at=at).returning(LinkRow)
    for link in list(await tx.scalars(told)):
        s, what = await by_id(tx, link.suggestion_id), await _what(tx, link)
        if s.is_public:
            own, others, followers = (_news(head, s.receipt, what) for head in (YOURS, SUPPORTED, FOLLOWED))
            await tell_people(tx, s, f"{s.receipt}/link/{link.id}", own, others, to_followers=followers, at=at)


async def _what(tx: AsyncSession, link: LinkRow) -> Both:
    if link.update_id is not None:
        news = await tx.get_one(UpdateRow, link.update_id)
        return Both(ko=news.ko, en=news.en)
    milestone = await tx.get_one(MilestoneRow, link.milestone_id)
    title, done = Both(ko=milestone.title_ko, en=milestone.title_en), str(milestone.done)
    reached = N_("The milestone “{title}” was reached on {date}.")
    return Both.said(lambda lang: text(lang, reached, title=title.of(lang), date=written_date(lang, done)))


def _news(head: str, receipt: str, what: Both) -> Both:
    return Both.said(lambda lang: f"{text(lang, head, receipt=receipt)}\n\n{what.of(lang)}")
