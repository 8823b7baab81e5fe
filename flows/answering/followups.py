"""Short questions about what was just said: more, in plain words, where from, when, who."""

from flows.answering.rating import rating
from flows.answering.talk import starters
from flows.answering.topics_said import answer_plainly, ask, cited_line, plain_choice, related, with_doubt
from flows.answering.unsure import likely_topic, second_thoughts
from flows.city import Both
from flows.messages import Reply, Turn, UnknownChoice
from flows.topics import Topic
from flows.wording import N_


async def more_detail(turn: Turn) -> list[Reply]:
    topic = _last(turn)
    return _nothing_said(turn) if topic is None else [_said(turn, topic, topic.more)]


async def plain_language(turn: Turn) -> list[Reply]:
    """`plain_language:<topic>`, so that a button under an older answer is about that one.

    In words: the topic that they name, else the last answer; or all answers from now on, or no longer.
    """
    lasting = {value for entity, value in turn.understood.entities if entity == "lasting"}
    if "no_more" in lasting:
        return [_from_now_on(turn, plain=False)]
    kept = [_from_now_on(turn, plain=True)] if "always" in lasting else []
    name = ":".join(turn.args) if turn.args else turn.understood.entity("topic") or likely_topic(turn)
    topic = _last(turn) if name is None else turn.topics.get(name)
    if topic is None and turn.args:
        raise UnknownChoice
    if topic is None:
        return kept or [_how_to_ask_plainly(turn)]
    if topic.plain is None:
        return [*kept, _not_in_plain_words_yet(turn, topic)]
    return [*kept, *await answer_plainly(turn, topic, topic.plain)]


async def words(turn: Turn) -> list[Reply]:
    """`words:plain` or `words:full`, from now on."""
    if turn.args not in (("plain",), ("full",)):
        raise UnknownChoice
    return [_from_now_on(turn, plain=turn.args == ("plain",))]


def _from_now_on(turn: Turn, *, plain: bool) -> Reply:
    turn.plain = plain
    said = N_("From now on I will answer in plain words.") if plain else N_("From now on I will give full answers.")
    return turn.reply(said, plain_choice(turn), *starters(turn))


def _how_to_ask_plainly(turn: Turn) -> Reply:
    how = N_(
        "I can say an answer again in plain words: in short sentences and common words.\n\n"
        "First ask a question or choose a subject. Then write “easy”."
    )
    return turn.reply(how, plain_choice(turn), *starters(turn))


def _not_in_plain_words_yet(turn: Turn, topic: Topic) -> Reply:
    sorry = N_("This answer has not been written in plain words yet. You can ask a person about it.")
    person = turn.choice(N_("Reach a person"), "human_handoff")
    turn.topic = topic.name
    return Reply(turn.say(sorry), (person, ask(turn, topic.name), *related(turn, topic)), topic.name)


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
    return turn.topics.get(turn.topic or "")


def _said(turn: Turn, topic: Topic, part: Both | None) -> Reply:
    if part is None:
        nothing = turn.say(N_("That is all our material says on this."))
        return Reply(with_doubt(turn, topic, nothing), tuple(related(turn, topic)), topic.name, topic.cited)
    choices = (*related(turn, topic), *rating(turn, topic))
    return Reply(with_doubt(turn, topic, part.of(turn.lang).strip()), choices, topic.name, topic.cited)
