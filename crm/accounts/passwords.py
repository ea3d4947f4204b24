"""Password hashes (Argon2id) and the named password policies."""

from __future__ import annotations

import re
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm.domain.errors import RefusedError

_hasher = PasswordHasher()
# Verified when nobody has that name, so that an unknown name takes as long as a known one.
_NOBODY = _hasher.hash("nobody has this password")


@dataclass(frozen=True)
class PasswordPolicy:
    """least: characters at least; classes: how many of lower, upper, digit, sign; max_days: age limit."""

    least: int
    classes: int
    max_days: int | None


POLICIES = {
    # OWASP ASVS: length counts, composition rules do not.
    "asvs": PasswordPolicy(least=10, classes=1, max_days=None),
    # 等级保护 2.0, level three: complexity and change every 90 days.
    "dengbao3": PasswordPolicy(least=10, classes=3, max_days=90),
}
_CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")
_COMMON = frozenset({"1234567890", "password12", "qwertyuiop", "0123456789", "1111111111", "abcdefghij"})


def hash_password(password: str) -> str:
    """Argon2id hash with its parameters."""
    return _hasher.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """True where the password is right; takes the same time for a missing hash."""
    try:
        return _hasher.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def check_new_password(password: str, user_name: str, policy: PasswordPolicy) -> None:
    """Raise RefusedError("password", …) where the policy forbids it."""
    if len(password) < policy.least:
        raise RefusedError("password", "password_short", least=policy.least)
    if len(password) > 200:
        raise RefusedError("password", "password_long", most=200)
    if password.casefold() in _COMMON or (user_name and user_name.casefold() in password.casefold()):
        raise RefusedError("password", "password_guessable")
    if sum(bool(re.search(pattern, password)) for pattern in _CLASSES) < policy.classes:
        raise RefusedError("password", "password_simple", classes=policy.classes)
