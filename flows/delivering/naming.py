"""What the telling of a notice is called, for staff: its kind in words, and what it tells of; no words of citizens."""

from flows.city import day
from flows.store.tables.delivering import NoticeRow
from flows.wording import N_, Lang, text, written_date

TO_MANY = ("update", "correction", "digest")
UPDATES = {"update": N_("Progress update"), "correction": N_("Correction")}
DIGESTS = {"weekly": N_("Weekly digest"), "monthly": N_("Monthly digest")}
OWN_DIGESTS = {
    "weekly": N_("Weekly digest at own times"),
    "monthly": N_("Monthly digest at own times"),
    "held": N_("Digest after a pause"),
}
ANSWERS = {"enquiry": N_("Answer to a question to the staff"), "draft": N_("Reminder of a draft")}
OTHERS = {
    "answer": N_("Message about a suggestion"),
    "suggestion": N_("News of a suggestion for its followers"),
    "test": N_("Test of an update"),
    "staff": N_("Message to the staff chats"),
}


def kind_of(notice: NoticeRow, lang: Lang) -> str:
    """The kind in words, which gives away nothing of anybody's."""
    head = notice.subject.partition("/")[0]
    match notice.kind:
        case "update" | "correction":
            msgid = UPDATES[notice.kind]
        case "digest":
            msgid = (DIGESTS if notice.since else OWN_DIGESTS).get(head, N_("Digest"))
        case "answer" if head in ANSWERS:
            msgid = ANSWERS[head]
        case _:
            msgid = OTHERS[notice.kind]
    return text(lang, msgid)


def name_of(notice: NoticeRow, lang: Lang) -> str:
    """The kind in words, and the one it is: `Progress update KRGNJ0001/3`."""
    return f"{kind_of(notice, lang)} {_which(notice, lang)}".strip()


def open_name_of(notice: NoticeRow, lang: Lang) -> str:
    """As it may stand where nobody knows who reads along: no receipt."""
    return (name_of if notice.kind in TO_MANY else kind_of)(notice, lang)


def _which(notice: NoticeRow, lang: Lang) -> str:
    head, *rest = notice.subject.split("/")
    match notice.kind:
        case "update" | "correction":
            return notice.subject
        case "digest":
            return written_date(lang, str(day(notice.created_at)))
        case "test":
            return f"{head}/{rest[0]}"
        case "answer" if head == "enquiry":
            return rest[0]
        case "answer" | "suggestion" if head not in ANSWERS:
            return head
    return ""
