from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.receipt_data_registration import ReceiptDataRegistration, check_receipt_data_registration

T = TypeVar("T", bound="ReceiptData")


@_attrs_define
class ReceiptData:
    """A receipt of money that moved is not registered a day later, or will never be: a person must look. `refund_id` is
    null for the receipt of the payment itself.

        Attributes:
            payment_id (UUID):
            refund_id (None | UUID):
            registration (ReceiptDataRegistration):
            amount (str): Two places, with a point.
            currency (str):
    """

    payment_id: UUID
    refund_id: None | UUID
    registration: ReceiptDataRegistration
    amount: str
    currency: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        payment_id = str(self.payment_id)

        refund_id: None | str
        if isinstance(self.refund_id, UUID):
            refund_id = str(self.refund_id)
        else:
            refund_id = self.refund_id

        registration: str = self.registration

        amount = self.amount

        currency = self.currency

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "payment_id": payment_id,
                "refund_id": refund_id,
                "registration": registration,
                "amount": amount,
                "currency": currency,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        payment_id = UUID(d.pop("payment_id"))

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

        registration = check_receipt_data_registration(d.pop("registration"))

        amount = d.pop("amount")

        currency = d.pop("currency")

        receipt_data = cls(
            payment_id=payment_id,
            refund_id=refund_id,
            registration=registration,
            amount=amount,
            currency=currency,
        )

        receipt_data.additional_properties = d
        return receipt_data

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
