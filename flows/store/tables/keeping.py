"""Small things the service itself keeps: its signing key, who is alive, how often somebody asked."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class KeptRow(Base):
    """A named value of the service: `signing_key`, `telegram_link`, `console_link`, `demo`."""

    __tablename__ = "kept"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class BeatRow(Base):
    """The last sign of life of a process."""

    __tablename__ = "beats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class LimitRow(Base):
    """How often something was asked in a window. Unlogged: losing it costs nobody anything."""

    __tablename__ = "limits"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012  # SQLAlchemy's own name for it

    key: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
