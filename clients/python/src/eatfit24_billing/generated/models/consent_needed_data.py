from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ConsentNeededData")


@_attrs_define
class ConsentNeededData:
    """The subscription cannot renew itself: what the user agreed to does not cover the plan as it is now, whose terms
    are null if it is not sold any more. `agreed_amount` and `agreed_days` are null if he agreed to nothing.

        Attributes:
            access_until (datetime.datetime): In UTC, ending in `Z`.
            plan (None | str):
            amount (None | str):
            currency (None | str):
            days (int | None):
            agreed_amount (None | str):
            agreed_days (int | None):
    """

    access_until: datetime.datetime
    plan: None | str
    amount: None | str
    currency: None | str
    days: int | None
    agreed_amount: None | str
    agreed_days: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        access_until = self.access_until.isoformat()

        plan: None | str
        plan = self.plan

        amount: None | str
        amount = self.amount

        currency: None | str
        currency = self.currency

        days: int | None
        days = self.days

        agreed_amount: None | str
        agreed_amount = self.agreed_amount

        agreed_days: int | None
        agreed_days = self.agreed_days

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "access_until": access_until,
                "plan": plan,
                "amount": amount,
                "currency": currency,
                "days": days,
                "agreed_amount": agreed_amount,
                "agreed_days": agreed_days,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        access_until = datetime.datetime.fromisoformat(d.pop("access_until"))

        def _parse_plan(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        plan = _parse_plan(d.pop("plan"))

        def _parse_amount(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        amount = _parse_amount(d.pop("amount"))

        def _parse_currency(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        currency = _parse_currency(d.pop("currency"))

        def _parse_days(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        days = _parse_days(d.pop("days"))

        def _parse_agreed_amount(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        agreed_amount = _parse_agreed_amount(d.pop("agreed_amount"))

        def _parse_agreed_days(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        agreed_days = _parse_agreed_days(d.pop("agreed_days"))

        consent_needed_data = cls(
            access_until=access_until,
            plan=plan,
            amount=amount,
            currency=currency,
            days=days,
            agreed_amount=agreed_amount,
            agreed_days=agreed_days,
        )

        consent_needed_data.additional_properties = d
        return consent_needed_data

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
