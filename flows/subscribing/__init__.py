"""Who follows what, how often they want to hear of it, and the hours in which nobody is disturbed."""

from flows.subscribing.handlers import follow_choice, name_of, subscribe, subscription_settings, unsubscribe
from flows.subscribing.quiet import QUIET, next_decent_moment
from flows.subscribing.rows import ALL, Follow, Frequency, as_code, followers, follows_of, follows_of_all, frequency_for

__all__ = [
    "ALL",
    "QUIET",
    "Follow",
    "Frequency",
    "as_code",
    "follow_choice",
    "followers",
    "follows_of",
    "follows_of_all",
    "frequency_for",
    "name_of",
    "next_decent_moment",
    "subscribe",
    "subscription_settings",
    "unsubscribe",
]
