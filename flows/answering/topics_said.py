"""A topic becomes a reply."""

from flows import commitments, indicators
from flows.answering.freshness import doubt
from flows.answering.live import state_of, today
from flows.answering.rating import rating
from flows.city import Both
from flows.messages import Choice, Reply, Turn, UnknownChoice
from flows.subscribing import follow_choice
from flows.topics import Source, Topic
from flows.wording import N_, Lang, text, written_date


async def answer_topic(turn: Turn, name: str) -> list[Reply]:
    """The answer of one topic, and its figures if it has any.

    Status and milestones of its commitments, and the figures, come from the database at this moment.
    """
    topic = turn.topics.get(name)
    if topic is None:
        raise UnknownChoice
    if topic.plain and (turn.plain or turn.understood.entity("manner") == "plain"):
        answer = await answer_plainly(turn, topic, topic.plain)
    else:
        answer = await _answer_fully(turn, topic)
    return [*answer, *await indicators.under(turn, name)]


async def full_answer(turn: Turn) -> list[Reply]:
    """`full_answer:<topic>`: for once the whole of it, from somebody who asked for plain words in every answer."""
    topic = turn.topics.get(":".join(turn.args))
    if topic is None:
        raise UnknownChoice
    return await _answer_fully(turn, topic)


async def _answer_fully(turn: Turn, topic: Topic) -> list[Reply]:
    more = [turn.choice(N_("Tell me more"), "more_detail")] if topic.more else []
    if topic.plain:
        more.append(turn.choice(N_("In plain words"), f"plain_language:{topic.name}"))
    return [await _edition(turn, topic, topic.answer, more)]


async def answer_plainly(turn: Turn, topic: Topic, plain: Both) -> list[Reply]:
    """The same answer in its plain edition, with the way back to the full one."""
    full = turn.choice(N_("The full answer"), f"{'full_answer' if turn.plain else 'ask'}:{topic.name}")
    return [await _edition(turn, topic, plain, [full, plain_choice(turn)])]


def plain_choice(turn: Turn) -> Choice:
    """The button that makes plain words the rule, or ends it."""
    if turn.plain:
        return turn.choice(N_("No longer in plain words"), "words:full")
    return turn.choice(N_("Always in plain words"), "words:plain")


async def _edition(turn: Turn, topic: Topic, words: Both, first: list[Choice]) -> Reply:
    """All that an edition of an answer has beside its words; `first`: the buttons to the other parts of the topic."""
    paragraphs = [words.of(turn.lang).strip()]
    follows: list[Choice] = []
    if topic.commitments:
        plan = await commitments.all_of(turn.tx, topic.commitments)
        follows = [follow_choice(turn, c) for c in plan]
        if topic.live:
            paragraphs += [state_of(turn, c) for c in plan]
    turn.topic = topic.name
    suggest = [turn.choice(N_("Make a suggestion"), "submit_suggestion:start")] if topic.takes_suggestions else []
    return Reply(
        with_doubt(turn, topic, "\n\n".join(paragraphs)),
        (*suggest, *first, *follows, *related(turn, topic), *rating(turn, topic)),
        topic.name,
        topic.cited,
    )


def with_doubt(turn: Turn, topic: Topic, said: str) -> str:
    """`said` of a topic, with a line at its end when nobody has checked the topic in time."""
    line = doubt(topic, today(turn), turn.lang)
    return f"{said}\n\n{line}" if line else said


def cited_line(source: Source, lang: Lang) -> str:
    """A source with its date and address, as a line of a list."""
    said = text(lang, N_("· {title}, as of {date}"), title=source.title, date=written_date(lang, source.as_of))
    return said + (f"\n  {source.url}" if source.url else "")


def related(turn: Turn, topic: Topic) -> list[Choice]:
    """Buttons to the topics beside this one."""
    return [ask(turn, name) for name in topic.related]


def ask(turn: Turn, name: str) -> Choice:
    """The button that asks a topic."""
    return Choice(turn.topics[name].title.of(turn.lang), f"ask:{name}")
