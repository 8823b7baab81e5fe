"""Changing one's alerts, by a small menu or in words. Every change says what holds now, and can be undone."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

from flows import commitments
from flows.city import day
from flows.messages import Choice, Reply, Step, Turn, UnknownChoice
from flows.subscribing.handlers import follow_choice, is_open, named, settings_choice, subscribe, unsubscribe
from flows.subscribing.quiet import Hours, Quiet, at_clock, leaves_room
from flows.subscribing.reading import (
    ALERTS,
    ONLY_THEN,
    REQUEST,
    SENDING,
    Wishes,
    follows,
    is_of_alerts,
    orders_to_follow,
    read_clocks,
    read_pause,
    read_quiet,
    read_wishes,
    read_zone,
    removes_quiet,
    stops,
    stops_everything,
    undoes,
)
from flows.subscribing.rows import ALL, Follow, Frequency, follow, follows_of
from flows.subscribing.saying import LANGUAGE_NAMES, month_day, name_of, said_settings, weekday
from flows.subscribing.settings import Settings, before_of, change, remember, settings_of, tell_what_was_held, undo
from flows.subscribing.times import LAST_DAY, Times
from flows.understanding import FALLBACK, NOT_OURS, Intent
from flows.wording import LANGS, N_, as_lang

SURE = 1.0
FOLLOWS_SHOWN = 8
HOURS_OFFERED = (8, 9, 12, 15, 18, 20)
MONTH_DAYS_OFFERED = (1, 15, LAST_DAY)
QUIET_OFFERED = (Quiet(time(20), time(9)), Quiet(time(21), time(10)), Quiet(time(0), time(18)))
PAUSES_OFFERED = {7: N_("1 week"), 14: N_("2 weeks"), 30: N_("30 days")}
LONGEST_PAUSE = timedelta(days=366)
WHEN, QUIET, PAUSE, ZONE = "alerts.when", "alerts.quiet", "alerts.pause", "alerts.zone"
CANCELLING = re.compile("취소|cancel", re.IGNORECASE)
UNSURE = {FALLBACK, NOT_OURS}
NEAR = {
    "upcoming_milestones",
    "latest_updates",
    "ask_when",
    "cancel",
    "ask_contact",
    "goodbye",
    "affirm",
}  # what the model takes such words for
OURS = {"subscribe", "unsubscribe", "subscription_settings", "change_language"}


async def subscription_settings(turn: Turn) -> list[Reply]:  # noqa: PLR0911  # one return a kind of button
    """`subscription_settings`: what I follow, and the menu; `:<what>` asks, `:<what>:<value>` changes it.

    In words, with a frequency named, everything moves to it.
    """
    turn.step = None if is_open(turn) else turn.step
    match turn.args:
        case ():
            often = turn.understood.entity("frequency")
            if often in set(Frequency) and await follows_of(turn.tx, turn.citizen.id):
                return await _to_all(turn, Frequency(often))
            return await _menu(turn)
        case ("undo",):
            return [await _undone(turn)]
        case ("one", subject):
            return [await _one(turn, subject)]
        case ("often", often) if often in set(Frequency):
            return await _to_all(turn, Frequency(often))
        case (asked,) if asked in ASKERS:
            is_follower = bool(await follows_of(turn.tx, turn.citizen.id))
            return [await ASKERS[asked](turn)] if is_follower else await _menu(turn)
        case ("quiet", "off"):
            return [await _without_quiet(turn)]
        case (what, value):
            wanted = _chosen(await settings_of(turn.tx, turn.citizen.id), what, value, turn.at)
            return await _put(turn, wanted)
    raise UnknownChoice


async def wished(turn: Turn, *, is_question: bool) -> list[Reply]:  # noqa: PLR0911  # one return a kind of wish
    """What the words wish of alerts, as far as the intent model cannot know: it has no days and no hours.

    Nothing where they wish nothing of the kind. `turn.understood` is left with what was understood.
    """
    if is_open(turn) and (answered := await _in_step(turn)):
        return answered
    intent, text = turn.understood.intent.name, turn.text
    if removes_quiet(text) or (undoes(text) and await before_of(turn.tx, turn.citizen.id)):
        turn.understood = replace(turn.understood, intent=Intent("subscription_settings", SURE))
        return [await (_without_quiet(turn) if removes_quiet(text) else _undone(turn))]
    if not is_question and named(turn) and orders_to_follow(text):
        return await _as(turn, "subscribe", subscribe)
    is_question = is_question and not REQUEST.search(text)
    if intent not in OURS and (is_question or intent not in UNSURE | NEAR | {"suggestion_status"}):
        return []
    wishes, paused = read_wishes(text, day(turn.at)), (await settings_of(turn.tx, turn.citizen.id)).is_paused(turn.at)
    resumes = wishes.resume and paused
    if not (is_of_alerts(text) or follows(text) or stops(text) or wishes.often or resumes):
        return []
    mine = await follows_of(turn.tx, turn.citizen.id)
    if stops_everything(text) and (mine or intent != "cancel" or not CANCELLING.search(text)):
        return await _as(turn, "unsubscribe", unsubscribe)
    subject = named(turn)
    if stops(text) and subject in {f.commitment for f in mine} and not wishes:
        return await _as(turn, "unsubscribe", unsubscribe)
    is_clear = turn.understood.entity("receipt") if intent == "suggestion_status" else intent in UNSURE and subject
    if is_clear and follows(text):
        return await _as(turn, "subscribe", subscribe)
    if not wishes or not (resumes or _are_meant(turn, wishes, is_follower=bool(mine))):
        return []
    if intent == "subscribe" and (subject or not mine):
        return await _follow_and(turn, wishes)
    turn.understood = replace(turn.understood, intent=Intent("subscription_settings", SURE))
    if not mine:
        return await (_follow_and(turn, wishes) if _often(wishes) else _menu(turn))
    return [await _ask_pause(turn)] if wishes.pause else await _wish(turn, wishes, mine)


def _are_meant(turn: Turn, wishes: Wishes, *, is_follower: bool) -> bool:
    intent, text = turn.understood.intent.name, turn.text
    if intent == "unsubscribe":  # else a pause would be the end of it
        return bool(wishes.resumes_on or wishes.pause or wishes.quiet or wishes.weekends is False)
    if intent == "change_language":
        return is_follower and wishes.lang is not None
    if intent in ("subscribe", "subscription_settings"):
        return True
    is_clear = is_follower or bool(ONLY_THEN.search(text))
    return (is_clear and bool(SENDING.search(text) or wishes.often)) or bool(intent in UNSURE and ALERTS.search(text))


async def _as(turn: Turn, intent: str, handler: Callable[[Turn], Awaitable[list[Reply]]]) -> list[Reply]:
    turn.understood = replace(turn.understood, intent=Intent(intent, SURE))
    return await handler(turn)


async def _follow_and(turn: Turn, wishes: Wishes) -> list[Reply]:
    """Words that ask to follow something, and say when: the times are kept, and the handler asks what is missing."""
    wanted = _with(await settings_of(turn.tx, turn.citizen.id), wishes, turn.at)
    if leaves_room(wanted.hours, turn.at.year):
        await change(turn.tx, turn.citizen.id, wanted, at=turn.at)
    if often := _often(wishes):
        entities = (("frequency", often.value), *turn.understood.entities)
        turn.understood = replace(turn.understood, entities=entities)
    return await subscribe(turn)


async def _wish(turn: Turn, wishes: Wishes, mine: list[Follow]) -> list[Reply]:
    settings = await settings_of(turn.tx, turn.citizen.id)
    if wishes.no_quiet:
        return [await _without_quiet(turn)]
    if wishes.daily:
        none = N_("I do not send alerts daily. How often would you like to hear?")
        return [turn.reply(none, *_frequencies(turn, Frequency))]
    if wishes.resume and not settings.is_paused(turn.at):
        return [turn.reply(N_("Your alerts are not paused."), settings_choice(turn))]
    if wishes.resumes_on and wishes.resumes_on - day(turn.at) > LONGEST_PAUSE:
        return [turn.reply(N_("Please choose a date within a year, or stop the alerts."), *_pauses(turn))]
    often = _often(wishes)
    named_often = turn.understood.entity("frequency")
    if often is None and named_often in set(Frequency):
        often = Frequency(named_often)
    answered = await _put(turn, _with(settings, wishes, turn.at), often)
    if wishes.clock and often is None and all(f.frequency is Frequency.INSTANT for f in mine):
        digest = N_("At the moment alerts come as it happens, so they have no hour. Would you rather have a digest?")
        return [*answered, turn.reply(digest, *_frequencies(turn, (Frequency.WEEKLY, Frequency.MONTHLY)))]
    return answered


async def _in_step(turn: Turn) -> list[Reply]:
    """The answer to what the menu asked, written instead of pressed."""
    assert turn.step is not None, "only called with an open step"
    asked, text = turn.step.waits_for, turn.text
    turn.step = None
    wishes = read_wishes(text, day(turn.at))
    if asked == WHEN:
        clocks = read_clocks(text)
        only = clocks[0] if len(clocks) == 1 else None
        wishes = Wishes(weekday=wishes.weekday, month_day=wishes.month_day, clock=only)
    elif asked == QUIET:
        is_other = wishes.weekends is not None or wishes.no_quiet
        wishes = wishes if is_other else Wishes(quiet=read_quiet(text))
    else:
        wishes = Wishes(zone=read_zone(text)) if asked == ZONE else Wishes(resumes_on=read_pause(text, day(turn.at)))
    if not wishes:
        return []
    turn.understood = replace(turn.understood, intent=Intent("subscription_settings", SURE))
    return await _wish(turn, wishes, await follows_of(turn.tx, turn.citizen.id))


async def _without_quiet(turn: Turn) -> Reply:
    """No hours of one's own any more; the city's night stays, and the reply says so."""
    settings = await settings_of(turn.tx, turn.citizen.id)
    if settings.hours.quiet is None:
        none = N_(
            "You have no quiet hours of your own. Nothing is sent between 9 p.m. and 8 a.m., whatever you choose."
        )
        return turn.reply(none, settings_choice(turn))
    await remember(turn.tx, turn.citizen.id, at=turn.at)
    await change(turn.tx, turn.citizen.id, replace(settings, hours=replace(settings.hours, quiet=None)), at=turn.at)
    return await _now(turn, N_("Your own quiet hours are gone. Still nothing is sent between 9 p.m. and 8 a.m."))


async def _undone(turn: Turn) -> Reply:
    if not await undo(turn.tx, turn.citizen.id, at=turn.at):
        return turn.reply(N_("There is nothing to undo."), settings_choice(turn))
    return await _now(turn, N_("It is as it was before."))


async def _put(turn: Turn, wanted: Settings, often: Frequency | None = None) -> list[Reply]:
    """Keep the settings, and move what is followed to `often` where that is named."""
    if not leaves_room(wanted.hours, turn.at.year):
        none = N_("With these hours no alert could reach you: nothing is sent between 9 p.m. and 8 a.m. either.")
        return [turn.reply(none, turn.choice(N_("Quiet hours"), "subscription_settings:quiet"))]
    await remember(turn.tx, turn.citizen.id, at=turn.at)
    await change(turn.tx, turn.citizen.id, wanted, at=turn.at)
    if often:
        await _move(turn, often)
    return [await _now(turn, N_("Done. This is how your alerts come now:"))]


async def _to_all(turn: Turn, often: Frequency) -> list[Reply]:
    await remember(turn.tx, turn.citizen.id, at=turn.at)
    await _move(turn, often)
    return [await _now(turn, N_("Done. This is how your alerts come now:"))]


async def _move(turn: Turn, often: Frequency) -> None:
    for f in await follows_of(turn.tx, turn.citizen.id):
        await follow(turn.tx, turn.citizen.id, replace(f, frequency=often), at=turn.at)
    if often is Frequency.INSTANT:
        await tell_what_was_held(turn.tx, turn.citizen.id, at=turn.at)


def _often(wishes: Wishes) -> Frequency | None:
    if wishes.often:
        return wishes.often
    if wishes.weekday is not None:
        return Frequency.WEEKLY
    return Frequency.MONTHLY if wishes.month_day else None


def _with(s: Settings, w: Wishes, at: datetime) -> Settings:
    """Settings with what is wished in the place of what was."""
    where = w.zone or s.hours.zone
    times = Times(
        s.times.weekday if w.weekday is None else w.weekday, w.month_day or s.times.month_day, w.clock or s.times.clock
    )
    hours = Hours(w.quiet or s.hours.quiet, s.hours.weekends if w.weekends is None else w.weekends, where)
    resumes_at = at_clock(w.resumes_on, time(), hours.local) if w.resumes_on else s.resumes_at
    return Settings(replace(times, zone=where), hours, None if w.resume else resumes_at, w.lang or s.lang)


def _chosen(s: Settings, what: str, value: str, at: datetime) -> Settings:  # noqa: PLR0911  # one return a button
    """What a button of the menu asks for. Raises UnknownChoice."""
    match what, value:
        case "when", "usual":
            return replace(s, times=Times(zone=s.times.zone))
        case "weekday", _ if value in tuple("0123456"):
            return _with(s, Wishes(weekday=int(value)), at)
        case "day", _ if value.isdecimal() and 1 <= int(value) <= LAST_DAY:
            return _with(s, Wishes(month_day=int(value)), at)
        case "hour", _ if value in {str(hour) for hour in HOURS_OFFERED}:
            return _with(s, Wishes(clock=time(int(value))), at)
        case "quiet", _ if value in _quiets():
            return _with(s, Wishes(quiet=_quiets()[value]), at)
        case "weekends", "on" | "off":
            return _with(s, Wishes(weekends=value == "on"), at)
        case "zone", "city":
            return replace(s, times=replace(s.times, zone=None), hours=replace(s.hours, zone=None))
        case "pause", "off":
            return replace(s, resumes_at=None)
        case "pause", _ if value in {str(days) for days in PAUSES_OFFERED}:
            return _with(s, Wishes(resumes_on=day(at) + timedelta(days=int(value))), at)
        case "lang", _ if value in LANGS:
            return replace(s, lang=as_lang(value))
        case "lang", "same":
            return replace(s, lang=None)
    raise UnknownChoice


def _quiets() -> dict[str, Quiet]:
    return {f"{q.start:%H%M}-{q.end:%H%M}": q for q in QUIET_OFFERED}


async def _menu(turn: Turn) -> list[Reply]:
    plan = {c.code: c for c in await commitments.all_of(turn.tx)}
    mine = await follows_of(turn.tx, turn.citizen.id)
    if not mine:
        choices = [follow_choice(turn, c) for c in plan.values()]
        everything = turn.choice(N_("Follow all commitments"), f"subscribe:{ALL}:{Frequency.INSTANT}")
        theme = turn.choice(N_("Follow a theme"), f"subscribe:themes:{Frequency.INSTANT}")
        return [turn.reply(N_("You are not following anything yet."), *choices, everything, theme)]
    settings = await settings_of(turn.tx, turn.citizen.id)
    if len(mine) == 1:
        choices = [*_of_one(turn, mine[0], name_of(plan, mine[0].commitment, turn.lang))]
    else:
        shown = [(name_of(plan, f.commitment, turn.lang), f.commitment) for f in mine[:FOLLOWS_SHOWN]]
        choices = [
            turn.choice(N_("Change: {name}"), f"subscription_settings:one:{code}", name=name) for name, code in shown
        ]
        choices.append(turn.choice(N_("How often, for all"), "subscription_settings:often"))
    choices += [
        turn.choice(N_("Day and hour"), "subscription_settings:when"),
        turn.choice(N_("Quiet hours"), "subscription_settings:quiet"),
        turn.choice(N_("Start again now"), "subscription_settings:pause:off")
        if settings.is_paused(turn.at)
        else turn.choice(N_("Pause"), "subscription_settings:pause"),
        turn.choice(N_("Language of alerts"), "subscription_settings:lang"),
        turn.choice(N_("Follow more"), "subscribe"),
    ]
    if len(mine) > 1:
        choices.append(turn.choice(N_("Stop all alerts"), f"unsubscribe:{ALL}"))
    night = turn.say(N_("· Nothing is sent between 9 p.m. and 8 a.m."))
    return [Reply("\n".join([await _described(turn, N_("What you follow:")), night]), tuple(choices))]


async def _now(turn: Turn, msgid: str) -> Reply:
    undoing = turn.choice(N_("Undo"), "subscription_settings:undo")
    return Reply(await _described(turn, msgid), (undoing, settings_choice(turn)))


async def _described(turn: Turn, msgid: str) -> str:
    plan = {c.code: c for c in await commitments.all_of(turn.tx)}
    mine, settings = await follows_of(turn.tx, turn.citizen.id), await settings_of(turn.tx, turn.citizen.id)
    lines = [f"· {name_of(plan, f.commitment, turn.lang)}: {turn.say(f.frequency.wording)}" for f in mine]
    return "\n".join([turn.say(msgid), *lines, *said_settings(turn.lang, settings, mine, at=turn.at)])


async def _one(turn: Turn, subject: str) -> Reply:
    plan = {c.code: c for c in await commitments.all_of(turn.tx)}
    found = next((f for f in await follows_of(turn.tx, turn.citizen.id) if f.commitment == subject), None)
    if found is None:
        return turn.reply(N_("You are not following this."), settings_choice(turn))
    name = name_of(plan, subject, turn.lang)
    said = f"{name}: {turn.say(found.frequency.wording)}"
    return Reply(said, (*_of_one(turn, found, name), settings_choice(turn)))


def _of_one(turn: Turn, f: Follow, name: str) -> list[Choice]:
    others = [
        turn.choice(often.wording, f"subscribe:{f.commitment}:{often}")
        for often in Frequency
        if often is not f.frequency
    ]
    return [*others, turn.choice(N_("Stop: {name}"), f"unsubscribe:{f.commitment}", name=name)]


async def _ask_often(turn: Turn) -> Reply:
    return turn.reply(N_("How often should all your alerts come?"), *_frequencies(turn, Frequency))


async def _ask_when(turn: Turn) -> Reply:
    often = {f.frequency for f in await follows_of(turn.tx, turn.citizen.id)}
    turn.step = Step(WHEN)
    if often <= {Frequency.INSTANT}:
        none = N_("Your alerts come as it happens. A day and an hour can be chosen for a digest:")
        return turn.reply(none, *_frequencies(turn, (Frequency.WEEKLY, Frequency.MONTHLY)))
    choices = []
    if Frequency.WEEKLY in often:
        choices += [Choice(weekday(turn.lang, n), f"subscription_settings:weekday:{n}") for n in range(7)]
    if Frequency.MONTHLY in often:
        choices += [Choice(month_day(turn.lang, n), f"subscription_settings:day:{n}") for n in MONTH_DAYS_OFFERED]
    choices.append(turn.choice(N_("Hour"), "subscription_settings:hour"))
    choices.append(turn.choice(N_("As the city sends them"), "subscription_settings:when:usual"))
    ask = N_("When should your digest come? Choose a day, or write it, such as “every Friday at 6 p.m.”.")
    return turn.reply(ask, *choices)


async def _ask_hour(turn: Turn) -> Reply:
    turn.step = Step(WHEN)
    choices = [Choice(f"{hour:02}:00", f"subscription_settings:hour:{hour}") for hour in HOURS_OFFERED]
    return turn.reply(N_("At what time should your digest come? You can also write it."), *choices)


async def _ask_quiet(turn: Turn) -> Reply:
    hours = (await settings_of(turn.tx, turn.citizen.id)).hours
    turn.step = Step(QUIET)
    choices = [
        Choice(f"{q.start:%H:%M}–{q.end:%H:%M}", f"subscription_settings:quiet:{value}")
        for value, q in _quiets().items()
    ]
    if hours.quiet:
        choices.append(turn.choice(N_("No quiet hours of my own"), "subscription_settings:quiet:off"))
    if hours.weekends:
        choices.append(turn.choice(N_("Nothing at weekends"), "subscription_settings:weekends:off"))
    else:
        choices.append(turn.choice(N_("At weekends too"), "subscription_settings:weekends:on"))
    choices.append(turn.choice(N_("I live by another clock"), "subscription_settings:zone"))
    ask = N_(
        "Nothing is sent between 9 p.m. and 8 a.m. In which other hours should it be quiet? "
        "Choose, or write them, such as “from 10 p.m. to 10 a.m.”. What comes then waits."
    )
    return turn.reply(ask, *choices)


async def _ask_pause(turn: Turn) -> Reply:
    turn.step = Step(PAUSE)
    ask = N_(
        "How long should your alerts pause? Choose, or write until when, such as “until 15 December”. "
        "Afterwards one digest says what you missed."
    )
    return turn.reply(ask, *_pauses(turn))


async def _ask_lang(turn: Turn) -> Reply:
    choices = [turn.choice(LANGUAGE_NAMES[lang], f"subscription_settings:lang:{lang}") for lang in LANGS]
    same = turn.choice(N_("As I speak here"), "subscription_settings:lang:same")
    return turn.reply(N_("In which language should your alerts come?"), *choices, same)


async def _ask_zone(turn: Turn) -> Reply:
    turn.step = Step(ZONE)
    ask = N_("In which large city do the clocks show your time? Please write its name, such as Paris or New York.")
    return turn.reply(ask, turn.choice(N_("By the clock of the city"), "subscription_settings:zone:city"))


def _pauses(turn: Turn) -> list[Choice]:
    return [turn.choice(said, f"subscription_settings:pause:{days}") for days, said in PAUSES_OFFERED.items()]


def _frequencies(turn: Turn, offered: tuple[Frequency, ...] | type[Frequency]) -> list[Choice]:
    return [turn.choice(often.wording, f"subscription_settings:often:{often}") for often in offered]


ASKERS: dict[str, Callable[[Turn], Awaitable[Reply]]] = {
    "often": _ask_often,
    "when": _ask_when,
    "hour": _ask_hour,
    "quiet": _ask_quiet,
    "pause": _ask_pause,
    "lang": _ask_lang,
    "zone": _ask_zone,
}
