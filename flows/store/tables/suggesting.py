"""What citizens suggest."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class SuggestionRow(Base):
    """A confirmed suggestion, its text masked. `citizen_id` is emptied when the citizen erases their data."""

    __tablename__ = "suggestions"
    __table_args__ = (Index(None, "status", "id"), Index(None, "citizen_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(unique=True)
    citizen_id: Mapped[int | None] = mapped_column(ForeignKey("citizens.id", ondelete="SET NULL"))
    lang: Mapped[str]
    text: Mapped[str]
    commitment: Mapped[str | None] = mapped_column(ForeignKey("commitments.code"))
    theme: Mapped[str | None]
    status: Mapped[str]
    answer_ko: Mapped[str | None]
    answer_en: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
