"""What staff do to a suggestion: the queue, the decision, the public answer."""

from flows.reviewing.asking import QUESTION_MOST_CHARS, ask_author
from flows.reviewing.assigning import assign, count_held, hand_over, release, take, take_next
from flows.reviewing.bulk import MOST_AT_ONCE, Act, Batch, act_on_all, rehearse
from flows.reviewing.contested import contested_decision_of, is_alone
from flows.reviewing.decision import ANSWER_MOST_CHARS, AnswerMissing, approve, checked, correct, decide
from flows.reviewing.files import hide_file, remove_file, show_file
from flows.reviewing.filters import SavedFilter, delete_filter, save_filter, saved_filters
from flows.reviewing.linking import link, linkable, linked, title_of, unlink
from flows.reviewing.looking import looking, what_changed
from flows.reviewing.merging import merge
from flows.reviewing.moderation import (
    ReasonMissing,
    bring_back,
    clear_flags,
    hide,
    moderate,
    translate,
)
from flows.reviewing.news import words_to_author
from flows.reviewing.notes import Note, add_note, erase_notes, notes
from flows.reviewing.redaction import redact
from flows.reviewing.second_reader import Proposal, proposed, send_back
from flows.reviewing.sorting import publish, sort_under_commitment, unpublish
from flows.reviewing.telling import tell_what_waits
from flows.reviewing.templates import (
    PLACEHOLDERS,
    Template,
    TemplateMoved,
    delete_template,
    filled,
    save_template,
    templates,
)
from flows.reviewing.views import View, Waiting, come_since, newest, views, waiting

__all__ = [
    "ANSWER_MOST_CHARS",
    "MOST_AT_ONCE",
    "PLACEHOLDERS",
    "QUESTION_MOST_CHARS",
    "Act",
    "AnswerMissing",
    "Batch",
    "Note",
    "Proposal",
    "ReasonMissing",
    "SavedFilter",
    "Template",
    "TemplateMoved",
    "View",
    "Waiting",
    "act_on_all",
    "add_note",
    "approve",
    "ask_author",
    "assign",
    "bring_back",
    "checked",
    "clear_flags",
    "come_since",
    "contested_decision_of",
    "correct",
    "count_held",
    "decide",
    "delete_filter",
    "delete_template",
    "erase_notes",
    "filled",
    "hand_over",
    "hide",
    "hide_file",
    "is_alone",
    "link",
    "linkable",
    "linked",
    "looking",
    "merge",
    "moderate",
    "newest",
    "notes",
    "proposed",
    "publish",
    "redact",
    "rehearse",
    "release",
    "remove_file",
    "save_filter",
    "save_template",
    "saved_filters",
    "send_back",
    "show_file",
    "sort_under_commitment",
    "take",
    "take_next",
    "tell_what_waits",
    "templates",
    "title_of",
    "translate",
    "unlink",
    "unpublish",
    "views",
    "waiting",
    "what_changed",
    "words_to_author",
]
