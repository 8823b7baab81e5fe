"""What an update is as a message: the news, a correction, a line of a digest."""

from collections.abc import Mapping

from flows.city import day
from flows.commitments import Commitment, Update
from flows.messages import Choice, Reply
from flows.subscribing import Follow, about_commitment, nearest_for
from flows.wording import N_, Lang, text, written_date

NEWS = N_("News on “{title}”\n\n{news}")
CORRECTION = N_("Correction of our news on “{title}” of {date}\n\n{news}\n\nWe had written:\n{wrong}")


def news_of(ref: str, plan: Mapping[str, Commitment], follows: list[Follow], lang: Lang) -> Reply | None:
    """The update as it stands: who has not got it yet never gets what has been corrected since.

    None when its reader has stopped following since it was owed.
    """
    commitment, update = _known(ref, plan)
    followed = _followed(commitment.code, follows)
    if followed is None:
        return None
    return news(commitment, commitment.standing(update), lang, followed=followed)


def correction_of(ref: str, plan: Mapping[str, Commitment], follows: list[Follow], lang: Lang) -> Reply:
    """Also for who has stopped following since: they got what was wrong."""
    commitment, update = _known(ref, plan)
    wrong = next(u for u in commitment.updates if u.id == update.corrects)
    followed = _followed(commitment.code, follows)
    return correction(commitment, commitment.standing(update), wrong, lang, followed=followed)


def news(commitment: Commitment, update: Update, lang: Lang, *, followed: str | None) -> Reply:
    """An update as its followers get it. `followed` is what they may stop with one tap: a code, or ALL."""
    said = text(lang, NEWS, title=commitment.short.of(lang), news=_told(commitment, update, lang))
    return Reply(said, _buttons(commitment, lang, followed))


def correction(commitment: Commitment, update: Update, wrong: Update, lang: Lang, *, followed: str | None) -> Reply:
    """An update as those get it who had got `wrong`: it says so, and shows both."""
    said = text(
        lang,
        CORRECTION,
        title=commitment.short.of(lang),
        date=written_date(lang, str(day(wrong.shown_at))),
        news=_told(commitment, update, lang),
        wrong=wrong.text.of(lang),
    )
    return Reply(said, _buttons(commitment, lang, followed))


def digest_line(update: Update, lang: Lang, *, is_correction: bool) -> str:
    """An update in a digest, under the name of its commitment."""
    said = N_("· {date}: Correction – {news}") if is_correction else N_("· {date}: {news}")
    return text(lang, said, date=written_date(lang, str(day(update.shown_at))), news=update.text.of(lang))


def _known(ref: str, plan: Mapping[str, Commitment]) -> tuple[Commitment, Update]:
    commitment = plan[ref.partition("/")[0]]
    return commitment, next(u for u in commitment.updates if u.ref == ref)


def _told(commitment: Commitment, update: Update, lang: Lang) -> str:
    about = []
    if m := commitment.milestone_of(update):
        about.append(text(lang, N_("Milestone: {title}"), title=m.title.of(lang)))
    if update.evidence:
        about.append(text(lang, N_("Evidence: {link}"), link=update.evidence))
    return "\n\n".join(filter(None, (update.text.of(lang), "\n".join(about))))


def _followed(code: str, follows: list[Follow]) -> str | None:
    followed = nearest_for(follows, about_commitment(code))
    return followed.commitment if followed else None


def _buttons(commitment: Commitment, lang: Lang, followed: str | None) -> tuple[Choice, ...]:
    how_far = Choice(text(lang, N_("How far it is")), f"commitment_status:{commitment.code}")
    if followed is None:
        return (how_far,)
    return how_far, Choice(text(lang, N_("Stop these alerts")), f"unsubscribe:{followed}")
