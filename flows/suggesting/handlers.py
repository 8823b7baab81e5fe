"""Looking at suggestions, changing them, taking them back, supporting those of others."""

from flows import delivering
from flows.city import Both, city, day
from flows.messages import Choice, Reply, Step, Turn, UnknownChoice
from flows.subscribing import follows_of
from flows.suggesting.confirming import cancel_choice
from flows.suggesting.dialogue import SIMILAR, TEXT
from flows.suggesting.finding import Wanted, find
from flows.suggesting.receipts import read_receipt
from flows.suggesting.replying import busy, may_contest
from flows.suggesting.rows import NoSuchSuggestion, StatusMoved, by_receipt, mine, move
from flows.suggesting.said import SUPPORTERS, excerpt, promise, shortened, standing
from flows.suggesting.support import (
    how_it_stands,
    is_supporting,
    support,
    supported_by,
    supporters,
    tell_followers,
    unsupport,
)
from flows.suggesting.surveying import REALLY_DONE
from flows.suggesting.values import ANSWERED, OPEN, Actor, Status, Suggestion
from flows.wording import N_, text

SHOWN = 5


async def suggestion_status(turn: Turn) -> list[Reply]:
    """The state of one suggestion, by its receipt, for anybody who has the number; its text once it is public."""
    written = turn.args[0] if turn.args else (turn.understood.entity("receipt") or turn.text)
    receipt = read_receipt(written)
    if receipt is None:
        own = await mine(turn.tx, turn.citizen.id)
        if own:
            return await my_suggestions(turn)
        return [
            turn.reply(
                N_("Please write your receipt number. It looks like {example}."),
                example=f"{city().receipt_prefix}-7K3M-9PQ2",
            )
        ]
    try:
        found = await by_receipt(turn.tx, receipt)
    except NoSuchSuggestion as unknown:
        return [Reply(unknown.said(turn.lang))]
    choices = _own_choices if found.citizen == turn.citizen.id else _others_choices
    return [Reply(_state(turn, found), tuple(await choices(turn, found)))]


async def my_suggestions(turn: Turn) -> list[Reply]:
    """One's own, and those of others that one supports."""
    own, all_supported = await mine(turn.tx, turn.citizen.id), await supported_by(turn.tx, turn.citizen.id)
    supported = [s for s in all_supported if s.is_public and s.status is not Status.MERGED]
    replies = []
    if own:
        lines = [f"· {s.receipt} ({standing(turn, s)}): {shortened(s.text)}" for s in own[:SHOWN]]
        replies.append(_list(turn, N_("Your suggestions:"), lines, own))
    if supported:
        lines = [f"· {s.receipt} ({standing(turn, s)}): {excerpt(s, turn.lang)}" for s in supported[:SHOWN]]
        replies.append(_list(turn, N_("Suggestions that you support:"), lines, supported))
    return replies or [turn.reply(N_("You have not sent any suggestion from here."), _start(turn))]


async def support_suggestion(turn: Turn) -> list[Reply]:
    """`support:<receipt>` supports, `support:<receipt>:undo` takes it back; both may be pressed again."""
    match turn.args:
        case (receipt,):
            return [await _support(turn, receipt)]
        case (receipt, "undo"):
            s = await unsupport(turn.tx, turn.citizen.id, receipt)
            again = [turn.choice(N_("I support this"), f"support:{s.receipt}")] if s.is_supportable else []
            return [turn.reply(N_("You no longer support {receipt}."), *again, receipt=s.receipt)]
    raise UnknownChoice


async def edit_suggestion(turn: Turn) -> list[Reply]:
    """Change the text of one's own suggestion, as long as staff have not begun to read it."""
    none = N_("You have no suggestion here that can still be changed. That is possible until staff begin to read it.")
    chosen = await _chosen(turn, (Status.RECEIVED,), N_("Which suggestion would you like to change?"), none)
    if isinstance(chosen, Reply):
        return [chosen]
    if writing := busy(turn):
        return writing
    turn.step = Step(TEXT, {"receipt": chosen.receipt})
    return [
        turn.reply(
            N_("This is your suggestion now:\n\n“{text}”\n\nPlease write the new text in one message."),
            cancel_choice(turn),
            text=chosen.text,
        )
    ]


async def withdraw_suggestion(turn: Turn) -> list[Reply]:
    """`withdraw_suggestion:<receipt>` asks, `withdraw_suggestion:<receipt>:confirm` does it."""
    none = N_("You have no suggestion here that can be taken back.")
    if taken_back := await _taken_back(turn):
        said = N_("You have taken back {receipt} already. Nothing more is to be done.")
        return [turn.reply(said, turn.choice(N_("My suggestions"), "my_suggestions"), receipt=taken_back.receipt)]
    chosen = await _chosen(turn, (*OPEN, *ANSWERED), N_("Which suggestion would you like to take back?"), none)
    if isinstance(chosen, Reply):
        return [chosen]
    if turn.args[1:] == ("confirm",):
        await _withdraw(turn, chosen)
        return [turn.reply(N_("Your suggestion {receipt} is taken back."), receipt=chosen.receipt)]
    yes = turn.choice(N_("Take it back"), f"withdraw_suggestion:{chosen.receipt}:confirm")
    return [
        turn.reply(
            N_("Do you want to take back {receipt}?\n\n“{text}”"),
            yes,
            receipt=chosen.receipt,
            text=shortened(chosen.text),
        )
    ]


async def browse_suggestions(turn: Turn) -> list[Reply]:
    """What others suggested: only what staff have read and answered is shown."""
    recent = await find(turn.tx, Wanted(is_public=True), limit=SHOWN)
    if not recent:
        nothing = N_("No answered suggestion has been published yet. Suggestions appear here once staff answer them.")
        return [turn.reply(nothing, _start(turn))]
    lines = [f"· {excerpt(s, turn.lang)} ({standing(turn, s)})" for s in recent]
    choices = tuple(Choice(s.receipt, f"suggestion_status:{s.receipt}") for s in recent)
    return [
        Reply("\n".join([turn.say(N_("Suggestions that were answered lately:")), *lines]), (*choices, _start(turn)))
    ]


async def _taken_back(turn: Turn) -> Suggestion | None:
    """The suggestion of theirs that the button or the words name, if it is withdrawn already."""
    named = read_receipt(turn.args[0] if turn.args else turn.understood.entity("receipt") or "")
    own = await mine(turn.tx, turn.citizen.id) if named else []
    return next((s for s in own if s.receipt == named and s.status is Status.WITHDRAWN), None)


async def _chosen(turn: Turn, allowed: tuple[Status, ...], ask: str, none: str) -> Suggestion | Reply:
    """The suggestion that is meant, one's own and still in an allowed state; or what to say: `none` when none is."""
    intent = turn.understood.intent.name
    if turn.args:
        receipt = read_receipt(turn.args[0])
        own = [s for s in await mine(turn.tx, turn.citizen.id) if s.receipt == receipt]
        if not own:
            raise UnknownChoice
        if own[0].status not in allowed:
            raise StatusMoved(receipt=own[0].receipt)
        return own[0]
    own = [s for s in await mine(turn.tx, turn.citizen.id) if s.status in allowed]
    named = read_receipt(turn.understood.entity("receipt") or "")
    own = [s for s in own if named in (None, s.receipt)]
    if not own:
        return turn.reply(none, turn.choice(N_("My suggestions"), "my_suggestions"), _start(turn))
    if len(own) > 1:
        return turn.reply(ask, *(Choice(s.receipt, f"{intent}:{s.receipt}") for s in own[:SHOWN]))
    return own[0]


def _state(turn: Turn, s: Suggestion) -> str:
    state = turn.say(
        N_("{receipt}: {status}\nReceived on {received}, last changed on {changed}."),
        receipt=s.receipt,
        status=turn.say(s.status.wording),
        received=turn.date(day(s.created_at)),
        changed=turn.date(day(s.changed_at)),
    )
    if s.supports:
        state += "\n" + turn.say(SUPPORTERS, count=s.supports)
    if promised := promise(turn, s):
        state += "\n" + promised
    if s.citizen == turn.citizen.id and not s.is_public:
        state += f"\n\n“{s.text}”"
    if s.is_public:
        state += f"\n\n“{s.public_text_for(turn.lang)}”"
        if s.answer:
            state += "\n\n" + turn.say(N_("Answer of the city:")) + "\n" + s.answer.of(turn.lang)
        if s.really_done is not None:
            state += "\n\n" + turn.say(REALLY_DONE[s.really_done])
    return state


async def _own_choices(turn: Turn, s: Suggestion) -> list[Choice]:
    choices = []
    if s.status is Status.AUTHOR_ASKED:
        choices.append(turn.choice(N_("Reply to staff"), f"reply:{s.receipt}"))
    if s.status is Status.RECEIVED:
        choices.append(turn.choice(N_("Change the text"), f"edit_suggestion:{s.receipt}"))
    if await may_contest(turn.tx, s, at=turn.at):
        choices.append(turn.choice(N_("Object to this decision"), f"contest:{s.receipt}"))
    if s.status in (*OPEN, *ANSWERED):
        choices.append(turn.choice(N_("Take it back"), f"withdraw_suggestion:{s.receipt}"))
    return choices


async def _others_choices(turn: Turn, s: Suggestion) -> list[Choice]:
    if await is_supporting(turn.tx, turn.citizen.id, s.id):
        return [turn.choice(N_("I no longer support this"), f"support:{s.receipt}:undo")]
    supporting = [turn.choice(N_("I support this"), f"support:{s.receipt}")] if s.is_supportable else []
    if s.receipt in {f.commitment for f in await follows_of(turn.tx, turn.citizen.id)}:
        return [*supporting, turn.choice(N_("Stop these alerts"), f"unsubscribe:{s.receipt}")]
    if not s.is_public or s.status is Status.MERGED:
        return supporting
    return [*supporting, turn.choice(N_("Follow this suggestion"), f"subscribe:{s.receipt}:instant")]


async def _support(turn: Turn, receipt: str) -> Reply:
    s = await support(turn.tx, turn.citizen.id, read_receipt(receipt) or receipt, at=turn.at)
    said = [turn.say(N_("You support {receipt} now. Supporters: {count}"), receipt=s.receipt, count=s.supports)]
    if promised := promise(turn, s):
        said.append(promised)
    said.append(turn.say(N_("You will be told here what happens to it.")))
    if turn.step and turn.step.waits_for == SIMILAR:
        said.append(turn.say(N_("Your own text was not sent:\n\n“{text}”"), text=turn.step.draft["text"]))
        turn.step = None
    see = turn.choice(N_("See its state"), f"suggestion_status:{s.receipt}")
    undo = turn.choice(N_("I no longer support this"), f"support:{s.receipt}:undo")
    return Reply("\n\n".join(said), (see, undo))


async def _withdraw(turn: Turn, own: Suggestion) -> None:
    moved, _ = await move(turn.tx, own.receipt, own.status, Status.WITHDRAWN, actor=Actor.AUTHOR, at=turn.at)
    if own.is_public and own.supports:
        taken_back = N_("The suggestion {receipt}, which you support, was taken back by its author.")
        words = Both.said(lambda lang: text(lang, taken_back, receipt=own.receipt))
        await delivering.tell_all(turn.tx, supporters(own.id), f"{own.receipt}/withdrawn", words, at=turn.at)
    if own.is_public:
        await tell_followers(turn.tx, moved, f"{own.receipt}/withdrawn", how_it_stands(moved), at=turn.at)


def _list(turn: Turn, title: str, lines: list[str], listed: list[Suggestion]) -> Reply:
    choices = tuple(Choice(s.receipt, f"suggestion_status:{s.receipt}") for s in listed[:SHOWN])
    return Reply("\n".join([turn.say(title), *lines]), choices)


def _start(turn: Turn) -> Choice:
    return turn.choice(N_("Make a suggestion"), "submit_suggestion:start")
