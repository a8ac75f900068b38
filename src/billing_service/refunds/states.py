"""What may become of a refund. The words are the provider's; `FAILED` is ours: it was never created there.

    state       pending    succeeded    canceled   refused
    PENDING     stays      SUCCEEDED    CANCELED   FAILED
    SUCCEEDED   stays      stays        -          -
    CANCELED    stays      SUCCEEDED!   stays      -
    FAILED      PENDING!   SUCCEEDED!   CANCELED   stays

`stays`, `!` and `-` mean what they mean in `payments/states.py`: an answer that is older than what we know; legal and
alarmed; `ImpossibleMove`.
"""

from enum import StrEnum


class Status(StrEnum):
    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    CANCELED = "CANCELED"
    FAILED = "FAILED"


class Report(StrEnum):
    """What was learnt about a refund: a status of the provider's, or its definite refusal to create it."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    REFUSED = "refused"


P, S, C, F = Status
FINAL = frozenset({S, C, F})

MOVES: dict[tuple[Status, Report], Status] = {
    (P, Report.PENDING): P,
    (P, Report.SUCCEEDED): S,
    (P, Report.CANCELED): C,
    (P, Report.REFUSED): F,
    (S, Report.PENDING): S,
    (S, Report.SUCCEEDED): S,
    (C, Report.PENDING): C,
    (C, Report.SUCCEEDED): S,
    (C, Report.CANCELED): C,
    (F, Report.PENDING): P,
    (F, Report.SUCCEEDED): S,
    (F, Report.CANCELED): C,
    (F, Report.REFUSED): F,
}
ALARMED: frozenset[tuple[Status, Report]] = frozenset(
    {(C, Report.SUCCEEDED), (F, Report.PENDING), (F, Report.SUCCEEDED)}
)
