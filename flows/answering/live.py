"""Status, milestones and news, from the database at this moment."""

from datetime import date
from itertools import groupby

from flows import commitments
from flows.city import day
from flows.commitments import Commitment, Milestone, MilestoneState, Plan
from flows.messages import Choice, Reply, Turn, UnknownChoice
from flows.subscribing import ALL, Frequency, follow_choice
from flows.topics import Source
from flows.wording import N_

NEWS_SHOWN = 5


async def commitment_status(turn: Turn) -> list[Reply]:
    """`commitment_status:<code>`, or in words; all of them when none is named."""
    code = turn.args[0] if turn.args else turn.understood.entity("commitment")
    plan = await commitments.all_of(turn.tx)
    if turn.args and code not in {c.code for c in plan}:
        raise UnknownChoice
    shown = [c for c in plan if code in (None, c.code)]
    turn.topic = _topic(turn, shown)
    text = "\n\n".join(f"[{c.short.of(turn.lang)}]\n{state_of(turn, c)}" for c in shown)
    return [Reply(text, (*_choices(turn, shown), *_explained(turn, shown)), turn.topic, _sources(shown))]


async def list_commitments(turn: Turn) -> list[Reply]:
    plan = await commitments.all_of(turn.tx)
    parts = []
    for of, theirs in groupby(plan, key=lambda c: c.plan):
        inside = list(theirs)
        parts.append(f"{_plan(turn, of)} {turn.say(N_('It has {count} commitments.'), count=len(inside))}")
        parts += [
            f"{number}. {c.title.of(turn.lang)} ({c.code})\n{c.summary.of(turn.lang)}\n" + _period(turn, c)
            for number, c in enumerate(inside, 1)
        ]
    turn.topic = _topic(turn, plan)
    choices = (*_choices(turn, plan), *_explained(turn, plan))
    return [Reply("\n\n".join(parts), choices, None, _sources(plan))]


async def upcoming_milestones(turn: Turn) -> list[Reply]:
    plan = {c.code: c for c in await commitments.all_of(turn.tx)}
    milestones = await commitments.upcoming(turn.tx)
    choices = _choices(turn, list(plan.values()))
    if not milestones:
        nothing = N_(
            "The detailed milestones have not been entered yet, so there is no date to show. "
            "The original is on the commitments' pages on the OGP website."
        )
        periods = [f"· {c.short.of(turn.lang)}: {_period(turn, c)}" for c in plan.values()]
        return [Reply("\n".join([turn.say(nothing), "", *periods]), choices, None, _sources(list(plan.values())))]
    lines = [f"{_milestone(turn, m)} · {plan[m.commitment].short.of(turn.lang)}" for m in milestones]
    return [Reply("\n".join([turn.say(N_("What is due next:")), *lines]), choices)]


async def latest_updates(turn: Turn) -> list[Reply]:
    plan = {c.code: c for c in await commitments.all_of(turn.tx)}
    code = turn.understood.entity("commitment")
    found = [u for u in await commitments.latest(turn.tx) if u.corrected_by is None and code in (None, u.commitment)]
    news = found[:NEWS_SHOWN]
    shown = [plan[code]] if code in plan else list(plan.values())
    if not news:
        return [Reply(turn.say(N_("No progress update has been published here yet.")), _choices(turn, shown))]
    lines = [
        f"· {turn.date(day(u.shown_at))} {plan[u.commitment].short.of(turn.lang)}: {u.text.of(turn.lang)}" for u in news
    ]
    return [Reply("\n".join([turn.say(N_("Latest news of the plan:")), *lines]), _choices(turn, shown))]


def state_of(turn: Turn, c: Commitment) -> str:
    """How far a commitment is, in a few lines: the true state, overdue or not known included."""
    lines = [
        turn.say(N_("Status: {state} (as of {date})"), state=_word(turn, c), date=turn.date(c.status_as_of)),
        turn.say(N_("Period: {start} to {end}"), start=turn.date(c.start), end=turn.date(c.end)),
        _plan(turn, c.plan),
    ]
    if c.level:
        assessed = N_("OGP's own assessment, apart from what the city says: {level} (as of {date})")
        level, dated = turn.say(c.level.value.wording), turn.date(c.level.source.as_of)
        lines.append(turn.say(assessed, level=level, date=dated))
    if since := c.silent_since(today(turn)):
        lines.append(turn.say(N_("No update since {date}"), date=turn.date(since)))
    if c.milestones:
        counted = c.completion
        said = N_("Milestones: {done} of {count} complete")
        if counted.of < len(c.milestones):
            said = N_("Milestones: {done} of {count} complete, cancelled ones not counted")
        lines.append(turn.say(said, done=counted.done, count=counted.of))
        lines += [_milestone(turn, m) for m in c.milestones]
    else:
        missing = N_("The detailed milestones have not been entered yet. The original is on the OGP website.")
        lines.append(turn.say(missing))
    if c.updates:
        newest = c.updates[0]
        said = N_("Latest news ({date}): {news}")
        when = turn.date(day(newest.shown_at))
        lines.append(turn.say(said, date=when, news=newest.text.of(turn.lang)))
    else:
        lines.append(turn.say(N_("No progress update has been published here yet.")))
    return "\n".join(lines)


def today(turn: Turn) -> date:
    return day(turn.at)


def _plan(turn: Turn, plan: Plan) -> str:
    title, end = plan.title.of(turn.lang), turn.date(plan.end)
    if plan.has_ended(today(turn)):
        return turn.say(N_("Action plan: {title}. It ended in {end} and is kept as an archive."), title=title, end=end)
    return turn.say(N_("Action plan: {title}. It runs until {end}."), title=title, end=end)


def _word(turn: Turn, c: Commitment) -> str:
    state = turn.say(c.status.wording)
    if c.is_overdue(today(turn)):
        return turn.say(N_("{state}, and the period is over"), state=state)
    return state


def _period(turn: Turn, c: Commitment) -> str:
    return turn.say(
        N_("Period: {start} to {end}. Status: {state}"),
        start=turn.date(c.start),
        end=turn.date(c.end),
        state=_word(turn, c),
    )


def _milestone(turn: Turn, m: Milestone) -> str:
    title = m.title.of(turn.lang)
    if m.done:
        return turn.say(N_("· [Done {date}] {title}"), date=turn.date(m.done), title=title)
    if m.is_overdue(today(turn)):
        return turn.say(N_("· [Overdue, was due {date}] {title}"), date=turn.date(m.due), title=title)
    if m.state in (MilestoneState.CANCELLED, MilestoneState.DELAYED):
        said = N_("· [{state}, due {date}] {title}")
        return turn.say(said, state=turn.say(m.state.wording), date=turn.date(m.due), title=title)
    return turn.say(N_("· [Due {date}] {title}"), date=turn.date(m.due), title=title)


def _choices(turn: Turn, shown: list[Commitment]) -> tuple[Choice, ...]:
    choices = [follow_choice(turn, c) for c in shown]
    if len(shown) > 1:
        everything = turn.choice(N_("Follow all commitments"), f"subscribe:{ALL}:{Frequency.INSTANT}")
        choices.append(everything)
    return tuple(choices)


def _explained(turn: Turn, shown: list[Commitment]) -> list[Choice]:
    """Buttons to what each of them is about."""
    topics = [turn.topics[name] for c in shown if (name := _topic(turn, [c]))]
    return [Choice(topic.title.of(turn.lang), f"ask:{topic.name}") for topic in topics]


def _sources(shown: list[Commitment]) -> tuple[Source, ...]:
    cited = [s for c in shown for s in (*c.sources, *((c.level.source,) if c.level else ()))]
    return tuple({s.url: s for s in cited}.values())


def _topic(turn: Turn, shown: list[Commitment]) -> str | None:
    """The topic that is about just these commitments, so that "tell me more" goes on from there."""
    codes = {c.code for c in shown}
    return next((t.name for t in turn.topics.values() if t.live and {*t.commitments} == codes), None)
