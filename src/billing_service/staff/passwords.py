"""Passwords: Argon2id, off the event loop, and only so many at once, because each takes its memory on purpose."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 256
AT_ONCE = 2
# The least that OWASP's password storage cheat sheet asks of Argon2id: 19 MiB, two passes, one lane.
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
# Of no password: whoever names an account that there is not waits as long as for a wrong password.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$NjvpsoQMqjaDLkYAeZFQvw$AavXohxHhIwy9jjWnCVGXz0Jlz/dLUIXChJKl2nIj04"


class PasswordTooWeak(ValueError):
    """The message says what is wanted."""


@cache
def _hasher() -> "PasswordHasher":
    # Loaded when somebody signs in: a process without the panel has no use for it.
    from argon2 import PasswordHasher  # noqa: PLC0415

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def refuse_weak(password: str) -> None:
    """Raises `PasswordTooWeak`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordTooWeak(f"a password has {SHORTEST} to {LONGEST} characters")
    if len(set(password)) < SHORTEST // 2:
        raise PasswordTooWeak(f"a password has at least {SHORTEST // 2} different characters")


def hashed(password: str) -> str:
    """What is stored for it. Raises `PasswordTooWeak`."""
    refuse_weak(password)
    return _hasher().hash(password)


class Verifier:
    """Compares passwords with what is stored; of one process, so that its memory is bounded."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)

    async def is_right(self, stored: str | None, password: str) -> bool:
        """False also for an account without a password, and as slowly."""
        async with self._places:
            fits = await asyncio.to_thread(_fits, stored or NOBODYS, password[: LONGEST + 1])
        return fits and stored is not None


def _fits(stored: str, password: str) -> bool:
    from argon2.exceptions import VerificationError  # noqa: PLC0415

    try:
        return _hasher().verify(stored, password)
    except VerificationError:
        return False
