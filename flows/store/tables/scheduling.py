"""When what comes again comes, and how it went the last time."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class ScheduleRow(Base):
    """A crontab line in the city's time, and what is known of its runs.

    `fired_at` is the moment from which its next time counts: its last run, or when staff changed it. `since` is its
    last run that succeeded, or when it was made. `asked_at` is there while somebody waits for a run outside its times.
    `ran_at` and `result` tell of its last run, and are none before the first.
    """

    __tablename__ = "schedules"

    name: Mapped[str] = mapped_column(primary_key=True)
    crontab: Mapped[str]
    is_on: Mapped[bool] = mapped_column(server_default="true")
    fired_at: Mapped[datetime]
    since: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    ran_at: Mapped[datetime | None]
    result: Mapped[str | None]
