"""The second factor: a code from an app that changes every 30 seconds (TOTP, RFC 6238), or a recovery code.

No secret of it is kept: each is made from a random seed in the row and the key of the service.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts.audit import audit
from flows.accounts.sessions import hash_of
from flows.accounts.values import Staff
from flows.city import city
from flows.errors import Invalid, NotAllowed
from flows.store.tables.accounts import RecoveryCodeRow, StaffRow
from flows.wording import N_

SECRET_BYTES = 20  # RFC 4226, 4: 160 bits are recommended
RECOVERY_CODES = 10
RECOVERY_CODE_BYTES = 10  # 16 letters: too many to try, also for whoever has the hashes
SEED_BYTES = 16


class WrongCode(Invalid):
    field = "code"
    message = N_("This code is wrong, too old or already used. Please type the one that the app shows now.")


class FactorRequired(NotAllowed):
    message = N_("The city asks for a second factor, so it can be changed but not switched off.")


@dataclass(frozen=True, slots=True)
class NewFactor:
    """A second factor on offer. `uri` is what the QR code says, `secret` the same for typing."""

    seed: str
    secret: str
    uri: str


def new_factor(staff: Staff, *, key: str, seed: str | None = None) -> NewFactor:
    """One to show; `seed` gives the same once more, as when the form comes back with a fault."""
    seed = seed or secrets.token_urlsafe(SEED_BYTES)
    secret = _secret(key, staff.id, seed)
    return NewFactor(seed, secret, pyotp.TOTP(secret).provisioning_uri(name=staff.email, issuer_name=city().bot.en))


def lacks_factor(staff: Staff) -> bool:
    """Whether the city asks for a second factor that they do not have."""
    return city().staff.second_factor == "required" and not staff.has_factor


async def switch_factor_on(
    tx: AsyncSession, staff: Staff, seed: str, code: str, *, key: str, at: datetime
) -> list[str]:
    """Ask for codes of this second factor from now on, in the place of another; its recovery codes, told this once.

    Raises WrongCode: `code` proves that the app has the secret.
    """
    step = _step(_secret(key, staff.id, seed), code, at)
    if step is None:
        raise WrongCode
    await tx.execute(update(StaffRow).where(StaffRow.id == staff.id).values(factor=seed, factor_step=step))
    await _drop_codes(tx, staff.id)
    codes = [base64.b32encode(secrets.token_bytes(RECOVERY_CODE_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    tx.add_all(RecoveryCodeRow(staff_id=staff.id, code_hash=hash_of(code)) for code in codes)
    await audit(tx, staff, "staff.second_factor_on", staff.email, at=at)
    return ["-".join(code[i : i + 4] for i in range(0, len(code), 4)) for code in codes]


async def switch_factor_off(tx: AsyncSession, staff: Staff, *, at: datetime) -> None:
    """Raises FactorRequired."""
    if city().staff.second_factor == "required":
        raise FactorRequired
    await tx.execute(update(StaffRow).where(StaffRow.id == staff.id).values(factor=None))
    await _drop_codes(tx, staff.id)
    await audit(tx, staff, "staff.second_factor_off", staff.email, at=at)


async def pass_factor(tx: AsyncSession, row: StaffRow, code: str, *, key: str, at: datetime) -> None:
    """Use up a code of the app, or a recovery code. Raises WrongCode, also for one that was used before."""
    plain = "".join(filter(str.isalnum, code)).upper()
    step = _step(_secret(key, row.id, row.factor or ""), plain, at)
    if step is not None:
        unused = update(StaffRow).where(
            StaffRow.id == row.id, or_(StaffRow.factor_step.is_(None), StaffRow.factor_step < step)
        )
        used = await tx.scalar(unused.values(factor_step=step).returning(StaffRow.id))
    else:
        mine = delete(RecoveryCodeRow).where(
            RecoveryCodeRow.staff_id == row.id, RecoveryCodeRow.code_hash == hash_of(plain)
        )
        used = await tx.scalar(mine.returning(RecoveryCodeRow.staff_id))
    if used is None:
        raise WrongCode


async def _drop_codes(tx: AsyncSession, staff_id: int) -> None:
    await tx.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.staff_id == staff_id))


def _secret(key: str, staff_id: int, seed: str) -> str:
    digest = hmac.digest(key.encode(), f"second factor {staff_id} {seed}".encode("utf-8", "replace"), hashlib.sha256)
    return base64.b32encode(digest[:SECRET_BYTES]).decode()


def _step(secret: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is: the present one, or one beside it for a clock that is a little off."""
    app, typed = pyotp.TOTP(secret), "".join(code.split()).encode("utf-8", "replace")
    now = app.timecode(at)
    steps = (now - 1, now, now + 1)
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step).encode(), typed)), None)
