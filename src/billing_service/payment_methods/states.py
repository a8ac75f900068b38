"""What may become of a binding. The words are the provider's; `FAILED` is ours: it was never created there.

    state      pending   active   inactive   refused
    PENDING    stays     ACTIVE   INACTIVE   FAILED
    ACTIVE     stays     stays    stays      -
    INACTIVE   stays     -        stays      -
    FAILED     -         ACTIVE   INACTIVE   stays

`stays` covers an answer that is older than what we know, and a method that was bound and ended at its bank since: then
the binding has done its part. `-` raises `ImpossibleMove`.
"""

from enum import StrEnum


class Binding(StrEnum):
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    FAILED = "FAILED"


class Report(StrEnum):
    """What was learnt about a binding: a status of the provider's, or its definite refusal to create it."""

    PENDING = "pending"
    ACTIVE = "active"
    INACTIVE = "inactive"
    REFUSED = "refused"


P, A, N, F = Binding
FINAL = frozenset({A, N, F})

MOVES: dict[tuple[Binding, Report], Binding] = {
    (P, Report.PENDING): P,
    (P, Report.ACTIVE): A,
    (P, Report.INACTIVE): N,
    (P, Report.REFUSED): F,
    (A, Report.PENDING): A,
    (A, Report.ACTIVE): A,
    (A, Report.INACTIVE): A,
    (N, Report.PENDING): N,
    (N, Report.INACTIVE): N,
    (F, Report.ACTIVE): A,
    (F, Report.INACTIVE): N,
    (F, Report.REFUSED): F,
}
