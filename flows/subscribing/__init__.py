"""Who follows what, how often and when they want to hear of it, and the hours in which nobody is disturbed."""

from flows.subscribing.changing import subscription_settings, wished
from flows.subscribing.handlers import follow_choice, subscribe, unsubscribe, welcome_back
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
    later,
    nearest_for,
)
from flows.subscribing.saying import name_of, said_settings
from flows.subscribing.settings import (
    Before,
    alert_langs,
    before_of,
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
    "Before",
    "Follow",
    "Frequency",
    "about_commitment",
    "about_suggestion",
    "alert_langs",
    "as_code",
    "at_once",
    "before_of",
    "count_followers",
    "follow_choice",
    "follow_instead",
    "follows_of",
    "later",
    "name_of",
    "nearest_for",
    "next_decent_moment",
    "own_hours",
    "own_times",
    "read_settings",
    "resumed",
    "said_settings",
    "settings_of",
    "subscribe",
    "subscription_settings",
    "times_come",
    "unsettled",
    "unsubscribe",
    "welcome_back",
    "wished",
]
