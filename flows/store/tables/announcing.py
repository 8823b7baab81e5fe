"""What staff tell everybody at once, in every channel."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class AnnouncementRow(Base):
    """An emergency notice: shown from `since` until `until`, or until staff switch it off."""

    __tablename__ = "announcements"

    id: Mapped[int] = mapped_column(primary_key=True)
    ko: Mapped[str]
    en: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
