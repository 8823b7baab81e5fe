"""A citizen hands a question to staff: what the bot had no sure answer to, or what they write for staff.

    kept     the last such question, masked, until its button is pressed: it waits for nothing
    text     the next words are the question
    confirm  written and not sent: yes and no belong to it

Whoever turns to something else leaves the dialogue, and what was written is kept. A button names the words that it
sends, so that the one under an older question never sends a newer one.
"""

import hashlib
import re
from collections.abc import Iterable

from flows.answering.enquiries import A_DAY, KEPT_FOR, STEPS, EnquiryState, TooManyOpen, ask, enquiries_of
from flows.answering.search import search
from flows.masking import mask
from flows.messages import Choice, Reply, Step, Turn, UnknownChoice
from flows.wording import N_, as_lang

KEPT, TEXT, CONFIRM = f"{STEPS}kept", f"{STEPS}text", f"{STEPS}confirm"
MARK_DIGITS = 8
MARK = re.compile(rf"[0-9a-f]{{{MARK_DIGITS}}}")


def writes_to_staff(step: Step | None) -> bool:
    """Whether a question is being written to staff."""
    return step is not None and step.waits_for in (TEXT, CONFIRM)


def is_for_staff(turn: Turn) -> bool:
    """Whether words that do not leave every dialogue belong to the question being written."""
    assert turn.step is not None, "only called while a question is written"
    return turn.step.waits_for == TEXT or turn.understood.intent.name in ("affirm", "deny")


def kept_question(step: Step | None) -> str | None:
    """The words that were not sent to staff, or not yet."""
    return step.draft.get("text") if step is not None and step.waits_for.startswith(STEPS) else None


def set_aside(turn: Turn) -> None:
    """Leave the dialogue for something else."""
    if writes_to_staff(turn.step):
        turn.step = Step(KEPT, turn.step.draft) if turn.step and kept_question(turn.step) else None


def to_staff(turn: Turn, intents: Iterable[str] = ()) -> list[Choice]:
    """The button that hands the words of this turn to staff; they are kept for it. None while a draft is open.

    `intents`: what the words could mean, likeliest first.
    """
    if not _is_free(turn.step):
        return []
    turn.step = Step(KEPT, _draft(turn, intents))
    return [turn.choice(N_("Ask the staff"), f"ask_staff:{_mark(turn.step.draft['text'])}")]


def write_to_staff(turn: Turn) -> list[Choice]:
    """The button that begins to write to staff. None while a draft is open."""
    return [turn.choice(N_("Ask the staff"), "ask_staff")] if _is_free(turn.step) else []


async def ask_staff(turn: Turn) -> list[Reply]:
    """`ask_staff` begins, `ask_staff:<mark>` sends the words with this mark, and no others."""
    if not _is_free(turn.step):
        return [
            turn.reply(
                N_("You are writing a suggestion. Please send it or cancel it first, then you can ask the staff."),
                turn.choice(N_("Go on with my suggestion"), "submit_suggestion:resume"),
                turn.choice(N_("Cancel"), "submit_suggestion:cancel"),
            )
        ]
    match turn.args:
        case ():
            return _begin(turn)
        case ("write",):
            return _ask_text(turn)
        case ("cancel",):
            return _cancel(turn)
        case (mark,) if MARK.fullmatch(mark):
            return await _send(turn, mark)
    raise UnknownChoice


async def proceed(turn: Turn) -> list[Reply]:
    """The citizen's words belong to the question being written."""
    assert turn.step is not None, "only called while a question is written"
    if turn.step.waits_for == TEXT:
        found = await search(turn.tx, turn.text, turn.lang, turn.meaning)
        draft = _draft(turn, [turn.understood.intent.name, *(f"ask_{it.topic}" for it in found)])
        return _ask_confirmation(turn, draft)
    if turn.understood.intent.name == "affirm":
        return await _send(turn, _mark(turn.step.draft["text"]))
    return _cancel(turn)


def _begin(turn: Turn) -> list[Reply]:
    if turn.step is not None and kept_question(turn.step):
        return _ask_confirmation(turn, turn.step.draft)
    return _ask_text(turn)


def _ask_text(turn: Turn) -> list[Reply]:
    turn.step = Step(TEXT)
    please = N_(
        "Please write your question to the staff in one message.\n"
        "Please leave out names, phone numbers and other personal data."
    )
    return [turn.reply(please, _stop(turn))]


def _ask_confirmation(turn: Turn, draft: dict[str, str]) -> list[Reply]:
    turn.step = Step(CONFIRM, draft)
    shall_i = N_(
        "Shall I send this to the staff?\n\n“{text}”\n\nBy sending it you agree that the city keeps this question."
    )
    return [
        turn.reply(
            shall_i,
            turn.choice(N_("Send"), f"ask_staff:{_mark(draft['text'])}"),
            turn.choice(N_("Change the text"), "ask_staff:write"),
            _stop(turn),
            text=draft["text"],
        )
    ]


async def _send(turn: Turn, mark: str) -> list[Reply]:
    question = kept_question(turn.step)
    if turn.step is None or question is None or _mark(question) != mark:
        before = await enquiries_of(turn.tx, turn.citizen.id)
        sent = next((e for e in before if _mark(e.text) == mark and e.asked_at > turn.at - A_DAY), None)
        return [_sent(turn, sent.text, sent.state)] if sent else _begin(turn)
    draft = turn.step.draft
    lang, topic = as_lang(draft["lang"]), draft["topic"] or None
    try:
        asked = await ask(turn.tx, turn.citizen.id, question, lang, topic, at=turn.at)
    except TooManyOpen as refused:
        set_aside(turn)
        return [Reply(refused.said(turn.lang), (_menu(turn),))]
    turn.step = None
    return [_sent(turn, asked.text, asked.state)]


def _sent(turn: Turn, question: str, state: EnquiryState) -> Reply:
    sent = N_(
        "Your question is sent to the staff:\n\n“{text}”\n\n"
        "They will answer you here, in this chat. By sending it you agreed that the city keeps this question, "
        "until {days} days after the answer. “Forget me” erases it at any time."
    )
    if state is not EnquiryState.OPEN:
        sent = N_(
            "Staff have already dealt with this question, and you get their answer here:\n\n“{text}”\n\n"
            "If you need to know more, please ask in other words."
        )
    return turn.reply(sent, _menu(turn), text=question, days=KEPT_FOR.days)


def _cancel(turn: Turn) -> list[Reply]:
    turn.step = None
    return [turn.reply(N_("All right. Nothing was sent to the staff."), _menu(turn))]


def _draft(turn: Turn, intents: Iterable[str]) -> dict[str, str]:
    """What is kept of the words: masked, their language, and the topic that the bot would have answered with."""
    guesses = [*intents, *(intent.name for intent in turn.understood.ranking[:1])]
    topics = (name.removeprefix("ask_") for name in guesses if name.startswith("ask_"))
    topic = next((topic for topic in topics if topic in turn.topics), "")
    return {"text": mask(turn.text), "lang": turn.lang, "topic": topic}


def _is_free(step: Step | None) -> bool:
    return step is None or step.waits_for.startswith(STEPS)


def _mark(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:MARK_DIGITS]


def _stop(turn: Turn) -> Choice:
    return turn.choice(N_("Cancel"), "ask_staff:cancel")


def _menu(turn: Turn) -> Choice:
    return turn.choice(N_("Menu"), "menu")
