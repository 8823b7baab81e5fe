"""See and erase what is held about a citizen, across every slice."""

from flows.privacy.handlers import forget_me, my_data
from flows.privacy.rows import erase

__all__ = ["erase", "forget_me", "my_data"]
