"""Staff: who they are, what they may do, signing in, and the record of what they did."""

from flows.accounts.audit import audit
from flows.accounts.sign_in import Session, SignInFailed, session_of, sign_in, sign_out
from flows.accounts.staff import Role, Staff, add

__all__ = [
    "Role",
    "Session",
    "SignInFailed",
    "Staff",
    "add",
    "audit",
    "session_of",
    "sign_in",
    "sign_out",
]
