"""The short talk around the answers: hello, thanks, who are you, what can you do."""

from dataclasses import replace

from flows.answering.enquiring import write_to_staff
from flows.answering.hours import hours_said
from flows.answering.topics_said import answer_topic, ask
from flows.city import city
from flows.messages import Choice, Reply, Turn
from flows.wording import N_


async def menu(turn: Turn) -> list[Reply]:
    """What the bot can do. `menu:<name>` opens a part of it."""
    if turn.args == ("topics",):
        choices = tuple(ask(turn, name) for name in turn.topics)
        return [Reply(turn.say(N_("These are all the subjects I have answers on.")), choices)]
    return [turn.reply(N_("I can answer questions, take your suggestion, and send you alerts."), *starters(turn))]


async def greet(turn: Turn) -> list[Reply]:
    hello = N_(
        "Hello. I am {bot}, a chatbot on {city}'s climate policy and open government action plan.\n\n"
        "Ask me a question, leave a suggestion, or follow a commitment."
    )
    return [turn.reply(hello, *starters(turn), bot=city().bot.of(turn.lang), city=city().name.of(turn.lang))]


async def bot_identity(turn: Turn) -> list[Reply]:
    who = N_(
        "I am {bot}, a computer program, not a person. I answer from dated public sources about {city}'s climate "
        "policy and its open government action plan, and I say so when they are silent. "
        "City staff read your suggestions and answer them."
    )
    privacy = ask(turn, "privacy")
    return [turn.reply(who, privacy, _menu(turn), bot=city().bot.of(turn.lang), city=city().name.of(turn.lang))]


async def goodbye(turn: Turn) -> list[Reply]:
    return [turn.reply(N_("Goodbye. You can write to me again at any time."))]


async def thank(turn: Turn) -> list[Reply]:
    return [turn.reply(N_("You are welcome. Is there anything else?"), _menu(turn))]


async def complain_bot(turn: Turn) -> list[Reply]:
    sorry = N_(
        "I am sorry that this did not help. You can ask again in other words, choose from the menu, "
        "or turn to a person."
    )
    person = turn.choice(N_("Reach a person"), "human_handoff")
    return [turn.reply(sorry, _menu(turn), person, turn.choice(N_("Make a suggestion"), "submit_suggestion:start"))]


async def human_handoff(turn: Turn) -> list[Reply]:
    """The way to a person is content, the topic `contact`; the shortest is to write to staff right here."""
    [contact] = await answer_topic(turn, "contact")
    said = "\n\n".join([contact.text, *_when_there(turn)])
    return [replace(contact, text=said, choices=(*write_to_staff(turn), *contact.choices))]


async def affirm(turn: Turn) -> list[Reply]:
    return [turn.reply(N_("All right. What would you like to do?"), *starters(turn))]


async def deny(turn: Turn) -> list[Reply]:
    return [turn.reply(N_("All right. If you need something else, just write it."), _menu(turn))]


def _when_there(turn: Turn) -> list[str]:
    """By the hours of the city's content; without them, what the topic knows."""
    if hours := city().office_hours:
        return [hours_said(hours, turn.at, turn.lang)]
    known = turn.topics["contact"].when
    return [known.of(turn.lang).strip()] if known else []


def starters(turn: Turn) -> list[Choice]:
    """The first buttons of the menu."""
    return [
        *(ask(turn, name) for name in city().first_topics),
        turn.choice(N_("Make a suggestion"), "submit_suggestion:start"),
        turn.choice(N_("The commitments"), "list_commitments"),
        turn.choice(N_("Alerts"), "subscription_settings"),
        turn.choice(N_("All subjects"), "menu:topics"),
    ]


def _menu(turn: Turn) -> Choice:
    return turn.choice(N_("Menu"), "menu")
