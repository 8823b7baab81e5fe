"""From a published update to a message in a pocket, exactly accounted. Declares what a Sender is."""

from flows.delivering.digests import compile_digest, ready_rules, rule_fired
from flows.delivering.mailbox import Mailbox, mail_for, mail_kept
from flows.delivering.publishing import Button, act_of, announce, publish, take_out, tell, tell_all, untell, wake
from flows.delivering.sending import Outcome, Parcel, Sender, deliver_due, status
from flows.delivering.staff_chats import (
    CODE_LASTS,
    StaffChat,
    StaffCodeOver,
    close_staff_chat,
    forget_staff_chat,
    is_staff_chat,
    join_staff_chat,
    last_told_staff,
    new_staff_code,
    staff_chats,
    tell_staff,
)

__all__ = [
    "CODE_LASTS",
    "Button",
    "Mailbox",
    "Outcome",
    "Parcel",
    "Sender",
    "StaffChat",
    "StaffCodeOver",
    "act_of",
    "announce",
    "close_staff_chat",
    "compile_digest",
    "deliver_due",
    "forget_staff_chat",
    "is_staff_chat",
    "join_staff_chat",
    "last_told_staff",
    "mail_for",
    "mail_kept",
    "new_staff_code",
    "publish",
    "ready_rules",
    "rule_fired",
    "staff_chats",
    "status",
    "take_out",
    "tell",
    "tell_all",
    "tell_staff",
    "untell",
    "wake",
]
