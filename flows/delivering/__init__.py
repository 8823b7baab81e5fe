"""From a published update to a message in a pocket, exactly accounted. Declares what a Sender is."""

from flows.delivering.digests import compile_digest, digests_due, ready_rules, rule_fired
from flows.delivering.mailbox import Mailbox, mail_for, mail_kept
from flows.delivering.publishing import (
    Button,
    act_of,
    announce,
    publish,
    take_out,
    tell,
    tell_all,
    tell_followers,
    untell,
    wake,
)
from flows.delivering.sending import Outcome, Parcel, Sender, deliver_due, status

__all__ = [
    "Button",
    "Mailbox",
    "Outcome",
    "Parcel",
    "Sender",
    "act_of",
    "announce",
    "compile_digest",
    "deliver_due",
    "digests_due",
    "mail_for",
    "mail_kept",
    "publish",
    "ready_rules",
    "rule_fired",
    "status",
    "take_out",
    "tell",
    "tell_all",
    "tell_followers",
    "untell",
    "wake",
]
