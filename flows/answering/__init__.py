"""The bilingual answers with their sources and dates, follow-ups, search, and the log of what had no answer."""

from flows.answering.checking import check_content
from flows.answering.content import Topic, read_topics
from flows.answering.followups import ask_source, ask_when, ask_who, more_detail
from flows.answering.freshness import Freshness, doubt, freshness
from flows.answering.learning import (
    Group,
    QuestionState,
    accept,
    accepted_examples,
    count_questions,
    dismiss,
    forget_questions,
    intents,
    label,
    list_questions,
    reject,
)
from flows.answering.live import commitment_status, latest_updates, list_commitments, upcoming_milestones
from flows.answering.reviews import NoSuchTopic, record_reviews
from flows.answering.search import load_topics
from flows.answering.talk import (
    affirm,
    bot_identity,
    complain_bot,
    deny,
    goodbye,
    greet,
    human_handoff,
    menu,
    out_of_scope,
    thank,
)
from flows.answering.topics_said import answer_topic
from flows.answering.unsure import offer

__all__ = [
    "Freshness",
    "Group",
    "NoSuchTopic",
    "QuestionState",
    "Topic",
    "accept",
    "accepted_examples",
    "affirm",
    "answer_topic",
    "ask_source",
    "ask_when",
    "ask_who",
    "bot_identity",
    "check_content",
    "commitment_status",
    "complain_bot",
    "count_questions",
    "deny",
    "dismiss",
    "doubt",
    "forget_questions",
    "freshness",
    "goodbye",
    "greet",
    "human_handoff",
    "intents",
    "label",
    "latest_updates",
    "list_commitments",
    "list_questions",
    "load_topics",
    "menu",
    "more_detail",
    "offer",
    "out_of_scope",
    "read_topics",
    "record_reviews",
    "reject",
    "thank",
    "upcoming_milestones",
]
