"""The staff console: suggestions to answer, updates to publish, commitments to keep up to date."""

from bot.pages.staff import plan, sign_in, suggestions, updates  # noqa: F401  # each adds its routes to the router
from bot.pages.staff.gate import router

__all__ = ["router"]
