from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.refunded_data_access import RefundedDataAccess, check_refunded_data_access

T = TypeVar("T", bound="RefundedData")


@_attrs_define
class RefundedData:
    """Money went back. `refunded_amount` is all that went back of the payment so far, this refund included.

    Attributes:
        refund_id (UUID):
        payment_id (UUID):
        amount (str): Two places, with a point.
        currency (str):
        refunded_amount (str): Two places, with a point.
        is_full (bool):
        access (RefundedDataAccess):
        seconds_cut (int):
        is_test (bool):
    """

    refund_id: UUID
    payment_id: UUID
    amount: str
    currency: str
    refunded_amount: str
    is_full: bool
    access: RefundedDataAccess
    seconds_cut: int
    is_test: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        refund_id = str(self.refund_id)

        payment_id = str(self.payment_id)

        amount = self.amount

        currency = self.currency

        refunded_amount = self.refunded_amount

        is_full = self.is_full

        access: str = self.access

        seconds_cut = self.seconds_cut

        is_test = self.is_test

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "refund_id": refund_id,
                "payment_id": payment_id,
                "amount": amount,
                "currency": currency,
                "refunded_amount": refunded_amount,
                "is_full": is_full,
                "access": access,
                "seconds_cut": seconds_cut,
                "is_test": is_test,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        refund_id = UUID(d.pop("refund_id"))

        payment_id = UUID(d.pop("payment_id"))

        amount = d.pop("amount")

        currency = d.pop("currency")

        refunded_amount = d.pop("refunded_amount")

        is_full = d.pop("is_full")

        access = check_refunded_data_access(d.pop("access"))

        seconds_cut = d.pop("seconds_cut")

        is_test = d.pop("is_test")

        refunded_data = cls(
            refund_id=refund_id,
            payment_id=payment_id,
            amount=amount,
            currency=currency,
            refunded_amount=refunded_amount,
            is_full=is_full,
            access=access,
            seconds_cut=seconds_cut,
            is_test=is_test,
        )

        refunded_data.additional_properties = d
        return refunded_data

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
