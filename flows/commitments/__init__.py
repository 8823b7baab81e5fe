"""The action plan: commitments, milestones, progress updates, and what is overdue."""

from flows.commitments.plan import Planned, read_plan
from flows.commitments.rows import (
    UPDATE_MOST_CHARS,
    NoSuchCommitment,
    WrittenBefore,
    add_milestone,
    all_of,
    check_update,
    due_updates,
    finish_milestone,
    get,
    latest,
    load_plan,
    mark_published,
    set_status,
    upcoming,
    waiting,
    write_update,
)
from flows.commitments.values import Commitment, Milestone, Status, Update

__all__ = [
    "UPDATE_MOST_CHARS",
    "Commitment",
    "Milestone",
    "NoSuchCommitment",
    "Planned",
    "Status",
    "Update",
    "WrittenBefore",
    "add_milestone",
    "all_of",
    "check_update",
    "due_updates",
    "finish_milestone",
    "get",
    "latest",
    "load_plan",
    "mark_published",
    "read_plan",
    "set_status",
    "upcoming",
    "waiting",
    "write_update",
]
