"""Who pays, as far as a caller says it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Payer:
    """What the caller says of the payer's device, kept beside a consent or a refusal; nothing is decided by it."""

    ip: str | None
    agent: str | None


UNKNOWN_PAYER = Payer(None, None)
