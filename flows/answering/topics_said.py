"""A topic becomes a reply."""

from flows import commitments
from flows.answering.content import Topic, read_topics
from flows.answering.freshness import doubt
from flows.answering.live import state_of, today
from flows.messages import Choice, Reply, Turn, UnknownChoice
from flows.subscribing import follow_choice
from flows.wording import N_


async def answer_topic(turn: Turn, name: str) -> list[Reply]:
    """The answer of one topic; status and milestones of its commitments come from the database at this moment."""
    topic = read_topics().get(name)
    if topic is None:
        raise UnknownChoice
    paragraphs = [topic.answer.of(turn.lang).strip()]
    follows: list[Choice] = []
    if topic.commitments:
        plan = await commitments.all_of(turn.tx, topic.commitments)
        follows = [follow_choice(turn, c) for c in plan]
        if topic.live:
            paragraphs += [state_of(turn, c) for c in plan]
    turn.topic = name
    more = [turn.choice(N_("Tell me more"), "more_detail")] if topic.more else []
    if topic.takes_suggestions:
        more.insert(0, turn.choice(N_("Make a suggestion"), "submit_suggestion:start"))
    return [
        Reply(
            with_doubt(turn, topic, "\n\n".join(paragraphs)),
            (*more, *follows, *related(turn, topic)),
            name,
            topic.cited,
        )
    ]


def with_doubt(turn: Turn, topic: Topic, said: str) -> str:
    """`said` of a topic, with a line at its end when nobody has checked the topic in time."""
    line = doubt(topic, today(turn), turn.lang)
    return f"{said}\n\n{line}" if line else said


def related(turn: Turn, topic: Topic) -> list[Choice]:
    """Buttons to the topics beside this one."""
    return [ask(turn, name) for name in topic.related]


def ask(turn: Turn, name: str) -> Choice:
    """The button that asks a topic."""
    return Choice(read_topics()[name].title.of(turn.lang), f"ask:{name}")
