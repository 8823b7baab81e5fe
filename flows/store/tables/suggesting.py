"""What citizens suggest, who supports it, what it carries, and all that happened to it."""

from datetime import datetime

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import ForeignKey, Index, TextClause, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import String

from flows.store.tables import Base

MEANING_NUMBERS, SUBJECT_NUMBERS = 512, 512
# In plain words and not as parameters, so that PostgreSQL sees that an index is for it.
IS_PUBLIC = "published_at IS NOT NULL AND status NOT IN ('withdrawn', 'hidden')"
FILTERS = ["status", "theme", "district", "commitment"]  # of the public list, so that it needs no rows to filter them
# The words of what is public. An index of its own: beside the bare condition, PostgreSQL, which takes looking into the
# words of a row for cheap, would read the whole list instead. As PostgreSQL writes it, so that Alembic knows it again.
PUBLIC_WORDS = """(
CASE
    WHEN published_at IS NOT NULL AND (status <> ALL (ARRAY['withdrawn', 'hidden'])) THEN words
    ELSE NULL
END)"""
IS_ALIKE = "published_at IS NOT NULL AND status NOT IN ('withdrawn', 'hidden', 'merged')"
IS_ANSWERED = "(status <> ALL (ARRAY['received', 'in_review', 'author_asked']))"
IS_WAITING = "status IN ('received', 'in_review')"
IS_FLAGGED = "flags <> '{}'"
# When an answer is owed; what supporters were promised comes a century before, and last what nobody waits for.
URGENCY = (
    "COALESCE((due_at AT TIME ZONE 'UTC'::text) - (promised_at IS NOT NULL)::integer::double precision "
    "* '100 years'::interval, 'infinity'::timestamp without time zone)"
)
IS_TO_ENCODE = "NOT encoded AND text <> ''"


# What the orders of the public list sort by, before the id.
ORDERS: dict[str, list[str | TextClause]] = {"public": [], "supports": ["supports"], "waiting": [text(IS_ANSWERED)]}


def _listed(order: str, *by: str) -> Index:
    """An index that has the public list in this order; `by` one filter, where what fits it may be far apart."""
    name, rest = "_".join(("ix_suggestions", order, *by)), [it for it in FILTERS if it not in by]
    return Index(name, *by, *ORDERS[order], "id", postgresql_where=IS_PUBLIC, postgresql_include=rest)


class SuggestionRow(Base):
    """A confirmed suggestion, its text masked. `citizen_id` is emptied when the citizen erases their data.

    `shown_text` is what the public reads where staff had to moderate it; `text` stays, so that this can be undone.
    `translation` is in the language that `lang` is not. Public from `published_at` on, but not while the state hides
    it. `due_at` is when staff owe the answer, or its author theirs (`author_asked`); `promised_at` is set when
    supporters made it a promise. `days_left`: the working days that staff had left when their clock was stopped.
    `version` goes up with each change, so that two people at one suggestion know of one another.
    `words` and `meaning` are for search and likeness, made from the public texts; `encoded` says whether the encoder's
    part is in `meaning`.
    """

    __tablename__ = "suggestions"
    __table_args__ = (
        Index(None, "status", "id"),
        Index(None, "citizen_id"),
        Index(None, "assignee_id"),
        Index(None, "commitment"),
        Index("ix_suggestions_due", "due_at", postgresql_where="due_at IS NOT NULL"),
        *(_listed(order, *by) for order in ORDERS for by in ((), *((it,) for it in FILTERS))),
        Index("ix_suggestions_urgent", text(URGENCY), "id", postgresql_where=IS_WAITING),
        Index("ix_suggestions_flagged", "id", postgresql_where=IS_FLAGGED),
        Index("ix_suggestions_contested", "id", postgresql_where="contested_at IS NOT NULL"),
        Index("ix_suggestions_words", "words", postgresql_using="gin"),
        Index("ix_suggestions_public_words", text(PUBLIC_WORDS), postgresql_using="gin"),
        Index(
            "ix_suggestions_meaning",
            "meaning",
            postgresql_using="hnsw",
            postgresql_ops={"meaning": "halfvec_ip_ops"},
            postgresql_where=IS_ALIKE,
        ),
        Index("ix_suggestions_to_encode", "id", postgresql_where=IS_TO_ENCODE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(unique=True)
    citizen_id: Mapped[int | None] = mapped_column(ForeignKey("citizens.id", ondelete="SET NULL"))
    channel: Mapped[str]
    lang: Mapped[str]
    text: Mapped[str]
    shown_text: Mapped[str | None]
    translation: Mapped[str | None]
    shown_name: Mapped[str | None]
    commitment: Mapped[str | None] = mapped_column(ForeignKey("commitments.code"))
    theme: Mapped[str | None]
    district: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    status: Mapped[str]
    answer_ko: Mapped[str | None]
    answer_en: Mapped[str | None]
    flags: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("suggestions.id"), index=True)
    supports: Mapped[int] = mapped_column(server_default="0")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    assigned_until: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    days_left: Mapped[int | None]
    promised_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_in_time: Mapped[bool | None]
    contested_at: Mapped[datetime | None]
    surveyed_at: Mapped[datetime | None]
    really_done: Mapped[bool | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    words: Mapped[str | None] = mapped_column(TSVECTOR, deferred=True)
    meaning: Mapped[list[float] | None] = mapped_column(HALFVEC(MEANING_NUMBERS + SUBJECT_NUMBERS), deferred=True)
    encoded: Mapped[bool] = mapped_column(server_default="false")


class EventRow(Base):
    """One line of a suggestion's history. `actor` is staff, author or clock; `ko` and `en` are public words.

    An author's own words stand in `words`, masked, as they wrote them. `version` is that which the suggestion had then.
    """

    __tablename__ = "suggestion_events"
    __table_args__ = (Index(None, "suggestion_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"))
    kind: Mapped[str]
    actor: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    before: Mapped[str | None]
    after: Mapped[str | None]
    ko: Mapped[str | None]
    en: Mapped[str | None]
    words: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    at: Mapped[datetime]


class SupportRow(Base):
    """One citizen supports one suggestion."""

    __tablename__ = "supports"
    __table_args__ = (Index(None, "suggestion_id", "at"),)

    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"), primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]


class AttachmentRow(Base):
    """A file that a citizen sent: to a draft while `suggestion_id` is empty. `key` names it in the file store.

    Without citizen and suggestion it is let go: nobody sees it, and the row stays until its file is deleted.
    `published` by staff, who may say in `alt_ko` and `alt_en` what the picture shows.
    """

    __tablename__ = "attachments"
    __table_args__ = (Index(None, "suggestion_id"), Index(None, "citizen_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    citizen_id: Mapped[int | None] = mapped_column(ForeignKey("citizens.id", ondelete="SET NULL"))
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestions.id", ondelete="SET NULL"))
    key: Mapped[str] = mapped_column(unique=True)
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    published: Mapped[bool] = mapped_column(server_default="false")
    alt_ko: Mapped[str | None]
    alt_en: Mapped[str | None]
    at: Mapped[datetime]


class LinkRow(Base):
    """A suggestion shaped this: a milestone, or a progress update.

    `told_at`: when its author and supporters were owed the news, which is once the update is public or the milestone
    reached.
    """

    __tablename__ = "suggestion_links"
    __table_args__ = (
        Index(None, "suggestion_id"),
        Index(None, "milestone_id"),
        Index(None, "update_id"),
        Index("ix_suggestion_links_untold", "id", postgresql_where="told_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"))
    milestone_id: Mapped[int | None] = mapped_column(ForeignKey("milestones.id", ondelete="CASCADE"))
    update_id: Mapped[int | None] = mapped_column(ForeignKey("updates.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]
