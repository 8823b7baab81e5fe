"""The action plan: commitments, milestones, progress updates, and what is overdue."""

from flows.commitments.plan import Planned, read_plan
from flows.commitments.rows import (
    NoSuchCommitment,
    add_milestone,
    all_of,
    due_updates,
    finish_milestone,
    get,
    latest,
    load_plan,
    mark_published,
    set_status,
    upcoming,
    updates_between,
    waiting,
    write_update,
)
from flows.commitments.values import Commitment, Milestone, Status, Update

__all__ = [
    "Commitment",
    "Milestone",
    "NoSuchCommitment",
    "Planned",
    "Status",
    "Update",
    "add_milestone",
    "all_of",
    "due_updates",
    "finish_milestone",
    "get",
    "latest",
    "load_plan",
    "mark_published",
    "read_plan",
    "set_status",
    "upcoming",
    "updates_between",
    "waiting",
    "write_update",
]
