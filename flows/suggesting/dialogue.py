"""The dialogue: text → similar ones, if there are any → commitment or theme → confirm → receipt.

What may be added before it is sent is in `confirming`, what an author writes to staff later in `replying`; all steps
come through here. A question in between is answered and the draft waits; `cancel` ends it at any step. Pressing
confirm is the consent to keep it: nothing of the text is stored as a suggestion before.
"""

import re
from collections.abc import Awaitable, Callable

from flows import commitments
from flows.city import city
from flows.errors import Refused
from flows.meaning import meaning_of
from flows.messages import Choice, Reply, Step, Turn, UnknownChoice
from flows.suggesting.attachments import attach, drop_files, tie_files
from flows.suggesting.confirming import (
    CONFIRM,
    NAME,
    STEPS,
    WHERE,
    as_draft,
    ask_confirmation,
    ask_name,
    ask_where,
    cancel_choice,
    open_draft,
    place_of,
    put_name,
    put_where,
    take_name,
    take_where,
)
from flows.suggesting.replying import (
    CONTEST,
    REPLY,
    ask_contest,
    ask_reply,
    is_for_staff,
    take_contest,
    take_reply,
)
from flows.suggesting.rows import TooManyToday, check_text, rewrite, submit
from flows.suggesting.said import excerpt, standing
from flows.suggesting.similar import similar
from flows.suggesting.values import Suggestion
from flows.wording import N_, as_lang

TEXT, SIMILAR = f"{STEPS}text", f"{STEPS}similar"
ABOUT = f"{STEPS}place"  # its name in rows, from before a suggestion could have a place
SIMILAR_CHARS = 200

# Words that only say "I want to suggest something": what is left without them is the suggestion, if enough is left.
WANTS = re.compile(
    r"제안|건의|의견|민원|아이디어|신고|남기|내고|하고|싶\w*|있\w*|어떻게|접수|할게\w*|할래\w*|해요|하려\w*|해\s?주\w*|주세요"
    r"|하나|올리\w*|드리\w*|드릴\w*|합니다|한\s?가지"
    r"|\b(?:i|id|i'd|want|would|like|to|can|make|leave|send|submit|suggest\w*|propos\w*|idea|have|a|an|the|complain\w*"
    r"|city|for|please|how|do|give|feedback|my|some|something|here|let|me|share|it|is|of|file|new)\b",
    re.IGNORECASE,
)
ENOUGH_LEFT = 8
OPENS = re.compile(
    r"^\W*(?:(?:i|we)(?:'d| would)? (?:want|like) to (?:suggest|propose)|(?:i|we) (?:suggest|propose)"
    r"|my (?:suggestion|idea) is)\b"
    r"|제안(?:합니다|드립니다|드려요|해요|할게요|하고 싶\w*|하려고\w*)\W*$",
    re.IGNORECASE,
)


def asks_name(step: Step | None) -> bool:
    """Whether the next words are a name, which says nothing of the language that its bearer reads."""
    return step is not None and step.waits_for == NAME


async def submit_suggestion(turn: Turn) -> list[Reply]:
    """Begin in words, or go on by a button of the dialogue."""
    if turn.args == ("no_files",):
        return await _drop_files(turn)
    if turn.args:
        return await _pressed(turn)
    if carries_suggestion(turn.text):
        turn.step = Step(TEXT)
        return await _take_text(turn)
    return _ask_text(turn, {})


async def button_named(turn: Turn) -> str | None:
    """The button of the open step whose label the citizen wrote, or the first words of it where no other has them.

    What some press, others type.
    """
    step = turn.step
    assert step is not None, "only called with an open step"
    if step.waits_for in (TEXT, CONTEST, REPLY):
        return None
    offered = [choice for said in await ASKERS[step.waits_for](turn) for choice in said.choices]
    turn.step = step  # asking again may move on
    written = turn.text.strip(" .!")
    begins = re.compile(rf"{re.escape(written)}(?!\w)", re.IGNORECASE)
    named = [choice for choice in offered if written and begins.match(choice.label)]
    exact = [choice for choice in named if len(choice.label) == len(written)]
    return next((choice.value for choice in exact or named), None) if len(exact or named) == 1 else None


async def proceed(turn: Turn) -> list[Reply]:
    """The citizen's words belong to the open step."""
    assert turn.step is not None, "only called with an open step"
    return await READERS[turn.step.waits_for](turn)


async def cancel(turn: Turn) -> list[Reply]:
    """Stop what is open and forget the draft."""
    was_open, turn.step = open_draft(turn.step), None
    await drop_files(turn.tx, turn.citizen.id)
    if was_open:
        return [turn.reply(N_("Your draft is deleted. Nothing was sent."), _menu(turn))]
    alerts = turn.choice(N_("Alerts"), "subscription_settings")  # "stop" may have meant those
    return [turn.reply(N_("There was nothing to cancel. What can I do for you?"), _menu(turn), alerts)]


def remind(turn: Turn) -> Reply:
    """Said after an answer in between: the draft is where it was left."""
    if is_for_staff(turn.step):
        go_on = turn.choice(N_("Go on writing to the staff"), "submit_suggestion:resume")
        return turn.reply(N_("You were about to write to the staff."), go_on, cancel_choice(turn))
    return turn.reply(
        N_("Your suggestion is still here, as you left it."),
        turn.choice(N_("Go on with my suggestion"), "submit_suggestion:resume"),
        cancel_choice(turn),
    )


async def take_point(turn: Turn) -> list[Reply]:
    """A place on the map belongs to the suggestion being written; without one there is nothing to do with it."""
    point, step = turn.message.point, turn.step
    assert point is not None, "only called with one"
    if step is None or not open_draft(step) or "receipt" in step.draft:
        said = N_("You can add a place to a suggestion: begin one, and send the place again.")
        return [turn.reply(said, turn.choice(N_("Make a suggestion"), "submit_suggestion:start"), _menu(turn))]
    if step.waits_for in (CONFIRM, WHERE, NAME):
        return await put_where(turn, **as_draft(point))
    turn.step = step.to(step.waits_for, **as_draft(point))
    return [turn.reply(N_("I will add this place.")), *await ASKERS[step.waits_for](turn)]


async def take_file(turn: Turn) -> Reply:
    """A photo or a document goes with the suggestion being written; without one it waits a day for it.

    Words that came with it are not read here. Raises TooManyFiles.
    """
    assert turn.attached is not None, "only called with one"
    step = turn.step if open_draft(turn.step) else None
    receipt = step.draft.get("receipt") if step else None
    await attach(turn.tx, turn.citizen.id, turn.attached, receipt, at=turn.at)
    if step is None:
        said = N_("I have your file. Would you like to send it with a suggestion? If not, it is deleted within 2 days.")
        start = turn.choice(N_("Make a suggestion"), "submit_suggestion:start")
        return turn.reply(said, start, turn.choice(N_("Delete the file"), "submit_suggestion:no_files"))
    return turn.reply(N_("I will add this file."))


async def go_on(turn: Turn) -> list[Reply]:
    """Ask again what the open step asks."""
    assert turn.step is not None, "only called with an open step"
    return await ASKERS[turn.step.waits_for](turn)


def carries_suggestion(text: str) -> bool:
    """Whether the words that ask to suggest something hold the suggestion itself."""
    return len(re.sub(r"[\W_]", "", WANTS.sub("", text))) >= ENOUGH_LEFT


def opens_suggestion(text: str) -> bool:
    """Whether words that the intent model is not sure of say themselves that they are a suggestion, and hold it."""
    return bool(OPENS.search(text)) and carries_suggestion(text)


async def _pressed(turn: Turn) -> list[Reply]:
    if turn.args == ("cancel",):
        return await cancel(turn)
    if turn.args == ("start",):
        return _ask_text(turn, {})
    if not open_draft(turn.step):
        return [
            turn.reply(
                N_("There is no draft open. You can start a new one, or see what you have sent."),
                turn.choice(N_("Make a suggestion"), "submit_suggestion:start"),
                turn.choice(N_("My suggestions"), "my_suggestions"),
            )
        ]
    if turn.args == ("resume",):
        return await go_on(turn)
    return await _pressed_in_draft(turn)


async def _pressed_in_draft(turn: Turn) -> list[Reply]:  # noqa: PLR0911  # one return a button
    assert turn.step is not None, "only called with a draft"
    step, draft = turn.step, turn.step.draft
    if turn.args == ("edit",) and not is_for_staff(step):
        return _ask_text(turn, draft)
    if "text" not in draft:
        raise UnknownChoice
    match turn.args:
        case ("anyway",) if step.waits_for == SIMILAR:
            return await _ask_about(turn)
        case ("skip",):
            return await _put_about(turn)
        case ("commitment", code):
            if code not in await commitments.names(turn.tx):
                raise UnknownChoice
            return await _put_about(turn, commitment=code)
        case ("theme", theme) if theme in city().themes:
            return await _put_about(turn, theme=theme)
        case ("confirm" | "anyway",) if step.waits_for == CONFIRM:
            return await _keep(turn)
    if "receipt" in draft:
        raise UnknownChoice
    return await _pressed_to_add(turn)


async def _drop_files(turn: Turn) -> list[Reply]:
    await drop_files(turn.tx, turn.citizen.id)
    said = N_("What you attached is deleted.")
    return [turn.reply(said), *await go_on(turn)] if open_draft(turn.step) else [turn.reply(said, _menu(turn))]


async def _pressed_to_add(turn: Turn) -> list[Reply]:
    """The buttons of what may be added."""
    match turn.args:
        case ("place",):
            return await ask_where(turn)
        case ("district", district) if district in city().districts:
            return await put_where(turn, district=district)
        case ("nowhere",):
            return await put_where(turn)
        case ("name",):
            return await ask_name(turn)
        case ("anonymous",):
            return await put_name(turn)
    raise UnknownChoice


async def _take_text(turn: Turn) -> list[Reply]:
    assert turn.step is not None
    try:
        masked = check_text(turn.text)
    except Refused as refused:
        return [Reply(refused.said(turn.lang), (cancel_choice(turn),))]
    was_shown = "text" in turn.step.draft or "receipt" in turn.step.draft
    turn.step = turn.step.to(SIMILAR, text=masked, lang=turn.lang)  # of the text, whatever is spoken when it is sent
    notes = []
    if masked != turn.text:
        notes.append(turn.reply(N_("I covered what looked like personal data. Staff do not need it to read this.")))
    return [*notes, *await (ask_confirmation if was_shown else _ask_similar)(turn)]


async def _take_similar(turn: Turn) -> list[Reply]:
    """Only buttons decide here, save a plain no: none of them is what was meant."""
    return await (_ask_about if turn.understood.intent.name == "deny" else _ask_similar)(turn)


async def _take_about(turn: Turn) -> list[Reply]:
    understood = turn.understood
    if code := understood.entity("commitment"):
        return await _put_about(turn, commitment=code)
    if (theme := understood.entity("theme")) in city().themes:
        return await _put_about(turn, theme=theme or "")
    if understood.intent.name == "deny":
        return await _put_about(turn)
    return await _ask_about(turn)


async def _take_confirmation(turn: Turn) -> list[Reply]:
    if turn.understood.intent.name == "affirm":
        return await _keep(turn)
    return await ask_confirmation(turn)


async def _keep(turn: Turn) -> list[Reply]:
    assert turn.step is not None
    draft = turn.step.draft
    lang = as_lang(draft.get("lang"), turn.lang)
    if receipt := draft.get("receipt"):
        kept = await rewrite(turn.tx, turn.citizen.id, receipt, draft["text"], lang, at=turn.at)
        said = N_("Your suggestion {receipt} is changed.")
    else:
        try:
            kept = await submit(
                turn.tx,
                turn.citizen,
                draft["text"],
                lang,
                at=turn.at,
                commitment=draft.get("commitment"),
                theme=draft.get("theme"),
                place=place_of(draft),
                shown_name=draft.get("name"),
            )
        except TooManyToday as refused:
            said = turn.say(N_("This one is not lost: it waits here."))
            return [Reply(f"{refused.said(turn.lang)} {said}", (cancel_choice(turn), _menu(turn)))]
        said = N_(
            "Thank you. Your suggestion is received.\n\n"
            "Receipt number: {receipt}\n\n"
            "City staff will read it and answer you here. With this number anybody can see its state, so keep it safe."
        )
    await tie_files(turn.tx, turn.citizen.id, kept.id)
    turn.step = None
    return [
        turn.reply(
            said,
            turn.choice(N_("See its state"), f"suggestion_status:{kept.receipt}"),
            turn.choice(N_("What happens next?"), "ask:suggestion_process"),
            receipt=kept.receipt,
        )
    ]


async def _put_about(turn: Turn, **about: str) -> list[Reply]:
    assert turn.step is not None
    kept = {name: value for name, value in turn.step.draft.items() if name not in ("commitment", "theme")}
    turn.step = Step(CONFIRM, {**kept, **about})
    return await ask_confirmation(turn)


def _ask_text(turn: Turn, draft: dict[str, str]) -> list[Reply]:
    turn.step = Step(TEXT, draft)
    ask = N_(
        "Please write your suggestion in one message.\nPlease leave out names, phone numbers and other personal data."
    )
    return [turn.reply(ask, cancel_choice(turn))]


async def _ask_text_again(turn: Turn) -> list[Reply]:
    return _ask_text(turn, turn.step.draft if turn.step else {})


async def _ask_similar(turn: Turn) -> list[Reply]:
    """Has somebody said this? Where nobody has, the dialogue goes on."""
    assert turn.step is not None
    text = turn.step.draft["text"]
    meant = turn.meaning if turn.meaning and turn.text == text else await meaning_of(text)
    found = await similar(turn.tx, text, meant, but_not=turn.citizen.id)
    if not found:
        return await _ask_about(turn)
    lines = [turn.say(N_("Others have suggested something like this. Do you mean one of these?"))]
    lines += [f"{number}. {_shown(turn, s)}" for number, s in enumerate(found, start=1)]
    choices = [
        turn.choice(N_("I support this: {number}"), f"support:{s.receipt}", number=number)
        if s.is_supportable
        else turn.choice(N_("See the answer: {number}"), f"suggestion_status:{s.receipt}", number=number)
        for number, s in enumerate(found, start=1)
    ]
    anyway = turn.choice(N_("Send mine anyway"), "submit_suggestion:anyway")
    return [Reply("\n\n".join(lines), (*choices, anyway, cancel_choice(turn)))]


def _shown(turn: Turn, s: Suggestion) -> str:
    return f"“{excerpt(s, turn.lang, SIMILAR_CHARS)}”\n{standing(turn, s)}"


async def _ask_about(turn: Turn) -> list[Reply]:
    assert turn.step is not None
    turn.step = Step(ABOUT, turn.step.draft)
    named = await commitments.names(turn.tx)
    choices = [Choice(name.of(turn.lang), f"submit_suggestion:commitment:{code}") for code, name in named.items()]
    choices += [Choice(name.of(turn.lang), f"submit_suggestion:theme:{key}") for key, name in city().themes.items()]
    skip = turn.choice(N_("Skip"), "submit_suggestion:skip")
    return [turn.reply(N_("What is it about? You may skip this."), *choices, skip, cancel_choice(turn))]


def _menu(turn: Turn) -> Choice:
    return turn.choice(N_("Menu"), "menu")


# What each step does with words, and how it asks.
type Part = Callable[[Turn], Awaitable[list[Reply]]]
READERS: dict[str, Part] = {
    TEXT: _take_text,
    SIMILAR: _take_similar,
    ABOUT: _take_about,
    CONFIRM: _take_confirmation,
    WHERE: take_where,
    NAME: take_name,
    CONTEST: take_contest,
    REPLY: take_reply,
}
ASKERS: dict[str, Part] = {
    TEXT: _ask_text_again,
    SIMILAR: _ask_similar,
    ABOUT: _ask_about,
    CONFIRM: ask_confirmation,
    WHERE: ask_where,
    NAME: ask_name,
    CONTEST: ask_contest,
    REPLY: ask_reply,
}
