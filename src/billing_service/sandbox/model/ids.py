"""Ids and dice out of one seed: the same calls give the same history, fault by fault."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

# The first eight hex digits of the provider's ids are seconds since this instant.
EPOCH = datetime(2000, 1, 1, 12, tzinfo=UTC)
END = EPOCH + timedelta(seconds=2**32)


class Ids:
    """Mints look-alikes of the provider's ids.

    Every kind counts on its own, so that one more error in a run does not rename the payments after it.
    `minted` belongs to the remembered state: a restart goes on where it stopped.
    """

    def __init__(self, seed: int, minted: dict[str, int]) -> None:
        self._seed = seed
        self._minted = minted

    def count(self, kind: str) -> int:
        """1, 2, 3, ... for this kind."""
        self._minted[kind] = self._minted.get(kind, 0) + 1
        return self._minted[kind]

    def _digest(self, kind: str) -> bytes:
        return hashlib.sha256(f"{self._seed}:{kind}:{self.count(kind)}".encode()).digest()

    def dated(self, kind: str, group: str, now: datetime) -> str:
        """Thirty-six characters that sort by time; `group` tells payments, refunds and methods apart."""
        digest = self._digest(kind)
        seconds = int((now - EPOCH).total_seconds()) & 0xFFFFFFFF
        variant = "8000" if digest[0] & 1 else "9000"
        return f"{seconds:08x}-{group}-5000-{variant}-{digest[1:7].hex()}"

    def payment(self, now: datetime) -> str:
        return self.dated("payment", "000f", now)

    def uuid(self, kind: str) -> str:
        return str(UUID(bytes=self._digest(kind)[:16], version=4))

    def digits(self, kind: str, length: int) -> str:
        """So many decimal digits, for bank references and account numbers."""
        return str(int.from_bytes(self._digest(kind), "big") % 10**length).zfill(length)

    def roll(self) -> float:
        """A throw of the dice in [0, 1)."""
        return int.from_bytes(self._digest("roll")[:4], "big") / 2**32
