"""From a published update to a message in a pocket, exactly accounted. Declares what a Sender is."""

from flows.delivering.digests import compile_digest, ready_rules, rule_fired
from flows.delivering.mailbox import Mailbox, mail_for, mail_kept
from flows.delivering.publishing import announce, publish, tell, untell, wake
from flows.delivering.sending import Outcome, Parcel, Sender, deliver_due, status

__all__ = [
    "Mailbox",
    "Outcome",
    "Parcel",
    "Sender",
    "announce",
    "compile_digest",
    "deliver_due",
    "mail_for",
    "mail_kept",
    "publish",
    "ready_rules",
    "rule_fired",
    "status",
    "tell",
    "untell",
    "wake",
]
