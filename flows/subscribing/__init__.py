"""Who follows what, how often they want to hear of it, and the hours in which nobody is disturbed."""

from flows.subscribing.handlers import follow_choice, subscribe, subscription_settings, unsubscribe
from flows.subscribing.quiet import QUIET, Quiet, next_decent_moment
from flows.subscribing.rows import ALL, Follow, Frequency, follow, followers, follows_of, frequency_for

__all__ = [
    "ALL",
    "QUIET",
    "Follow",
    "Frequency",
    "Quiet",
    "follow",
    "follow_choice",
    "followers",
    "follows_of",
    "frequency_for",
    "next_decent_moment",
    "subscribe",
    "subscription_settings",
    "unsubscribe",
]
