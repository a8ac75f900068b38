from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.live_test_out_status import LiveTestOutStatus, check_live_test_out_status

T = TypeVar("T", bound="LiveTestOut")


@_attrs_define
class LiveTestOut:
    """A real payment of the smallest price, in the live shop.

    Attributes:
        payment_id (UUID):
        yookassa_payment_id (str):
        status (LiveTestOutStatus): `pending` for a new one; a repeat answers what became of it.
        confirmation_url (None | str): Null once it can no longer be paid: `payments/{payment_id}/` says why.
        test_mode (bool):
        amount (str): In roubles, with two places.
        yookassa_mode (Literal['prod']):
    """

    payment_id: UUID
    yookassa_payment_id: str
    status: LiveTestOutStatus
    confirmation_url: None | str
    test_mode: bool
    amount: str
    yookassa_mode: Literal["prod"]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        payment_id = str(self.payment_id)

        yookassa_payment_id = self.yookassa_payment_id

        status: str = self.status

        confirmation_url: None | str
        confirmation_url = self.confirmation_url

        test_mode = self.test_mode

        amount = self.amount

        yookassa_mode = self.yookassa_mode

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "payment_id": payment_id,
                "yookassa_payment_id": yookassa_payment_id,
                "status": status,
                "confirmation_url": confirmation_url,
                "test_mode": test_mode,
                "amount": amount,
                "yookassa_mode": yookassa_mode,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        payment_id = UUID(d.pop("payment_id"))

        yookassa_payment_id = d.pop("yookassa_payment_id")

        status = check_live_test_out_status(d.pop("status"))

        def _parse_confirmation_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        confirmation_url = _parse_confirmation_url(d.pop("confirmation_url"))

        test_mode = d.pop("test_mode")

        amount = d.pop("amount")

        yookassa_mode = cast(Literal["prod"], d.pop("yookassa_mode"))
        if yookassa_mode != "prod":
            raise ValueError(f"yookassa_mode must match const 'prod', got '{yookassa_mode}'")

        live_test_out = cls(
            payment_id=payment_id,
            yookassa_payment_id=yookassa_payment_id,
            status=status,
            confirmation_url=confirmation_url,
            test_mode=test_mode,
            amount=amount,
            yookassa_mode=yookassa_mode,
        )

        live_test_out.additional_properties = d
        return live_test_out

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
