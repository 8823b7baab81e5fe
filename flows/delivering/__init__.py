"""From a published update to a message in a pocket, exactly accounted. Declares what a Sender is."""

from flows.delivering.archive import Sent, SentKind, sent, sent_as
from flows.delivering.digests import compile_digest, ready_rules, rule_fired
from flows.delivering.importing import UPDATES_MOST_BYTES, import_updates
from flows.delivering.mailbox import Mailbox, mail_for, mail_kept
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
from flows.delivering.publishing import Button, act_of, announce, publish, take_out, tell, tell_all, untell, wake
from flows.delivering.recording import Policy
from flows.delivering.sending import IN_THE_AIR, deliver_due
from flows.delivering.slots import Slots

__all__ = [
    "BROADCASTS_SHOWN",
    "IN_THE_AIR",
    "REASONS",
    "STATES",
    "UPDATES_MOST_BYTES",
    "Broadcast",
    "Button",
    "Mailbox",
    "Outcome",
    "Parcel",
    "Policy",
    "Sender",
    "Sent",
    "SentKind",
    "Slots",
    "act_of",
    "announce",
    "broadcast",
    "broadcasts",
    "compile_digest",
    "deliver_due",
    "import_updates",
    "mail_for",
    "mail_kept",
    "pause",
    "publish",
    "ready_rules",
    "resume",
    "retry_failed",
    "rule_fired",
    "sent",
    "sent_as",
    "status",
    "take_out",
    "tell",
    "tell_all",
    "untell",
    "wake",
]
