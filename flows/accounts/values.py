"""A member of staff, and the roles."""

from dataclasses import dataclass
from enum import StrEnum

from flows.wording import N_


class Role(StrEnum):
    """What somebody may do; each may do what those before it may."""

    REVIEWER = "reviewer"
    EDITOR = "editor"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)

    @property
    def wording(self) -> str:
        return ROLE_WORDING[self]

    @property
    def short(self) -> str:
        """The name alone."""
        return ROLE_NAMES[self]


ROLE_NAMES = {Role.REVIEWER: N_("Reviewer"), Role.EDITOR: N_("Editor"), Role.ADMIN: N_("Administrator")}
ROLE_WORDING = {
    Role.REVIEWER: N_("Reviewer: reads and answers suggestions"),
    Role.EDITOR: N_("Editor: also writes updates and milestones"),
    Role.ADMIN: N_("Administrator: may do everything"),
}


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody with an account. `has_factor`: they sign in with a code, too."""

    id: int
    email: str
    role: Role
    name: str | None = None
    has_factor: bool = False

    @property
    def called(self) -> str:
        """How colleagues see them."""
        return self.name or self.email
