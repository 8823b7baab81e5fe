"""The staff console: suggestions, questions to learn from, updates, and commitments and answers to keep up to date."""

from bot.pages.staff import (  # noqa: F401  # each adds its routes to the router
    content,
    plan,
    questions,
    sign_in,
    suggestions,
    updates,
)
from bot.pages.staff.gate import router

__all__ = ["router"]
