"""Following, by a button or in words."""

import re

from sqlalchemy import select
from sqlalchemy import text as sql

from flows import commitments
from flows.city import city
from flows.commitments import Commitment
from flows.messages import Choice, Reply, Turn, UnknownChoice
from flows.store.keeping import TELEGRAM_LINK, kept
from flows.store.tables.suggesting import IS_PUBLIC, SuggestionRow
from flows.subscribing.reading import stops_everything
from flows.subscribing.rows import ALL, THEME, Follow, Frequency, as_code, follow, follows_of, unfollow
from flows.subscribing.saying import name_of, said_settings
from flows.subscribing.settings import remember, settings_of, tell_what_was_held
from flows.wording import N_

ALL_OF_IT = re.compile(r"전부|모두|전체|모든|다 (?:알려|받)|\b(?:everything|all)\b", re.IGNORECASE)
THEMES, APP = "themes", "app"


def follow_choice(turn: Turn, commitment: Commitment) -> Choice:
    """The button that belongs under every answer about a commitment."""
    return turn.choice(
        N_("Follow: {title}"),
        f"subscribe:{commitment.code}:{Frequency.INSTANT}",
        title=commitment.short.of(turn.lang),
    )


async def subscribe(turn: Turn) -> list[Reply]:
    """`subscribe:<code, all, theme-<theme> or receipt>:<frequency>`, or in words with what was named."""
    turn.step = None if is_open(turn) else turn.step
    plan = {c.code: c for c in await commitments.all_of(turn.tx)}
    if turn.args[:1] == (APP,):
        return [await _in_an_app(turn, await _checked(turn, turn.args[-1], plan))]
    if turn.args[:1] == (THEMES,):
        return [_ask_theme(turn, _frequency(turn))]
    code, frequency = await _wanted(turn, plan)
    if code is None:
        choices = [Choice(c.short.of(turn.lang), f"subscribe:{c.code}:{frequency}") for c in plan.values()]
        everything = turn.choice(N_("All commitments"), f"subscribe:{ALL}:{frequency}")
        theme = turn.choice(N_("A theme"), f"subscribe:{THEMES}:{frequency}")
        return [turn.reply(N_("What would you like to follow?"), *choices, everything, theme)]
    if code not in plan and code != ALL and (told := await _told_anyway(turn, code)):
        return [told]
    before = {f.commitment: f.frequency for f in await follows_of(turn.tx, turn.citizen.id)}
    await follow(turn.tx, turn.citizen.id, Follow(code, frequency), at=turn.at)
    if frequency is Frequency.INSTANT and before.get(code, frequency) is not frequency:
        await tell_what_was_held(turn.tx, turn.citizen.id, at=turn.at)
    return [await _following(turn, plan, Follow(code, frequency))]


async def unsubscribe(turn: Turn) -> list[Reply]:
    """`unsubscribe:<what is followed, or all>`, or in words; one tap is enough, and undoing it is one tap too."""
    turn.step = None if is_open(turn) else turn.step
    plan = {c.code: c for c in await commitments.all_of(turn.tx)}
    mine = await follows_of(turn.tx, turn.citizen.id)
    code = turn.args[0] if turn.args else named(turn)
    if code is None and len(mine) > 1 and not stops_everything(turn.text):
        choices = [Choice(_name(turn, plan, f.commitment), f"unsubscribe:{f.commitment}") for f in mine]
        everything = turn.choice(N_("Stop all alerts"), f"unsubscribe:{ALL}")
        return [turn.reply(N_("Which alerts should stop?"), *choices, everything)]
    if code is None:
        code = ALL
    elif turn.args and code not in {f.commitment for f in mine}:
        code = await _checked(turn, code, plan)
    if (code == ALL and mine) or code in {f.commitment for f in mine}:
        await remember(turn.tx, turn.citizen.id, at=turn.at)
    if code == ALL and not mine:
        nothing = N_("You have no alerts: you follow nothing at the moment.")
        return [turn.reply(nothing, turn.choice(N_("Get alerts"), "subscribe"))]
    if not await unfollow(turn.tx, turn.citizen.id, code):
        return [turn.reply(N_("You are not following this, so there was nothing to stop."), settings_choice(turn))]
    again = turn.choice(N_("Follow again"), "subscription_settings:undo")
    if code == ALL:
        return [turn.reply(N_("Done. You will get no more alerts about anything you followed."), again)]
    return [turn.reply(N_("Done. No more alerts for: {name}"), again, name=_name(turn, plan, code))]


async def welcome_back(turn: Turn) -> list[Reply]:
    """For who had blocked us and writes again: what they followed holds, and what they missed is not made up for."""
    mine = await follows_of(turn.tx, turn.citizen.id)
    if not mine:
        return []
    said = N_("Welcome back. What you followed still holds, and new alerts come again from now on.")
    return [turn.reply(said, settings_choice(turn), turn.choice(N_("Stop all alerts"), f"unsubscribe:{ALL}"))]


def named(turn: Turn) -> str | None:
    """What the words name that one can follow: a suggestion, a commitment, a theme."""
    understood = turn.understood
    if receipt := understood.entity("receipt"):
        bare = re.sub(r"[\W_]", "", receipt).upper()
        return f"{bare[:2]}-{bare[2:6]}-{bare[6:]}"
    if code := understood.entity("commitment"):
        return code
    theme = understood.entity("theme")
    return f"{THEME}{theme}" if theme in city().themes else None


def is_open(turn: Turn) -> bool:
    """Whether the next words may answer a question about alerts."""
    return turn.step is not None and turn.step.waits_for.startswith("alerts.")


def settings_choice(turn: Turn) -> Choice:
    return turn.choice(N_("What I follow"), "subscription_settings")


async def _following(turn: Turn, plan: dict[str, Commitment], new: Follow) -> Reply:
    code = new.commitment
    said = turn.say(
        N_("You now follow: {name}. Alerts: {frequency}. Nothing is sent between 9 p.m. and 8 a.m."),
        name=_name(turn, plan, code),
        frequency=turn.say(new.frequency.wording),
    )
    own = said_settings(turn.lang, await settings_of(turn.tx, turn.citizen.id), [new], at=turn.at)
    if code.startswith(THEME):
        own = [turn.say(N_("A theme brings news of its commitments, and answers to suggestions on it.")), *own]
    said = "\n\n".join([said, *(["\n".join(own)] if own else [])])
    others = [turn.choice(f.wording, f"subscribe:{code}:{f}") for f in Frequency if f is not new.frequency]
    stop = turn.choice(N_("Stop these alerts"), f"unsubscribe:{code}")
    if turn.citizen.channel == "web":
        said += "\n\n" + turn.say(
            N_("In the web chat, alerts arrive only in this browser. To get them on your phone, follow in Telegram.")
        )
        return Reply(said, (*others, stop, turn.choice(N_("Follow in Telegram"), f"subscribe:{APP}:{code}")))
    return Reply(said, (*others, stop))


def _ask_theme(turn: Turn, frequency: Frequency) -> Reply:
    choices = (
        Choice(name.of(turn.lang), f"subscribe:{THEME}{theme}:{frequency}") for theme, name in city().themes.items()
    )
    return turn.reply(N_("Which theme would you like to follow?"), *choices)


async def _wanted(turn: Turn, plan: dict[str, Commitment]) -> tuple[str | None, Frequency]:
    if turn.args:  # a button that leaves the choice open has none
        return await _checked(turn, turn.args[0], plan), _frequency(turn)
    often = turn.understood.entity("frequency")
    frequency = Frequency(often) if often in set(Frequency) else Frequency.INSTANT
    code = named(turn)
    if code is None:
        return ALL if ALL_OF_IT.search(turn.text) else None, frequency
    return code if code in plan or not turn.understood.entity("commitment") else None, frequency


def _frequency(turn: Turn) -> Frequency:
    asked = (*turn.args, Frequency.INSTANT.value)[1]
    if asked not in set(Frequency):
        raise UnknownChoice
    return Frequency(asked)


async def _told_anyway(turn: Turn, code: str) -> Reply | None:
    """Why a suggestion cannot be followed, or need not be."""
    if code.startswith(THEME):
        return None
    this = select(SuggestionRow.id).where(SuggestionRow.receipt == code)
    if await turn.tx.scalar(this.where(SuggestionRow.citizen_id == turn.citizen.id)):
        said = N_("{receipt} is your own suggestion: you are told here what happens to it.")
        return turn.reply(said, turn.choice(N_("See its state"), f"suggestion_status:{code}"), receipt=code)
    if await turn.tx.scalar(this.where(sql(IS_PUBLIC))) is None:
        return turn.reply(N_("There is no public suggestion {receipt} that you could follow."), receipt=code)
    return None


async def _checked(turn: Turn, code: str, plan: dict[str, Commitment]) -> str:
    """What can be followed, of what a button says. Raises UnknownChoice."""
    known = {*plan, ALL, *(f"{THEME}{theme}" for theme in city().themes)}
    if code in known:
        return code
    is_there = select(SuggestionRow.receipt).where(SuggestionRow.receipt == as_code(code))
    if await turn.tx.scalar(is_there) is None:
        raise UnknownChoice
    return as_code(code)


async def _in_an_app(turn: Turn, code: str) -> Reply:
    link = await kept(turn.tx, TELEGRAM_LINK)
    if link is None:
        return turn.reply(N_("The Telegram bot is not connected at the moment. Your alerts arrive in this browser."))
    return turn.reply(
        N_("Open this link on the phone where you use Telegram, and press Start:\n{link}"),
        link=f"{link}?start=follow-{code}",
    )


def _name(turn: Turn, plan: dict[str, Commitment], code: str) -> str:
    return name_of(plan, code, turn.lang)
