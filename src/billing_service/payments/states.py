"""What may become of a payment. The words are the provider's; `FAILED` is ours: it was never created there.

    state                 pending   waiting_for_capture   succeeded   canceled   refused
    PENDING               stays     WAITING_FOR_CAPTURE   SUCCEEDED   CANCELED   FAILED
    WAITING_FOR_CAPTURE   stays     stays                 SUCCEEDED   CANCELED   -
    SUCCEEDED             stays     stays                 stays       -          -
    CANCELED              stays     stays                 SUCCEEDED!  stays      -
    FAILED                PENDING!  WAITING_FOR_CAPTURE!  SUCCEEDED!  CANCELED   stays

`stays` covers an answer that is older than what we know (notifications are not ordered). `!` is legal and alarmed:
money is the truth, so a success is honoured however late it comes. `-` raises `ImpossibleMove`.
"""

from enum import StrEnum


class Status(StrEnum):
    PENDING = "PENDING"
    WAITING_FOR_CAPTURE = "WAITING_FOR_CAPTURE"
    SUCCEEDED = "SUCCEEDED"
    CANCELED = "CANCELED"
    FAILED = "FAILED"


class Report(StrEnum):
    """What was learnt about a payment: a status of the provider's, or its definite refusal to create it."""

    PENDING = "pending"
    WAITING_FOR_CAPTURE = "waiting_for_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    REFUSED = "refused"


P, W, S, C, F = Status
FINAL = frozenset({S, C, F})

MOVES: dict[tuple[Status, Report], Status] = {
    (P, Report.PENDING): P,
    (P, Report.WAITING_FOR_CAPTURE): W,
    (P, Report.SUCCEEDED): S,
    (P, Report.CANCELED): C,
    (P, Report.REFUSED): F,
    (W, Report.PENDING): W,
    (W, Report.WAITING_FOR_CAPTURE): W,
    (W, Report.SUCCEEDED): S,
    (W, Report.CANCELED): C,
    (S, Report.PENDING): S,
    (S, Report.WAITING_FOR_CAPTURE): S,
    (S, Report.SUCCEEDED): S,
    (C, Report.PENDING): C,
    (C, Report.WAITING_FOR_CAPTURE): C,
    (C, Report.SUCCEEDED): S,
    (C, Report.CANCELED): C,
    (F, Report.PENDING): P,
    (F, Report.WAITING_FOR_CAPTURE): W,
    (F, Report.SUCCEEDED): S,
    (F, Report.CANCELED): C,
    (F, Report.REFUSED): F,
}
ALARMED: frozenset[tuple[Status, Report]] = frozenset(
    {(C, Report.SUCCEEDED), (F, Report.PENDING), (F, Report.WAITING_FOR_CAPTURE), (F, Report.SUCCEEDED)}
)
