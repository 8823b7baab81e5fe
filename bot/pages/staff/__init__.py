"""The staff console: suggestions, enquiries, questions to learn from, updates, commitments and answers to keep up to
date, the emergency notice, the accounts, the staff chats, and the audit log."""

from bot.pages.staff import (  # noqa: F401  # each adds its routes to the router
    accounts,
    announcement,
    audit,
    bulk,
    chats,
    content,
    editing,
    enquiries,
    figures,
    files,
    holding,
    intents,
    me,
    models,
    plan,
    questions,
    queue,
    sign_in,
    suggestions,
    templates,
    updates,
)
from bot.pages.staff.gate import router

__all__ = ["router"]
