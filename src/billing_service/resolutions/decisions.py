"""What a person may decide, and the refusal of what cannot be decided so."""

from dataclasses import dataclass
from enum import StrEnum

from billing_service.audit.service import Deed


class Verb(StrEnum):
    """The payer gets, or keeps, the days; or his money goes back; or neither: it is known, and nothing is done."""

    GRANT = "grant"
    REFUND = "refund"
    DISMISS = "dismiss"


class CannotResolve(Exception):
    """It cannot be decided so; the message says why, and what can be done."""


@dataclass(frozen=True)
class Decision:
    """What a person has decided about the thing with this id: a payment's, ours or the provider's, or a refund's.

    `user_id` and `plan_code` are asked for only where the object itself does not say them.
    """

    subject: str
    verb: Verb
    deed: Deed
    user_id: int | None = None
    plan_code: str | None = None
