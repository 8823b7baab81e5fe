"""What to say when nothing was understood surely enough."""

from sqlalchemy import insert

from flows.answering.content import read_topics
from flows.answering.search import search
from flows.answering.talk import starters
from flows.answering.topics_said import ask
from flows.masking import mask
from flows.messages import Choice, Reply, Turn
from flows.store.tables.answering import UnansweredRow
from flows.wording import N_

OFFERED = 3
WORTH_OFFERING = 0.10  # below this a runner-up is noise; measured on the held-out sentences (nlu/README.md)


async def offer(turn: Turn) -> list[Reply]:
    """ "Did you mean": the topics among the runners-up; else what search finds; else `unanswered`."""
    by_intent = {topic.intent: name for name, topic in read_topics().items()}
    likely = [
        by_intent[i.name] for i in turn.understood.ranking if i.name in by_intent and i.confidence >= WORTH_OFFERING
    ]
    found = [topic.name for topic in search(turn.text)]
    names = list(dict.fromkeys([*likely, *found]))[:OFFERED]
    if not names:
        return await unanswered(turn)
    await _log(turn)
    choices: list[Choice] = [ask(turn, name) for name in names]
    none = turn.choice(N_("None of these"), "menu")
    if not turn.understood.available:
        away = N_("I cannot read whole questions at the moment, so I searched by words. Is it one of these?")
        return [turn.reply(away, *choices, none)]
    return [turn.reply(N_("Did you mean one of these?"), *choices, none)]


async def unanswered(turn: Turn) -> list[Reply]:
    """Say so plainly, log the masked question for staff, and show what there is."""
    await _log(turn)
    sorry = N_(
        "I have no answer to this. I noted the question, without your name, so that staff can add one.\n\n"
        "You can choose a subject, or reach a person."
    )
    if not turn.understood.available:
        sorry = N_("I cannot read whole questions at the moment. The buttons work, and so do single words.")
    return [turn.reply(sorry, *starters(turn), turn.choice(N_("Reach a person"), "human_handoff"))]


async def _log(turn: Turn) -> None:
    best = turn.understood.ranking[0] if turn.understood.ranking else turn.understood.intent
    row = {
        "lang": turn.lang,
        "text": mask(turn.text),
        "best": best.name,
        "confidence": best.confidence,
        "at": turn.at,
    }
    await turn.tx.execute(insert(UnansweredRow).values(row))
