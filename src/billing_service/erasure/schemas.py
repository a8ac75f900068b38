"""How an erasure looks on the wire."""

from pydantic import BaseModel, ConfigDict

from billing_service.audit.schemas import Author, Reason
from billing_service.erasure.queries import STATEMENTS
from billing_service.erasure.service import Erased
from billing_service.kit.wire import UtcTime
from billing_service.payment_methods.schemas import ChargeInFlightOut, charge_in_flight_out


class ErasureIn(BaseModel):
    """`reason` stays in the audit log: name the request, not the person."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"author": "support", "reason": "обращение 4711"}}
    )

    author: Author
    reason: Reason


class ErasureOut(BaseModel):
    """`rows`: how many rows of each table said something of the user. `charge_in_flight` is null unless a request may
    already have left."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "erased_at": "2026-11-21T18:04:11.482000Z",
                "rows": {
                    **dict.fromkeys(STATEMENTS, 0),
                    "consents": 1,
                    "payment_methods": 1,
                    "webhook_logs": 3,
                },
                "charge_in_flight": None,
            }
        }
    )

    erased_at: UtcTime
    rows: dict[str, int]
    charge_in_flight: ChargeInFlightOut | None


def erasure_out(erased: Erased) -> ErasureOut:
    return ErasureOut(
        erased_at=erased.at,
        rows=dict(erased.rows),
        charge_in_flight=charge_in_flight_out(erased.in_flight),
    )
