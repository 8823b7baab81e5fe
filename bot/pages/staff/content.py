"""The answers of the chatbot: which are due for a review, what each says in both languages, and who changed it."""

from dataclasses import dataclass
from datetime import date

from fastapi import Request
from fastapi.responses import Response

from bot import nlu
from bot.pages.rendering import lang_of
from bot.pages.staff.gate import Parts, Reading, console, router
from flows import answering
from flows.answering import Desk, Freshness, Override, Ratings, Tally, doubt, freshness, ratings
from flows.city import Both, day
from flows.messages import clean
from flows.topics import AnswerText, Topic
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
    """An answer in a list. `has_proposal`: a text waits to be put to use."""

    name: str
    title: str
    state: Freshness
    review_by: date
    as_of: str
    sources: int
    rated: Tally
    override: Override | None
    has_proposal: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """The page of all answers.

    Those on which staff have to decide; those that are due, the longest due first; those with most votes against them.
    """

    to_decide: list[Listed]
    due: list[Listed]
    unhelpful: list[Listed]
    all: list[Listed]


@dataclass(frozen=True, slots=True)
class OneAnswer:
    """The page of one answer. `parts`: the wording of each part with its text by language.

    `examples`: how many the training files have of what people say for it.
    """

    desk: Desk
    topic: Topic
    title: str
    state: Freshness
    parts: list[tuple[str, dict[Lang, str]]]
    doubts: dict[Lang, str | None]
    ratings: Ratings
    examples: dict[Lang, int]


def parts_of(text: AnswerText) -> list[tuple[str, dict[Lang, str]]]:
    """Each part of an answer that is written: its wording, and the text by language."""
    texts: list[tuple[str, Both | None]] = [(wording, getattr(text, part)) for part, wording in PART_WORDING.items()]
    return [(wording, {lang: said.of(lang).strip() for lang in LANGS}) for wording, said in texts if said]


@router.get("/content")
async def show_answers(request: Request, session: Reading, damso: Parts) -> Response:
    lang, today = lang_of(request), day(damso.now())
    async with damso.db.transaction() as tx:
        in_use, overrides = await answering.topics_in_use(tx), await answering.overrides(tx)
        topics = sorted(in_use.values(), key=lambda topic: (topic.review_by, topic.title.of(lang)))
        rated, proposed = await ratings(tx, topics), await answering.waiting_proposals(tx)
    listed = [
        Listed(
            name=topic.name,
            title=topic.title.of(lang),
            state=freshness(topic, today),
            review_by=topic.review_by,
            as_of=topic.as_of,
            sources=len(topic.cited),
            rated=rated[topic.name].total,
            override=overrides.get(topic.name),
            has_proposal=topic.name in proposed,
        )
        for topic in topics
    ]
    to_decide = [answer for answer in listed if answer.has_proposal or (answer.override and answer.override.is_older)]
    due = [answer for answer in listed if answer.state is not Freshness.CURRENT]
    against = [answer for answer in listed if answer.rated.is_mostly_unhelpful]
    unhelpful = sorted(against, key=lambda answer: -answer.rated.unhelpful)
    return console(request, session, "staff/answers.html", view=Answers(to_decide, due, unhelpful, listed))


@router.get("/content/{name}")
async def show_answer(request: Request, name: str, session: Reading, damso: Parts) -> Response:
    today = day(damso.now())
    async with damso.db.transaction() as tx:
        desk = await answering.desk(tx, clean(name))
        topic = desk.in_use
        rated = await ratings(tx, [topic])
    view = OneAnswer(
        desk=desk,
        topic=topic,
        title=topic.title.of(lang_of(request)),
        state=freshness(topic, today),
        parts=parts_of(topic),
        doubts={lang: doubt(topic, today, lang) for lang in LANGS},
        ratings=rated[topic.name],
        examples={lang: len(nlu.examples().get((lang, topic.intent), ())) for lang in LANGS},
    )
    return console(request, session, "staff/answer.html", view=view)
