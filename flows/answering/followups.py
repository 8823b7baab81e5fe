"""Short questions about what was just said: more, where from, when, who."""

from flows.answering.content import Topic, read_topics
from flows.answering.talk import menu
from flows.answering.topics_said import related, with_doubt
from flows.city import Both
from flows.messages import Reply, Turn
from flows.wording import N_


async def more_detail(turn: Turn) -> list[Reply]:
    topic = _last(turn)
    return await menu(turn) if topic is None else [_said(turn, topic, topic.more)]


async def ask_when(turn: Turn) -> list[Reply]:
    topic = _last(turn)
    return await menu(turn) if topic is None else [_said(turn, topic, topic.when or topic.answer)]


async def ask_who(turn: Turn) -> list[Reply]:
    topic = _last(turn)
    return await menu(turn) if topic is None else [_said(turn, topic, topic.who or topic.answer)]


async def ask_source(turn: Turn) -> list[Reply]:
    """Every source of the last answer, with its date and address."""
    topic = _last(turn)
    if topic is None:
        return await menu(turn)
    lines = [
        turn.say(N_("· {title}, as of {date}"), title=source.title, date=turn.date(source.as_of))
        + (f"\n  {source.url}" if source.url else "")
        for source in topic.cited
    ]
    head = turn.say(N_("Sources of “{title}”:"), title=topic.title.of(turn.lang))
    said = with_doubt(turn, topic, "\n".join([head, *lines]))
    return [Reply(said, tuple(related(turn, topic)), topic.name)]


def _last(turn: Turn) -> Topic | None:
    return read_topics().get(turn.topic or "")


def _said(turn: Turn, topic: Topic, part: Both | None) -> Reply:
    said = part.of(turn.lang).strip() if part else turn.say(N_("That is all our material says on this."))
    return Reply(with_doubt(turn, topic, said), tuple(related(turn, topic)), topic.name, topic.cited)
