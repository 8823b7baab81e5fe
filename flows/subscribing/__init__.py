"""Who follows what, how often they want to hear of it, and the hours in which nobody is disturbed."""

from flows.subscribing.handlers import follow_choice, name_of, subscribe, subscription_settings, unsubscribe
from flows.subscribing.quiet import next_decent_moment
from flows.subscribing.rows import (
    ALL,
    Follow,
    Frequency,
    about_commitment,
    about_suggestion,
    as_code,
    at_once,
    count_followers,
    follow_instead,
    follows_of,
    frequency_for,
    later,
    nearest_for,
)
from flows.subscribing.settings import (
    alert_langs,
    own_hours,
    own_times,
    read_settings,
    resumed,
    settings_of,
    times_come,
    unsettled,
)

__all__ = [
    "ALL",
    "Follow",
    "Frequency",
    "as_code",
    "follow_choice",
    "followers",
    "follows_of",
    "frequency_for",
    "name_of",
    "next_decent_moment",
    "subscribe",
    "subscription_settings",
    "unsubscribe",
]
