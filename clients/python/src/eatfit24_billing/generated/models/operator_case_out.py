from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.operator_case_out_status import OperatorCaseOutStatus, check_operator_case_out_status

T = TypeVar("T", bound="OperatorCaseOut")


@_attrs_define
class OperatorCaseOut:
    """The same, for whoever answers it. A refund of the payment concludes it by itself.

    Attributes:
        case_number (str): To be quoted to support.
        status (OperatorCaseOutStatus):
        reason (str):
        created_at (datetime.datetime): In UTC, ending in `Z`.
        answer_by (datetime.datetime): In UTC, ending in `Z`.
        concluded_at (datetime.datetime | None):
        answer (None | str):
        refund_request_id (UUID):
        payment_id (UUID):
        user_id (int):
        amount (str): Of the payment.
        currency (str):
        refund_id (None | UUID): What concluded it.
        refused_by (None | str):
    """

    case_number: str
    status: OperatorCaseOutStatus
    reason: str
    created_at: datetime.datetime
    answer_by: datetime.datetime
    concluded_at: datetime.datetime | None
    answer: None | str
    refund_request_id: UUID
    payment_id: UUID
    user_id: int
    amount: str
    currency: str
    refund_id: None | UUID
    refused_by: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        case_number = self.case_number

        status: str = self.status

        reason = self.reason

        created_at = self.created_at.isoformat()

        answer_by = self.answer_by.isoformat()

        concluded_at: None | str
        if isinstance(self.concluded_at, datetime.datetime):
            concluded_at = self.concluded_at.isoformat()
        else:
            concluded_at = self.concluded_at

        answer: None | str
        answer = self.answer

        refund_request_id = str(self.refund_request_id)

        payment_id = str(self.payment_id)

        user_id = self.user_id

        amount = self.amount

        currency = self.currency

        refund_id: None | str
        if isinstance(self.refund_id, UUID):
            refund_id = str(self.refund_id)
        else:
            refund_id = self.refund_id

        refused_by: None | str
        refused_by = self.refused_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "case_number": case_number,
                "status": status,
                "reason": reason,
                "created_at": created_at,
                "answer_by": answer_by,
                "concluded_at": concluded_at,
                "answer": answer,
                "refund_request_id": refund_request_id,
                "payment_id": payment_id,
                "user_id": user_id,
                "amount": amount,
                "currency": currency,
                "refund_id": refund_id,
                "refused_by": refused_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        case_number = d.pop("case_number")

        status = check_operator_case_out_status(d.pop("status"))

        reason = d.pop("reason")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        answer_by = datetime.datetime.fromisoformat(d.pop("answer_by"))

        def _parse_concluded_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                concluded_at_type_0 = datetime.datetime.fromisoformat(data)

                return concluded_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        concluded_at = _parse_concluded_at(d.pop("concluded_at"))

        def _parse_answer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        answer = _parse_answer(d.pop("answer"))

        refund_request_id = UUID(d.pop("refund_request_id"))

        payment_id = UUID(d.pop("payment_id"))

        user_id = d.pop("user_id")

        amount = d.pop("amount")

        currency = d.pop("currency")

        def _parse_refund_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                refund_id_type_0 = UUID(data)

                return refund_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        refund_id = _parse_refund_id(d.pop("refund_id"))

        def _parse_refused_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        refused_by = _parse_refused_by(d.pop("refused_by"))

        operator_case_out = cls(
            case_number=case_number,
            status=status,
            reason=reason,
            created_at=created_at,
            answer_by=answer_by,
            concluded_at=concluded_at,
            answer=answer,
            refund_request_id=refund_request_id,
            payment_id=payment_id,
            user_id=user_id,
            amount=amount,
            currency=currency,
            refund_id=refund_id,
            refused_by=refused_by,
        )

        operator_case_out.additional_properties = d
        return operator_case_out

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
