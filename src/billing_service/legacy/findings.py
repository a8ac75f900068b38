"""What a repair finds, and how it is told."""

from dataclasses import dataclass
from uuid import UUID

from billing_service.yookassa import schemas as yookassa


@dataclass(frozen=True)
class Finding:
    """Somebody who paid and did not get, or whose money went back unknown to us.

    `kind`: `paid_open` (a payment that is not paid here), `paid_lost` (a payment that is not here at all),
    `days_lost` (paid and known, but its days are not in the access), `returned_unknown` (went back, and is not known
    here), `cannot_tell` (somebody must look; `because` says why).
    """

    kind: str
    user_id: int | None
    yookassa_payment_id: str
    amount: str
    because: str = ""
    payment_id: UUID | None = None
    seen: yookassa.Payment | None = None
    plan_code: str = ""
    done: bool = False


def text_of(finding: Finding) -> str:
    whom = f"user {finding.user_id}" if finding.user_id else "nobody known"
    mended = ": mended" if finding.done else ""
    about = f"{finding.kind}: {whom}, {finding.yookassa_payment_id} {finding.amount}"
    return f"{about}: {finding.because}{mended}"
