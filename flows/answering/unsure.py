"""What to say when nothing was understood surely enough."""

from collections.abc import Iterable
from dataclasses import replace
from textwrap import shorten

from sqlalchemy import insert

from flows.answering.enquiring import to_staff
from flows.answering.search import first_sentence, search
from flows.answering.talk import starters
from flows.answering.topics_said import answer_topic, ask
from flows.masking import mask
from flows.messages import Choice, Reply, Turn
from flows.store.tables.answering import UnansweredRow
from flows.wording import N_

OFFERED = 4
LINE_CHARS = 80
ACTIONS = {
    "commitment_status": (N_("How far the commitments are"), "commitment_status"),
    "list_commitments": (N_("The commitments"), "list_commitments"),
    "upcoming_milestones": (N_("What is due next"), "upcoming_milestones"),
    "latest_updates": (N_("Latest news"), "latest_updates"),
    "submit_suggestion": (N_("Make a suggestion"), "submit_suggestion:start"),
    "suggestion_status": (N_("What became of my suggestion"), "suggestion_status"),
    "my_suggestions": (N_("My suggestions"), "my_suggestions"),
    "edit_suggestion": (N_("Change my suggestion"), "edit_suggestion"),
    "withdraw_suggestion": (N_("Take my suggestion back"), "withdraw_suggestion"),
    "browse_suggestions": (N_("Suggestions of others"), "browse_suggestions"),
    "subscribe": (N_("Get alerts"), "subscribe"),
    "unsubscribe": (N_("Stop alerts"), "unsubscribe"),
    "subscription_settings": (N_("What I follow"), "subscription_settings"),
    "change_language": (N_("Change the language"), "change_language"),
    "my_data": (N_("My data"), "my_data"),
    "forget_me": (N_("Erase my data"), "forget_me"),
    "human_handoff": (N_("Reach a person"), "human_handoff"),
    "bot_identity": (N_("Who or what the bot is"), "bot_identity"),
    "more_detail": (N_("More about the last answer"), "more_detail"),
    "plain_language": (N_("The last answer in plain words"), "plain_language"),
    "ask_source": (N_("Where the last answer is from"), "ask_source"),
    "ask_when": (N_("When, about the last answer"), "ask_when"),
    "ask_who": (N_("Who, about the last answer"), "ask_who"),
}
FOLLOW_UPS = {"more_detail", "plain_language", "ask_source", "ask_when", "ask_who"}
WORTH_A_SECOND_LOOK = 0.02
WORTH_OFFERING = 0.03  # an even guess among 90 intents is 0.01; being sure begins at the threshold in nlu/config.yml
DOUBTFUL = 0.1


async def offer(turn: Turn) -> list[Reply]:
    """ "Did you mean": the likely intents first, then what search finds, each topic with a line; else `unanswered`."""
    likely = _likely(turn, WORTH_OFFERING)
    found = [f"ask_{it.topic}" for it in await search(turn.tx, turn.text, turn.lang, turn.meaning)]
    buttons = _buttons(turn, [*likely, *found])
    offered = list(buttons)[:OFFERED]
    if not offered:
        return await unanswered(turn)
    choices = [buttons[name] for name in offered]
    turn.others = tuple(offered)
    await _log(turn)
    handing, how = _to_staff(turn, [*likely, *found])
    none = turn.choice(N_("None of these"), "menu")
    question = N_("Did you mean one of these?")
    if not turn.understood.available:
        question = N_("I cannot read whole questions at the moment, so I searched by words. Is it one of these?")
    return [Reply("\n\n".join([turn.say(question), *_lines(turn, offered), *how]), (*choices, *handing, none))]


def runners_up(turn: Turn) -> tuple[str, ...]:
    """What else the words could have meant, likeliest first, as far as a button can ask for it."""
    return tuple(_buttons(turn, _likely(turn, WORTH_A_SECOND_LOOK)))[:OFFERED]


async def correct_last(turn: Turn) -> list[Reply]:
    """ "No, the other one": what the words before this could have meant instead; the only such one is answered."""
    buttons = _buttons(turn, [*_likely(turn, WORTH_OFFERING), *turn.others])
    if len(buttons) == 1 and (topic := next(iter(buttons)).removeprefix("ask_")) in turn.topics:
        turn.others = ()
        return await answer_topic(turn, topic)
    if buttons:
        none = turn.choice(N_("None of these"), "menu")
        question = turn.say(N_("All right. Did you mean one of these?"))
        return [Reply("\n\n".join([question, *_lines(turn, [*buttons])]), (*buttons.values(), none))]
    again = N_("All right. Please write in other words what you would like to know, or choose a subject.")
    return [turn.reply(again, *starters(turn), turn.choice(N_("Reach a person"), "human_handoff"))]


async def out_of_scope(turn: Turn) -> list[Reply]:
    """Understood, and not ours; should it be ours after all, the likeliest of our subjects is a button away."""
    not_ours = N_(
        "I can only answer on climate policy and the open government action plan. "
        "For other city business, the city's call center can help."
    )
    contact, menu = turn.choice(N_("Contact"), "ask:contact"), turn.choice(N_("Menu"), "menu")
    others = [choice for choice in second_thoughts(turn) if choice.value != contact.value]
    return [turn.reply(not_ours, *others, contact, menu)]


def second_thoughts(turn: Turn) -> list[Choice]:
    """Buttons for what else the words may well have meant, likeliest first."""
    return [*_buttons(turn, _likely(turn, WORTH_OFFERING)).values()][:OFFERED]


def with_second_thought(turn: Turn, replies: list[Reply]) -> list[Reply]:
    """Where it was a near thing, `replies` with a button for what the words may have meant instead."""
    if not replies or not turn.understood.is_sure:
        return replies
    shown = {choice.value for reply in replies for choice in reply.choices}
    likely = [name for name in _likely(turn, DOUBTFUL) if name not in FOLLOW_UPS]
    second = [choice for choice in _buttons(turn, likely).values() if choice.value not in shown][:1]
    *before, last = replies
    return [*before, replace(last, choices=(*second, *last.choices))]


def likely_topic(turn: Turn) -> str | None:
    """The topic that the words may well be about beside what they ask for."""
    names = (name.removeprefix("ask_") for name in _likely(turn, DOUBTFUL))
    return next((name for name in names if name in turn.topics), None)


def _likely(turn: Turn, least: float) -> list[str]:
    """The intents that the words could have beside the chosen one, at least so surely, likeliest first."""
    chosen = turn.understood.intent.name
    return [i.name for i in turn.understood.ranking if i.confidence >= least and i.name != chosen]


def _lines(turn: Turn, intents: list[str]) -> list[str]:
    """What each topic among them is about: its title, and how its answer begins."""
    topics = [topic for name in intents if (topic := turn.topics.get(name.removeprefix("ask_")))]
    begins = (shorten(first_sentence(topic.answer.of(turn.lang)), LINE_CHARS, placeholder="…") for topic in topics)
    return [f"· {topic.title.of(turn.lang)}: {begin}" for topic, begin in zip(topics, begins, strict=True)]


def _buttons(turn: Turn, intents: Iterable[str]) -> dict[str, Choice]:
    """By intent, each once and in this order, the buttons for those that have one."""
    return {name: button for name in intents if (button := _button(turn, name))}


def _button(turn: Turn, intent: str) -> Choice | None:
    """The button that does what an intent asks for, where one button can."""
    if intent in FOLLOW_UPS and not turn.topic:
        return None
    if intent in ACTIONS:
        label, value = ACTIONS[intent]
        return turn.choice(label, value)
    topic = intent.removeprefix("ask_")
    return ask(turn, topic) if topic != intent and topic in turn.topics else None


async def unanswered(turn: Turn) -> list[Reply]:
    """Say so plainly, log the masked question for staff, and show what there is."""
    await _log(turn)
    sorry = N_(
        "I have no answer to this. I noted the question, without your name, so that staff can add one.\n\n"
        "You can choose a subject, or reach a person."
    )
    if not turn.understood.available:
        sorry = N_("I cannot read whole questions at the moment. The buttons work, and so do single words.")
    handing, how = _to_staff(turn, ())
    person = turn.choice(N_("Reach a person"), "human_handoff")
    return [Reply("\n\n".join([turn.say(sorry), *how]), (*handing, *starters(turn), person))]


def _to_staff(turn: Turn, intents: Iterable[str]) -> tuple[list[Choice], list[str]]:
    """The button that hands the question to staff, and what it does; nothing of both where it cannot be pressed."""
    handing = to_staff(turn, intents)
    how = N_(
        "Or press “Ask the staff”: the city then keeps your question, with personal data covered, "
        "and staff answer you here."
    )
    return handing, [turn.say(how)] if handing else []


async def _log(turn: Turn) -> None:
    if not turn.understood.available:  # nothing to learn from: the model was not asked
        return
    best = turn.understood.ranking[0] if turn.understood.ranking else turn.understood.intent
    row = {
        "lang": turn.lang,
        "text": mask(turn.text),
        "best": best.name,
        "confidence": best.confidence,
        "at": turn.at,
    }
    await turn.tx.execute(insert(UnansweredRow).values(row))
