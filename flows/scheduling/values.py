"""The kinds of what comes again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.wording import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that comes again. `usual` is its crontab line, in the city's time, until staff give it another.

    `gathers`: it tells of what came since its last run, so a new one begins with nothing. What is fixed, staff can
    neither change nor switch off.
    """

    wording: str
    means: str
    usual: str
    gathers: bool = False
    is_fixed: bool = False


KINDS: Mapping[str, Kind] = {
    "weekly": Kind(
        N_("Weekly digest"),
        N_("Gathers what moved since the last one, for those who want to hear weekly. Nothing moved: no digest."),
        "0 9 * * mon",
        gathers=True,
    ),
    "monthly": Kind(
        N_("Monthly digest"),
        N_("Gathers what moved since the last one, for those who want to hear monthly. Nothing moved: no digest."),
        "0 9 1 * *",
        gathers=True,
    ),
    "drafts": Kind(
        N_("Reminders of drafts"),
        N_("Reminds citizens once, after a day, of a suggestion that they began and have not sent. Never at night."),
        "0 8-20 * * *",
    ),
    "survey": Kind(
        N_("Questions to authors"),
        N_("Asks the authors of suggestions, weeks after they were carried out, whether they really are."),
        "0 8-20 * * *",
    ),
    "retention": Kind(
        N_("Forgetting in time"),
        N_("Deletes what may be kept no longer. The privacy notice promises it, so it is always on."),
        "30 * * * *",
        is_fixed=True,
    ),
}


class Result(StrEnum):
    DONE = "done"
    FAILED = "failed"

    @property
    def wording(self) -> str:
        return RESULT_WORDING[self]


RESULT_WORDING = {Result.DONE: N_("Done"), Result.FAILED: N_("Failed: the log says why")}


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something comes (a crontab line in the city's time), and how its last run went.

    The next time counts from `fired_at`. `since` is the last run that succeeded, or when the schedule was made.
    `asked_at`: somebody wants it to run at once. `ran_at` and `result` tell of the last run; None before the first.
    """

    name: str
    crontab: str
    is_on: bool
    fired_at: datetime
    since: datetime
    asked_at: datetime | None
    ran_at: datetime | None
    result: Result | None

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]
