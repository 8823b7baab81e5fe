"""Looking at suggestions, changing them, taking them back."""

from flows.city import city, day
from flows.messages import Choice, Reply, Step, Turn, UnknownChoice
from flows.suggesting.dialogue import TEXT
from flows.suggesting.receipts import read_receipt
from flows.suggesting.rows import NoSuchSuggestion, StatusMoved, by_receipt, mine, move, published
from flows.suggesting.values import OPEN, Status, Suggestion
from flows.wording import N_

SHOWN = 5
EXCERPT_CHARS = 60


async def suggestion_status(turn: Turn) -> list[Reply]:
    """The state of one suggestion, by its receipt: for anybody who has the number, and nothing more."""
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
    return [Reply(_state(turn, found), tuple(_own_choices(turn, found)))]


async def my_suggestions(turn: Turn) -> list[Reply]:
    own = await mine(turn.tx, turn.citizen.id)
    if not own:
        return [turn.reply(N_("You have not sent any suggestion from here."), _start(turn))]
    lines = [f"· {s.receipt} ({turn.say(s.status.wording)}): {_excerpt(s)}" for s in own[:SHOWN]]
    choices = tuple(Choice(s.receipt, f"suggestion_status:{s.receipt}") for s in own[:SHOWN])
    return [Reply("\n".join([turn.say(N_("Your suggestions:")), *lines]), choices)]


async def edit_suggestion(turn: Turn) -> list[Reply]:
    """Change the text of one's own suggestion, as long as staff have not begun to read it."""
    chosen = await _chosen(turn, (Status.RECEIVED,), N_("Which suggestion would you like to change?"))
    if isinstance(chosen, Reply):
        return [chosen]
    turn.step = Step(TEXT, {"receipt": chosen.receipt})
    cancel = turn.choice(N_("Cancel"), "submit_suggestion:cancel")
    return [
        turn.reply(
            N_("This is your suggestion now:\n\n“{text}”\n\nPlease write the new text in one message."),
            cancel,
            text=chosen.text,
        )
    ]


async def withdraw_suggestion(turn: Turn) -> list[Reply]:
    """`withdraw_suggestion:<receipt>` asks, `withdraw_suggestion:<receipt>:confirm` does it."""
    chosen = await _chosen(turn, OPEN, N_("Which suggestion would you like to take back?"))
    if isinstance(chosen, Reply):
        return [chosen]
    if turn.args[1:] == ("confirm",):
        await move(turn.tx, chosen.receipt, chosen.status, Status.WITHDRAWN, at=turn.at)
        return [turn.reply(N_("Your suggestion {receipt} is taken back."), receipt=chosen.receipt)]
    yes = turn.choice(N_("Take it back"), f"withdraw_suggestion:{chosen.receipt}:confirm")
    return [
        turn.reply(
            N_("Do you want to take back {receipt}?\n\n“{text}”"), yes, receipt=chosen.receipt, text=_excerpt(chosen)
        )
    ]


async def browse_suggestions(turn: Turn) -> list[Reply]:
    """What others suggested: only what staff have read and answered is shown."""
    recent = await published(turn.tx, limit=SHOWN)
    if not recent:
        nothing = N_("No answered suggestion has been published yet. Suggestions appear here once staff answer them.")
        return [turn.reply(nothing, _start(turn))]
    lines = [f"· {_excerpt(s)} ({turn.say(s.status.wording)})" for s in recent]
    choices = tuple(Choice(s.receipt, f"suggestion_status:{s.receipt}") for s in recent)
    return [
        Reply("\n".join([turn.say(N_("Suggestions that were answered lately:")), *lines]), (*choices, _start(turn)))
    ]


async def _chosen(turn: Turn, allowed: tuple[Status, ...], ask: str) -> Suggestion | Reply:
    """The suggestion that is meant, one's own and still in an allowed state; or what to say when none is."""
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
        nothing = N_("You have no suggestion here that can still be changed. Answered ones stay as they are.")
        return turn.reply(nothing, turn.choice(N_("My suggestions"), "my_suggestions"), _start(turn))
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
    if s.answer and s.is_public:
        state += "\n\n" + turn.say(N_("Answer of the city:")) + "\n" + s.answer.of(turn.lang)
    return state


def _own_choices(turn: Turn, s: Suggestion) -> list[Choice]:
    if s.citizen != turn.citizen.id:
        return []
    choices = []
    if s.status is Status.RECEIVED:
        choices.append(turn.choice(N_("Change the text"), f"edit_suggestion:{s.receipt}"))
    if s.status in OPEN:
        choices.append(turn.choice(N_("Take it back"), f"withdraw_suggestion:{s.receipt}"))
    return choices


def _excerpt(s: Suggestion) -> str:
    line = " ".join(s.text.split())
    return line if len(line) <= EXCERPT_CHARS else line[: EXCERPT_CHARS - 1] + "…"


def _start(turn: Turn) -> Choice:
    return turn.choice(N_("Make a suggestion"), "submit_suggestion:start")
