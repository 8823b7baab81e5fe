"""The dialogue: text → commitment or theme → confirm → receipt.

A question in between is answered and the draft waits; `cancel` ends it at any step. Pressing confirm is the consent
to keep it: nothing of the text is stored as a suggestion before.
"""

import re
from collections.abc import Awaitable, Callable

from flows import commitments
from flows.city import city
from flows.errors import Refused
from flows.messages import Choice, Reply, Step, Turn, UnknownChoice
from flows.suggesting.rows import check_text, rewrite, submit
from flows.wording import N_

TEXT, PLACE, CONFIRM = "suggestion.text", "suggestion.place", "suggestion.confirm"

# Words that only say "I want to suggest something": what is left without them is the suggestion, if enough is left.
WANTS = re.compile(
    r"제안|건의|의견|민원|아이디어|신고|남기|내고|하고|싶\w*|있\w*|어떻게|접수|할게\w*|할래\w*|해요|하려\w*|해\s?주\w*|주세요"
    r"|하나|올리\w*|드리\w*|드릴\w*|합니다|한\s?가지"
    r"|\b(?:i|id|i'd|want|would|like|to|can|make|leave|send|submit|suggest\w*|propos\w*|idea|have|a|an|the|complain\w*"
    r"|city|for|please|how|do|give|feedback|my|some|something|here|let|me|share|it|is|of|file|new)\b",
    re.IGNORECASE,
)
ENOUGH_LEFT = 8


def open_draft(step: Step | None) -> bool:
    """Whether a suggestion is being written."""
    return step is not None and step.waits_for.startswith("suggestion.")


async def submit_suggestion(turn: Turn) -> list[Reply]:
    """Begin in words, or go on by a button of the dialogue."""
    if turn.args:
        return await _pressed(turn)
    if carries_suggestion(turn.text):
        turn.step = Step(TEXT)
        return await _take_text(turn)
    return _ask_text(turn, {})


async def proceed(turn: Turn) -> list[Reply]:
    """The citizen's words belong to the open step."""
    assert turn.step is not None, "only called with an open step"
    return await READERS[turn.step.waits_for](turn)


async def cancel(turn: Turn) -> list[Reply]:
    """Stop what is open and forget the draft."""
    was_open, turn.step = open_draft(turn.step), None
    if was_open:
        return [turn.reply(N_("Your draft is deleted. Nothing was sent."), _menu(turn))]
    alerts = turn.choice(N_("Alerts"), "subscription_settings")  # "stop" may have meant those
    return [turn.reply(N_("There was nothing to cancel. What can I do for you?"), _menu(turn), alerts)]


def remind(turn: Turn) -> Reply:
    """Said after an answer in between: the draft is where it was left."""
    return turn.reply(
        N_("Your suggestion is still here, as you left it."),
        turn.choice(N_("Go on with my suggestion"), "submit_suggestion:resume"),
        _cancel(turn),
    )


def carries_suggestion(text: str) -> bool:
    """Whether the words that ask to suggest something hold the suggestion itself."""
    return len(re.sub(r"[\W_]", "", WANTS.sub("", text))) >= ENOUGH_LEFT


async def _pressed(turn: Turn) -> list[Reply]:  # noqa: PLR0911  # one return a button
    if turn.args == ("cancel",):
        return await cancel(turn)
    if turn.args == ("start",):
        return _ask_text(turn, {})
    if turn.step is None or not open_draft(turn.step):
        return [
            turn.reply(
                N_("There is no draft open. You can start a new one, or see what you have sent."),
                turn.choice(N_("Make a suggestion"), "submit_suggestion:start"),
                turn.choice(N_("My suggestions"), "my_suggestions"),
            )
        ]
    draft = turn.step.draft
    match turn.args:
        case ("edit",):
            return _ask_text(turn, draft)
        case ("resume",):
            return await ASKERS[turn.step.waits_for](turn)
        case ("skip",) if "text" in draft:
            return await _place(turn)
        case ("commitment", code) if "text" in draft:
            if code not in {c.code for c in await commitments.all_of(turn.tx)}:
                raise UnknownChoice
            return await _place(turn, commitment=code)
        case ("theme", theme) if "text" in draft and theme in city().themes:
            return await _place(turn, theme=theme)
        case ("confirm" | "anyway",) if turn.step.waits_for == CONFIRM:
            return await _keep(turn)
    raise UnknownChoice


async def _take_text(turn: Turn) -> list[Reply]:
    assert turn.step is not None
    try:
        masked = check_text(turn.text)
    except Refused as refused:
        return [Reply(refused.said(turn.lang), (_cancel(turn),))]
    turn.step = turn.step.to(PLACE, text=masked)
    notes = []
    if masked != turn.text:
        notes.append(turn.reply(N_("I covered what looked like personal data. Staff do not need it to read this.")))
    if "receipt" in turn.step.draft:
        return [*notes, *await _place(turn)]
    return [*notes, *await _ask_place(turn)]


async def _take_place(turn: Turn) -> list[Reply]:
    understood = turn.understood
    if code := understood.entity("commitment"):
        return await _place(turn, commitment=code)
    if (theme := understood.entity("theme")) in city().themes:
        return await _place(turn, theme=theme or "")
    if understood.intent.name == "deny":
        return await _place(turn)
    return await _ask_place(turn)


async def _take_confirmation(turn: Turn) -> list[Reply]:
    if turn.understood.intent.name == "affirm":
        return await _keep(turn)
    return await _ask_confirmation(turn)


async def _keep(turn: Turn) -> list[Reply]:
    assert turn.step is not None
    draft = turn.step.draft
    if receipt := draft.get("receipt"):
        kept = await rewrite(turn.tx, turn.citizen.id, receipt, draft["text"], at=turn.at)
        said = N_("Your suggestion {receipt} is changed.")
    else:
        kept = await submit(
            turn.tx,
            turn.citizen.id,
            draft["text"],
            turn.lang,
            at=turn.at,
            commitment=draft.get("commitment"),
            theme=draft.get("theme"),
        )
        said = N_(
            "Thank you. Your suggestion is received.\n\n"
            "Receipt number: {receipt}\n\n"
            "City staff will read it and answer you here. With this number anybody can see its state, so keep it safe."
        )
    turn.step = None
    return [
        turn.reply(
            said,
            turn.choice(N_("See its state"), f"suggestion_status:{kept.receipt}"),
            turn.choice(N_("What happens next?"), "ask:suggestion_process"),
            receipt=kept.receipt,
        )
    ]


async def _place(turn: Turn, **place: str) -> list[Reply]:
    assert turn.step is not None
    kept = {name: value for name, value in turn.step.draft.items() if name in ("text", "receipt")}
    turn.step = Step(CONFIRM, {**kept, **place})
    return await _ask_confirmation(turn)


def _ask_text(turn: Turn, draft: dict[str, str]) -> list[Reply]:
    turn.step = Step(TEXT, draft)
    ask = N_(
        "Please write your suggestion in one message.\nPlease leave out names, phone numbers and other personal data."
    )
    return [turn.reply(ask, _cancel(turn))]


async def _ask_text_again(turn: Turn) -> list[Reply]:
    return _ask_text(turn, turn.step.draft if turn.step else {})


async def _ask_place(turn: Turn) -> list[Reply]:
    plan = await commitments.all_of(turn.tx)
    choices = [Choice(c.short.of(turn.lang), f"submit_suggestion:commitment:{c.code}") for c in plan]
    choices += [Choice(name.of(turn.lang), f"submit_suggestion:theme:{key}") for key, name in city().themes.items()]
    skip = turn.choice(N_("Skip this"), "submit_suggestion:skip")
    return [turn.reply(N_("What is it about? You may skip this."), *choices, skip, _cancel(turn))]


async def _ask_confirmation(turn: Turn) -> list[Reply]:
    assert turn.step is not None
    draft = turn.step.draft
    about = turn.say(N_("nothing chosen"))
    if code := draft.get("commitment"):
        about = (await commitments.get(turn.tx, code)).short.of(turn.lang)
    elif theme := draft.get("theme"):
        about = city().themes[theme].of(turn.lang)
    return [
        turn.reply(
            N_("Please check:\n\n“{text}”\n\nAbout: {about}\n\nBy sending it you agree that the city keeps this text."),
            turn.choice(N_("Send"), "submit_suggestion:confirm"),
            turn.choice(N_("Change the text"), "submit_suggestion:edit"),
            _cancel(turn),
            text=draft["text"],
            about=about,
        )
    ]


def _cancel(turn: Turn) -> Choice:
    return turn.choice(N_("Cancel"), "submit_suggestion:cancel")


def _menu(turn: Turn) -> Choice:
    return turn.choice(N_("Menu"), "menu")


# What each step does with words, and how it asks.
type Part = Callable[[Turn], Awaitable[list[Reply]]]
READERS: dict[str, Part] = {TEXT: _take_text, PLACE: _take_place, CONFIRM: _take_confirmation}
ASKERS: dict[str, Part] = {TEXT: _ask_text_again, PLACE: _ask_place, CONFIRM: _ask_confirmation}
