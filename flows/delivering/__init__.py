"""From a published update to a message in a pocket, exactly accounted. Declares what a Sender is."""

from flows.delivering.archive import Sent, SentKind, sent, sent_as
from flows.delivering.digests import compile_digest, ready_rules, rule_fired
from flows.delivering.importing import UPDATES_MOST_BYTES, import_updates
from flows.delivering.mailbox import Mailbox, mail_for, mail_kept
from flows.delivering.publishing import Button, act_of, announce, publish, take_out, tell, tell_all, untell, wake
from flows.delivering.sending import Outcome, Parcel, Sender, deliver_due, status

__all__ = [
    "UPDATES_MOST_BYTES",
    "Button",
    "Mailbox",
    "Outcome",
    "Parcel",
    "Sender",
    "Sent",
    "SentKind",
    "act_of",
    "announce",
    "compile_digest",
    "deliver_due",
    "import_updates",
    "mail_for",
    "mail_kept",
    "publish",
    "ready_rules",
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
