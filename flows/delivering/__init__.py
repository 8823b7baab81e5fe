"""From a published update to a message in a pocket, exactly accounted. Declares what a Sender is."""

from flows.delivering.digests import compile_digest, gather
from flows.delivering.forecast import Forecast, end_of_sending, forecast
from flows.delivering.mailbox import Mailbox, mail_for, mail_kept
from flows.delivering.news import digest_line
from flows.delivering.publishing import (
    Button,
    act_of,
    announce,
    correct,
    expire,
    publish,
    release,
    take_out,
    tell,
    tell_all,
    untell,
    wake,
)
from flows.delivering.sending import Outcome, Parcel, Sender, deliver_due, status
from flows.delivering.trials import (
    TrialChat,
    send_trial,
    told,
    trial_chat,
    trial_chat_of,
    trial_code,
    unlink_trial_chat,
)

__all__ = [
    "Button",
    "Forecast",
    "Mailbox",
    "Outcome",
    "Parcel",
    "Sender",
    "TrialChat",
    "act_of",
    "announce",
    "compile_digest",
    "correct",
    "deliver_due",
    "digest_line",
    "end_of_sending",
    "expire",
    "forecast",
    "gather",
    "mail_for",
    "mail_kept",
    "publish",
    "release",
    "send_trial",
    "status",
    "take_out",
    "tell",
    "tell_all",
    "told",
    "trial_chat",
    "trial_chat_of",
    "trial_code",
    "unlink_trial_chat",
    "untell",
    "wake",
]
