"""What staff did to a suggestion."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class ReviewRow(Base):
    """One change of state, with the public answer in both languages where the state asks for one."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    before: Mapped[str]
    after: Mapped[str]
    answer_ko: Mapped[str | None]
    answer_en: Mapped[str | None]
    at: Mapped[datetime]
