"""What an update is as a message: the news, a correction, a line of a digest."""

from flows.city import day
from flows.commitments import Titles, Update, Versions
from flows.messages import Choice, Reply
from flows.subscribing import Follow, about_commitment, nearest_for
from flows.wording import N_, Lang, text, written_date

NEWS = N_("News on “{title}”\n\n{news}")
CORRECTION = N_("Correction of our news on “{title}” of {date}\n\n{news}\n\nWe had written:\n{wrong}")


def news_of(ref: str, titles: Titles, known: Versions, follows: list[Follow], lang: Lang) -> Reply | None:
    """The update as it stands: who has not got it yet never gets what has been corrected since.

    None when its reader has stopped following since it was owed.
    """
    update = known[ref]
    followed = _followed(update.commitment, follows)
    if followed is None:
        return None
    return news(titles, known.standing(update), lang, followed=followed)


def correction_of(ref: str, titles: Titles, known: Versions, follows: list[Follow], lang: Lang) -> Reply:
    """Also for who has stopped following since: they got what was wrong."""
    update = known[ref]
    followed = _followed(update.commitment, follows)
    return correction(titles, known.standing(update), known.before(update)[0], lang, followed=followed)


def news(titles: Titles, update: Update, lang: Lang, *, followed: str | None) -> Reply:
    """An update as its followers get it. `followed` is what they may stop with one tap: a code, or ALL."""
    said = text(lang, NEWS, title=titles.commitments[update.commitment].of(lang), news=_told(titles, update, lang))
    return Reply(said, _buttons(update.commitment, lang, followed))


def correction(titles: Titles, update: Update, wrong: Update, lang: Lang, *, followed: str | None) -> Reply:
    """An update as those get it who had got `wrong`: it says so, and shows both."""
    said = text(
        lang,
        CORRECTION,
        title=titles.commitments[update.commitment].of(lang),
        date=written_date(lang, str(day(wrong.shown_at))),
        news=_told(titles, update, lang),
        wrong=wrong.text.of(lang),
    )
    return Reply(said, _buttons(update.commitment, lang, followed))


def digest_line(update: Update, lang: Lang, *, is_correction: bool) -> str:
    """An update in a digest, under the name of its commitment."""
    said = N_("· {date}: Correction – {news}") if is_correction else N_("· {date}: {news}")
    return text(lang, said, date=written_date(lang, str(day(update.shown_at))), news=update.text.of(lang))


def _told(titles: Titles, update: Update, lang: Lang) -> str:
    about = []
    if update.milestone is not None:
        about.append(text(lang, N_("Milestone: {title}"), title=titles.milestones[update.milestone].of(lang)))
    if update.evidence:
        about.append(text(lang, N_("Evidence: {link}"), link=update.evidence))
    return "\n\n".join(filter(None, (update.text.of(lang), "\n".join(about))))


def _followed(code: str, follows: list[Follow]) -> str | None:
    followed = nearest_for(follows, about_commitment(code))
    return followed.commitment if followed else None


def _buttons(code: str, lang: Lang, followed: str | None) -> tuple[Choice, ...]:
    how_far = Choice(text(lang, N_("How far it is")), f"commitment_status:{code}")
    if followed is None:
        return (how_far,)
    return how_far, Choice(text(lang, N_("Stop these alerts")), f"unsubscribe:{followed}")
