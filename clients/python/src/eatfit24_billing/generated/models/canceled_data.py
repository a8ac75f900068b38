from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.canceled_data_purpose import CanceledDataPurpose, check_canceled_data_purpose

if TYPE_CHECKING:
    from ..models.cancellation import Cancellation


T = TypeVar("T", bound="CanceledData")


@_attrs_define
class CanceledData:
    """
    Attributes:
        payment_id (UUID):
        purpose (CanceledDataPurpose):
        plan (None | str):
        days (int | None):
        amount (str): Two places, with a point.
        currency (str):
        is_recurring (bool):
        is_test (bool):
        cancellation (Cancellation): Who ended it and why, in the provider's words.
    """

    payment_id: UUID
    purpose: CanceledDataPurpose
    plan: None | str
    days: int | None
    amount: str
    currency: str
    is_recurring: bool
    is_test: bool
    cancellation: Cancellation
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        payment_id = str(self.payment_id)

        purpose: str = self.purpose

        plan: None | str
        plan = self.plan

        days: int | None
        days = self.days

        amount = self.amount

        currency = self.currency

        is_recurring = self.is_recurring

        is_test = self.is_test

        cancellation = self.cancellation.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "payment_id": payment_id,
                "purpose": purpose,
                "plan": plan,
                "days": days,
                "amount": amount,
                "currency": currency,
                "is_recurring": is_recurring,
                "is_test": is_test,
                "cancellation": cancellation,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cancellation import Cancellation  # noqa: PLC0415

        d = dict(src_dict)
        payment_id = UUID(d.pop("payment_id"))

        purpose = check_canceled_data_purpose(d.pop("purpose"))

        def _parse_plan(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        plan = _parse_plan(d.pop("plan"))

        def _parse_days(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        days = _parse_days(d.pop("days"))

        amount = d.pop("amount")

        currency = d.pop("currency")

        is_recurring = d.pop("is_recurring")

        is_test = d.pop("is_test")

        cancellation = Cancellation.from_dict(d.pop("cancellation"))

        canceled_data = cls(
            payment_id=payment_id,
            purpose=purpose,
            plan=plan,
            days=days,
            amount=amount,
            currency=currency,
            is_recurring=is_recurring,
            is_test=is_test,
            cancellation=cancellation,
        )

        canceled_data.additional_properties = d
        return canceled_data

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
