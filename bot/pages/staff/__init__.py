"""The staff console: suggestions, enquiries, questions to learn from, updates, commitments and answers to keep up to
date, the emergency notice, the accounts, the staff chats, and the audit log."""

from bot.pages.staff import (  # noqa: F401  # each adds its routes to the router
    accounts,
    announcement,
    audit,
    broadcasts,
    bulk,
    chats,
    content,
    editing,
    enquiries,
    figures,
    files,
    holding,
    indicators,
    intents,
    many_milestones,
    me,
    milestones,
    models,
    moves,
    plan,
    plan_files,
    plan_tasks,
    questions,
    queue,
    schedules,
    sign_in,
    suggestions,
    templates,
    update,
    updates,
)
from bot.pages.staff.gate import router

__all__ = ["router"]
