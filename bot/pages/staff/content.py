"""The answers of the chatbot: which are due for a review, and what each says in both languages."""

from dataclasses import dataclass
from datetime import date

from fastapi import Request
from fastapi.responses import Response

from bot.pages.rendering import lang_of
from bot.pages.staff.gate import Parts, Reading, console, router
from flows.answering import Freshness, NoSuchTopic, Ratings, Tally, Topic, doubt, freshness, ratings, read_topics
from flows.city import day
from flows.messages import clean
from flows.wording import LANGS, N_, Lang

PART_WORDING = {
    "answer": N_("Answer"),
    "plain": N_("In plain words"),
    "more": N_("Tell me more"),
    "when": N_("When?"),
    "who": N_("Who?"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """An answer in a list."""

    name: str
    title: str
    state: Freshness
    review_by: date
    as_of: str
    sources: int
    rated: Tally


@dataclass(frozen=True, slots=True)
class Answers:
    """The page of all answers; those that are due, the longest due first; those with most votes against them."""

    due: list[Listed]
    unhelpful: list[Listed]
    all: list[Listed]


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """The page of one answer. `parts`: the wording of each part with its text by language."""

    topic: Topic
    title: str
    state: Freshness
    parts: list[tuple[str, dict[Lang, str]]]
    doubts: dict[Lang, str | None]
    ratings: Ratings


@router.get("/content")
async def show_answers(request: Request, session: Reading, damso: Parts) -> Response:
    lang, today = lang_of(request), day(damso.now())
    topics = sorted(read_topics().values(), key=lambda topic: (topic.review_by, topic.title.of(lang)))
    async with damso.db.transaction() as tx:
        rated = await ratings(tx, topics)
    listed = [
        Listed(
            name=topic.name,
            title=topic.title.of(lang),
            state=freshness(topic, today),
            review_by=topic.review_by,
            as_of=topic.as_of,
            sources=len(topic.cited),
            rated=rated[topic.name].total,
        )
        for topic in topics
    ]
    due = [answer for answer in listed if answer.state is not Freshness.CURRENT]
    against = [answer for answer in listed if answer.rated.is_mostly_unhelpful]
    unhelpful = sorted(against, key=lambda answer: -answer.rated.unhelpful)
    return console(request, session, "staff/answers.html", view=Answers(due, unhelpful, listed))


@router.get("/content/{name}")
async def show_answer(request: Request, name: str, session: Reading, damso: Parts) -> Response:
    topic, today = read_topics().get(name), day(damso.now())
    if topic is None:
        raise NoSuchTopic(topic=clean(name))
    async with damso.db.transaction() as tx:
        rated = await ratings(tx, [topic])
    texts = [(wording, getattr(topic, part)) for part, wording in PART_WORDING.items()]
    view = OneAnswer(
        topic=topic,
        title=topic.title.of(lang_of(request)),
        state=freshness(topic, today),
        parts=[(wording, {lang: text.of(lang).strip() for lang in LANGS}) for wording, text in texts if text],
        doubts={lang: doubt(topic, today, lang) for lang in LANGS},
        ratings=rated[name],
    )
    return console(request, session, "staff/answer.html", view=view)
