from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.payment_detail_out_status import PaymentDetailOutStatus, check_payment_detail_out_status

if TYPE_CHECKING:
    from ..models.cancellation_out import CancellationOut
    from ..models.return_out import ReturnOut


T = TypeVar("T", bound="PaymentDetailOut")


@_attrs_define
class PaymentDetailOut:
    """What the page after the return needs: `confirmation_url` only while it can still be paid.

    Attributes:
        id (UUID):
        amount (float):
        currency (str):
        status (PaymentDetailOutStatus):
        paid_at (datetime.datetime | None):
        created_at (datetime.datetime): In UTC, ending in `Z`.
        description (str):
        refunded_amount (float): What went back of it so far.
        plan_code (None | str):
        confirmation_url (None | str):
        receipt_url (None | str): The receipt at the tax office, once it is registered there.
        cancellation (CancellationOut | None):
        refunds (list[ReturnOut]): The oldest first.
    """

    id: UUID
    amount: float
    currency: str
    status: PaymentDetailOutStatus
    paid_at: datetime.datetime | None
    created_at: datetime.datetime
    description: str
    refunded_amount: float
    plan_code: None | str
    confirmation_url: None | str
    receipt_url: None | str
    cancellation: CancellationOut | None
    refunds: list[ReturnOut]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.cancellation_out import CancellationOut  # noqa: PLC0415

        id = str(self.id)

        amount = self.amount

        currency = self.currency

        status: str = self.status

        paid_at: None | str
        if isinstance(self.paid_at, datetime.datetime):
            paid_at = self.paid_at.isoformat()
        else:
            paid_at = self.paid_at

        created_at = self.created_at.isoformat()

        description = self.description

        refunded_amount = self.refunded_amount

        plan_code: None | str
        plan_code = self.plan_code

        confirmation_url: None | str
        confirmation_url = self.confirmation_url

        receipt_url: None | str
        receipt_url = self.receipt_url

        cancellation: dict[str, Any] | None
        if isinstance(self.cancellation, CancellationOut):
            cancellation = self.cancellation.to_dict()
        else:
            cancellation = self.cancellation

        refunds = []
        for refunds_item_data in self.refunds:
            refunds_item = refunds_item_data.to_dict()
            refunds.append(refunds_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "amount": amount,
                "currency": currency,
                "status": status,
                "paid_at": paid_at,
                "created_at": created_at,
                "description": description,
                "refunded_amount": refunded_amount,
                "plan_code": plan_code,
                "confirmation_url": confirmation_url,
                "receipt_url": receipt_url,
                "cancellation": cancellation,
                "refunds": refunds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cancellation_out import CancellationOut  # noqa: PLC0415
        from ..models.return_out import ReturnOut  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        amount = d.pop("amount")

        currency = d.pop("currency")

        status = check_payment_detail_out_status(d.pop("status"))

        def _parse_paid_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                paid_at_type_0 = datetime.datetime.fromisoformat(data)

                return paid_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        paid_at = _parse_paid_at(d.pop("paid_at"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        description = d.pop("description")

        refunded_amount = d.pop("refunded_amount")

        def _parse_plan_code(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        plan_code = _parse_plan_code(d.pop("plan_code"))

        def _parse_confirmation_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        confirmation_url = _parse_confirmation_url(d.pop("confirmation_url"))

        def _parse_receipt_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        receipt_url = _parse_receipt_url(d.pop("receipt_url"))

        def _parse_cancellation(data: object) -> CancellationOut | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cancellation_type_0 = CancellationOut.from_dict(data)

                return cancellation_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CancellationOut | None, data)

        cancellation = _parse_cancellation(d.pop("cancellation"))

        refunds = []
        _refunds = d.pop("refunds")
        for refunds_item_data in _refunds:
            refunds_item = ReturnOut.from_dict(refunds_item_data)

            refunds.append(refunds_item)

        payment_detail_out = cls(
            id=id,
            amount=amount,
            currency=currency,
            status=status,
            paid_at=paid_at,
            created_at=created_at,
            description=description,
            refunded_amount=refunded_amount,
            plan_code=plan_code,
            confirmation_url=confirmation_url,
            receipt_url=receipt_url,
            cancellation=cancellation,
            refunds=refunds,
        )

        payment_detail_out.additional_properties = d
        return payment_detail_out

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
