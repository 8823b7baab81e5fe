"""Short questions about what was just said: more, in plain words, where from, when, who."""

from flows.answering.content import Topic, read_topics
from flows.answering.rating import rating
from flows.answering.talk import starters
from flows.answering.topics_said import answer_plainly, ask, cited_line, related, with_doubt
from flows.answering.unsure import second_thoughts
from flows.city import Both
from flows.messages import Reply, Turn, UnknownChoice
from flows.wording import N_


async def more_detail(turn: Turn) -> list[Reply]:
    topic = _last(turn)
    return _nothing_said(turn) if topic is None else [_said(turn, topic, topic.more)]


async def plain_language(turn: Turn) -> list[Reply]:
    """`plain_language:<topic>`, so that a button under an older answer is about that one; in words: the last answer."""
    name = ":".join(turn.args) if turn.args else turn.understood.entity("topic")
    topic = _last(turn) if name is None else read_topics().get(name)
    if topic is None and turn.args:
        raise UnknownChoice
    if topic is None:
        how = N_(
            "I can say an answer again in plain words: in short sentences and common words.\n\n"
            "First ask a question or choose a subject. Then write “easy”."
        )
        return [turn.reply(how, *starters(turn))]
    if topic.plain is None:
        sorry = N_("This answer has not been written in plain words yet. You can ask a person about it.")
        person = turn.choice(N_("Reach a person"), "human_handoff")
        turn.topic = topic.name
        return [Reply(turn.say(sorry), (person, ask(turn, topic.name), *related(turn, topic)), topic.name)]
    return await answer_plainly(turn, topic, topic.plain)


async def ask_when(turn: Turn) -> list[Reply]:
    topic = _last(turn)
    return _nothing_said(turn) if topic is None else [_said(turn, topic, topic.when or topic.answer)]


async def ask_who(turn: Turn) -> list[Reply]:
    topic = _last(turn)
    return _nothing_said(turn) if topic is None else [_said(turn, topic, topic.who or topic.answer)]


async def ask_source(turn: Turn) -> list[Reply]:
    """Every source of the last answer, with its date and address."""
    topic = _last(turn)
    if topic is None:
        return _nothing_said(turn)
    lines = [cited_line(source, turn.lang) for source in topic.cited]
    head = turn.say(N_("Sources of “{title}”:"), title=topic.title.of(turn.lang))
    said = with_doubt(turn, topic, "\n".join([head, *lines]))
    return [Reply(said, tuple(related(turn, topic)), topic.name)]


def _nothing_said(turn: Turn) -> list[Reply]:
    """There is no last answer to ask on about: the words may have meant a subject."""
    which = N_("What is your question about? Please choose a subject, or name it in your question.")
    return [turn.reply(which, *second_thoughts(turn), *starters(turn))]


def _last(turn: Turn) -> Topic | None:
    return read_topics().get(turn.topic or "")


def _said(turn: Turn, topic: Topic, part: Both | None) -> Reply:
    if part is None:
        nothing = turn.say(N_("That is all our material says on this."))
        return Reply(with_doubt(turn, topic, nothing), tuple(related(turn, topic)), topic.name, topic.cited)
    choices = (*related(turn, topic), *rating(turn, topic))
    return Reply(with_doubt(turn, topic, part.of(turn.lang).strip()), choices, topic.name, topic.cited)
