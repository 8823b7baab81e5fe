"""Following, by a button or in words."""

from collections.abc import Mapping

from flows import commitments
from flows.commitments import Commitment
from flows.messages import Choice, Reply, Turn, UnknownChoice
from flows.store.keeping import TELEGRAM_LINK, kept
from flows.subscribing.rows import ALL, Follow, Frequency, follow, follows_of, unfollow
from flows.wording import N_, Lang, text


def follow_choice(turn: Turn, commitment: Commitment) -> Choice:
    """The button that belongs under every answer about a commitment."""
    return turn.choice(
        N_("Follow: {title}"),
        f"subscribe:{commitment.code}:{Frequency.INSTANT}",
        title=commitment.short.of(turn.lang),
    )


def name_of(plan: Mapping[str, Commitment], code: str, lang: Lang) -> str:
    """What is followed, as citizens know it."""
    return text(lang, N_("all commitments")) if code == ALL else plan[code].short.of(lang)


async def subscribe(turn: Turn) -> list[Reply]:
    """`subscribe:<code or all>:<frequency>`, or in words with what was named."""
    plan = {c.code: c for c in await commitments.all_of(turn.tx)}
    if turn.args[:1] == ("app",):
        return [await _in_an_app(turn, _checked(turn.args[-1], plan))]
    code, frequency = _wanted(turn, plan)
    if code is None:
        choices = [Choice(c.short.of(turn.lang), f"subscribe:{c.code}:{frequency}") for c in plan.values()]
        everything = turn.choice(N_("All commitments"), f"subscribe:{ALL}:{frequency}")
        return [turn.reply(N_("Which commitment would you like to follow?"), *choices, everything)]
    await follow(turn.tx, turn.citizen.id, Follow(code, frequency), at=turn.at)
    name = _name(turn, plan, code)
    said = turn.say(
        N_("You now follow {name}. Alerts: {frequency}. Nothing is sent between 9 p.m. and 8 a.m."),
        name=name,
        frequency=turn.say(frequency.wording),
    )
    others = [turn.choice(other.wording, f"subscribe:{code}:{other}") for other in Frequency if other is not frequency]
    stop = turn.choice(N_("Stop these alerts"), f"unsubscribe:{code}")
    if turn.citizen.channel == "web":
        said += "\n\n" + turn.say(
            N_("In the web chat, alerts arrive only in this browser. To get them on your phone, follow in Telegram.")
        )
        return [Reply(said, (*others, stop, turn.choice(N_("Follow in Telegram"), f"subscribe:app:{code}")))]
    return [Reply(said, (*others, stop))]


async def unsubscribe(turn: Turn) -> list[Reply]:
    """`unsubscribe:<code or all>`, or in words; one tap is enough, and following again is one tap too."""
    plan = {c.code: c for c in await commitments.all_of(turn.tx)}
    code = turn.args[0] if turn.args else turn.understood.entity("commitment")
    mine = await follows_of(turn.tx, turn.citizen.id)
    if code is None and len(mine) > 1:
        choices = [Choice(_name(turn, plan, f.commitment), f"unsubscribe:{f.commitment}") for f in mine]
        everything = turn.choice(N_("Stop all alerts"), f"unsubscribe:{ALL}")
        return [turn.reply(N_("Which alerts should stop?"), *choices, everything)]
    code = ALL if code is None else _checked(code, plan)
    if not await unfollow(turn.tx, turn.citizen.id, code):
        return [turn.reply(N_("You are not following this, so there was nothing to stop."), _settings(turn))]
    again = turn.choice(N_("Follow again"), f"subscribe:{code}:{Frequency.INSTANT}")
    return [turn.reply(N_("Done. You will get no more alerts about {name}."), again, name=_name(turn, plan, code))]


async def subscription_settings(turn: Turn) -> list[Reply]:
    """What I follow; with a frequency named, everything moves to it."""
    plan = {c.code: c for c in await commitments.all_of(turn.tx)}
    mine = await follows_of(turn.tx, turn.citizen.id)
    if not mine:
        choices = [follow_choice(turn, c) for c in plan.values()]
        everything = turn.choice(N_("Follow all commitments"), f"subscribe:{ALL}:{Frequency.INSTANT}")
        return [turn.reply(N_("You are not following anything yet."), *choices, everything)]
    named = turn.understood.entity("frequency")
    if named in set(Frequency):
        mine = [Follow(f.commitment, Frequency(named)) for f in mine]
        for wanted in mine:
            await follow(turn.tx, turn.citizen.id, wanted, at=turn.at)
    lines = [f"· {_name(turn, plan, f.commitment)}: {turn.say(f.frequency.wording)}" for f in mine]
    first = mine[0]
    choices = [
        turn.choice(other.wording, f"subscribe:{first.commitment}:{other}")
        for other in Frequency
        if other is not first.frequency and len(mine) == 1
    ]
    stops = [
        turn.choice(N_("Stop: {name}"), f"unsubscribe:{f.commitment}", name=_name(turn, plan, f.commitment))
        for f in mine
    ]
    return [Reply("\n".join([turn.say(N_("What you follow:")), *lines]), (*choices, *stops))]


def _wanted(turn: Turn, plan: dict[str, Commitment]) -> tuple[str | None, Frequency]:
    if not turn.args:  # in words, or by a button that leaves the choice open
        code, named = turn.understood.entity("commitment"), turn.understood.entity("frequency")
        return code if code in plan else None, Frequency(named) if named in set(Frequency) else Frequency.INSTANT
    code, frequency = (*turn.args, Frequency.INSTANT.value)[:2]
    if frequency not in set(Frequency):
        raise UnknownChoice
    return _checked(code, plan), Frequency(frequency)


def _checked(code: str, plan: dict[str, Commitment]) -> str:
    if code not in {*plan, ALL}:
        raise UnknownChoice
    return code


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


def _settings(turn: Turn) -> Choice:
    return turn.choice(N_("What I follow"), "subscription_settings")
