"""The staff console: suggestions, enquiries, questions to learn from, updates, commitments and answers to keep up to
date, and the emergency notice."""

from bot.pages.staff import (  # noqa: F401  # each adds its routes to the router
    announcement,
    content,
    enquiries,
    models,
    plan,
    questions,
    sign_in,
    suggestions,
    updates,
)
from bot.pages.staff.gate import router

__all__ = ["router"]
