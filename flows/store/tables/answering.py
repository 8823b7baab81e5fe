"""Questions the bot could not answer."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class UnansweredRow(Base):
    """A masked question, with nothing that says who asked it."""

    __tablename__ = "unanswered"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lang: Mapped[str]
    text: Mapped[str]
    best: Mapped[str | None]
    confidence: Mapped[float]
    at: Mapped[datetime]
