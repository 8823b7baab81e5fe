"""Who follows what, and how often they want to hear of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class FollowRow(Base):
    """`commitment` is a code, or `all`."""

    __tablename__ = "follows"
    __table_args__ = (Index(None, "commitment", "frequency"),)

    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"), primary_key=True)
    commitment: Mapped[str] = mapped_column(primary_key=True)
    frequency: Mapped[str]
    since: Mapped[datetime]
