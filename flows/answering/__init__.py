"""The bilingual answers with their sources and dates, follow-ups, search, and the log of what had no answer."""

from flows.answering.content import read_topics
from flows.answering.followups import ask_source, ask_when, ask_who, more_detail
from flows.answering.live import commitment_status, latest_updates, list_commitments, upcoming_milestones
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
    "affirm",
    "answer_topic",
    "ask_source",
    "ask_when",
    "ask_who",
    "bot_identity",
    "commitment_status",
    "complain_bot",
    "deny",
    "goodbye",
    "greet",
    "human_handoff",
    "latest_updates",
    "list_commitments",
    "menu",
    "more_detail",
    "offer",
    "out_of_scope",
    "read_topics",
    "thank",
    "upcoming_milestones",
]
