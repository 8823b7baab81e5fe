"""From a published update to a message in a pocket, exactly accounted. Declares what a Sender is."""

from flows.delivering.archive import Sent, SentKind, sent, sent_as
from flows.delivering.digests import compile_digest, gather
from flows.delivering.forecast import Forecast, end_of_sending, forecast
from flows.delivering.importing import UPDATES_MOST_BYTES, import_updates
from flows.delivering.mailbox import Mailbox, mail_for, mail_kept
from flows.delivering.news import digest_line
from flows.delivering.parcels import Outcome, Parcel, Sender
from flows.delivering.progress import (
    BROADCASTS_SHOWN,
    REASONS,
    STATES,
    Broadcast,
    broadcast,
    broadcasts,
    pause,
    resume,
    retry_failed,
    status,
)
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
from flows.delivering.recording import Policy
from flows.delivering.sending import IN_THE_AIR, deliver_due
from flows.delivering.slots import Slots
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
    "BROADCASTS_SHOWN",
    "IN_THE_AIR",
    "REASONS",
    "STATES",
    "UPDATES_MOST_BYTES",
    "Broadcast",
    "Button",
    "Forecast",
    "Mailbox",
    "Outcome",
    "Parcel",
    "Policy",
    "Sender",
    "Sent",
    "SentKind",
    "Slots",
    "TrialChat",
    "act_of",
    "announce",
    "broadcast",
    "broadcasts",
    "compile_digest",
    "correct",
    "deliver_due",
    "digest_line",
    "end_of_sending",
    "expire",
    "forecast",
    "gather",
    "import_updates",
    "mail_for",
    "mail_kept",
    "pause",
    "publish",
    "release",
    "resume",
    "retry_failed",
    "send_trial",
    "sent",
    "sent_as",
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
