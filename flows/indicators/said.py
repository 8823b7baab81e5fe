"""A series in a chat: the latest number, how it changed, where it comes from, and a picture."""

from collections.abc import Sequence

from flows.city import day
from flows.indicators.rows import NoSuchIndicator, get, shown
from flows.indicators.values import Indicator, Observation
from flows.messages import Choice, Picture, Reply, Turn, UnknownChoice
from flows.wording import N_, Lang, text, written_date

ALL = "all"
TOLD_IN_ALT = 12


async def under(turn: Turn, topic: str) -> list[Reply]:
    """What follows the answer of a topic: one of its series, one with a change before others; buttons to the rest.

    Nothing where the topic has none.
    """
    found = sorted(await shown(turn.tx, topic=topic), key=lambda indicator: indicator.change is None)
    if not found:
        return []
    first, *rest = found
    return [_reply(turn, first, [*(_button(turn, indicator) for indicator in rest), _all_button(turn)])]


async def figure(turn: Turn) -> list[Reply]:
    """`figure:<code>`: one series; `figure:all`: a list of them."""
    if turn.args == (ALL,):
        return [_list(turn, await shown(turn.tx))]
    try:
        indicator = await get(turn.tx, ":".join(turn.args))
    except NoSuchIndicator:
        raise UnknownChoice from None
    topics = [name for name in indicator.described.topics if name in turn.topics]
    if topics:
        turn.topic = topics[0]
    about = [Choice(turn.topics[name].title.of(turn.lang), f"ask:{name}") for name in topics]
    return [_reply(turn, indicator, [*about, _all_button(turn)])]


def value_said(indicator: Indicator, lang: Lang) -> str:
    """The latest number with its unit and period."""
    latest = indicator.observations[-1]
    period = written_date(lang, latest.period)
    return text(lang, N_("{amount} ({period})"), amount=indicator.amount(latest.value, lang), period=period)


def latest_said(indicator: Indicator, lang: Lang) -> str:
    """The same with the name of the series."""
    return f"{indicator.described.title.of(lang)}: {value_said(indicator, lang)}"


def change_said(indicator: Indicator, lang: Lang) -> str:
    """How much more or less the latest number is than the one before it."""
    change = indicator.change
    if change is None:
        return text(lang, N_("There is no earlier figure to compare it with."))
    since = written_date(lang, change.since.period)
    if not change.by:
        said = text(lang, N_("That is the same as in {since}."), since=since)
    else:
        said = text(
            lang,
            _change_wording(is_share=indicator.is_share, is_more=change.by > 0, has_percent=change.percent is not None),
            since=since,
            before=indicator.amount(change.since.value, lang),
            number=indicator.number(abs(change.by)),
            amount=indicator.amount(abs(change.by), lang),
            percent="" if change.percent is None else f"{abs(change.percent):,}".removesuffix(".0"),
        )
    gap = [] if change.is_next else [text(lang, N_("For the time between there is no figure."))]
    return " ".join([said, *gap])


def correction_said(indicator: Indicator, observation: Observation, lang: Lang) -> str | None:
    """What a number was before it was corrected, if it was."""
    if not observation.former:
        return None
    former = observation.former[0]
    said = N_("This figure was corrected on {date}. Before, it was given as {amount}.")
    date = written_date(lang, day(former.until).isoformat())
    return text(lang, said, date=date, amount=indicator.amount(former.value, lang))


def picture_said(indicator: Indicator, lang: Lang) -> str:
    """What the picture of a series shows, for who does not see it: its last numbers."""
    numbers = [
        f"{written_date(lang, it.period)} {indicator.amount(it.value, lang)}"
        for it in indicator.observations[-TOLD_IN_ALT:]
    ]
    title = indicator.described.title.of(lang)
    return text(lang, N_("Bar chart: {title}. {numbers}"), title=title, numbers=", ".join(numbers))


def picture_path(code: str, lang: Lang) -> str:
    """Where our pages have the PNG picture of a series."""
    return f"/figures/{code}.png?lang={lang}"


def _change_wording(*, is_share: bool, is_more: bool, has_percent: bool) -> str:
    if is_share:
        return (
            N_("That is {number} percentage points more than in {since} ({before}).")
            if is_more
            else N_("That is {number} percentage points less than in {since} ({before}).")
        )
    if not has_percent:
        return (
            N_("That is {amount} more than in {since} ({before}).")
            if is_more
            else N_("That is {amount} less than in {since} ({before}).")
        )
    return (
        N_("That is {amount} more than in {since} ({before}), up {percent}%.")
        if is_more
        else N_("That is {amount} less than in {since} ({before}), down {percent}%.")
    )


def _reply(turn: Turn, indicator: Indicator, choices: Sequence[Choice]) -> Reply:
    latest = indicator.observations[-1]
    lines = [latest_said(indicator, turn.lang), change_said(indicator, turn.lang)]
    if corrected := correction_said(indicator, latest, turn.lang):
        lines.append(corrected)
    if latest.note:
        lines.append(latest.note.of(turn.lang))
    lines.append(indicator.described.about.of(turn.lang))
    picture = Picture(picture_path(indicator.code, turn.lang), picture_said(indicator, turn.lang))
    return Reply("\n\n".join(["\n".join(lines[:-1]), lines[-1]]), tuple(choices), None, (latest.source,), picture)


def _list(turn: Turn, found: Sequence[Indicator]) -> Reply:
    if not found:
        return turn.reply(N_("No figures have been entered yet."), turn.choice(N_("Menu"), "menu"))
    lines = [f"· {latest_said(indicator, turn.lang)}" for indicator in found]
    head = turn.say(N_("These are the figures that there are. Choose one to see how it changed and its source."))
    return Reply("\n".join([head, *lines]), tuple(_button(turn, indicator) for indicator in found))


def _button(turn: Turn, indicator: Indicator) -> Choice:
    return Choice(indicator.described.title.of(turn.lang), f"figure:{indicator.code}")


def _all_button(turn: Turn) -> Choice:
    return turn.choice(N_("All figures"), f"figure:{ALL}")
