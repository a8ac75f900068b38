from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RenewalUpcomingData")


@_attrs_define
class RenewalUpcomingData:
    """The payer must be told this before he is charged. Nothing is charged unless the answer to this event says that he
    was: `{"delivered": {"channel", "at"}}`, or `notices/{notice_id}/delivered/` does later.

    Charged between `charge_at` and `charge_until`, at the earliest some days after he was told. `text` and
    `how_to_cancel` are what he can be shown, in Russian.

        Attributes:
            plan (str):
            days (int):
            amount (str): Two places, with a point.
            currency (str):
            notice_id (UUID):
            access_until (datetime.datetime): In UTC, ending in `Z`.
            charge_at (datetime.datetime): In UTC, ending in `Z`.
            charge_until (datetime.datetime): In UTC, ending in `Z`.
            text (str):
            how_to_cancel (str):
    """

    plan: str
    days: int
    amount: str
    currency: str
    notice_id: UUID
    access_until: datetime.datetime
    charge_at: datetime.datetime
    charge_until: datetime.datetime
    text: str
    how_to_cancel: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        plan = self.plan

        days = self.days

        amount = self.amount

        currency = self.currency

        notice_id = str(self.notice_id)

        access_until = self.access_until.isoformat()

        charge_at = self.charge_at.isoformat()

        charge_until = self.charge_until.isoformat()

        text = self.text

        how_to_cancel = self.how_to_cancel

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plan": plan,
                "days": days,
                "amount": amount,
                "currency": currency,
                "notice_id": notice_id,
                "access_until": access_until,
                "charge_at": charge_at,
                "charge_until": charge_until,
                "text": text,
                "how_to_cancel": how_to_cancel,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        plan = d.pop("plan")

        days = d.pop("days")

        amount = d.pop("amount")

        currency = d.pop("currency")

        notice_id = UUID(d.pop("notice_id"))

        access_until = datetime.datetime.fromisoformat(d.pop("access_until"))

        charge_at = datetime.datetime.fromisoformat(d.pop("charge_at"))

        charge_until = datetime.datetime.fromisoformat(d.pop("charge_until"))

        text = d.pop("text")

        how_to_cancel = d.pop("how_to_cancel")

        renewal_upcoming_data = cls(
            plan=plan,
            days=days,
            amount=amount,
            currency=currency,
            notice_id=notice_id,
            access_until=access_until,
            charge_at=charge_at,
            charge_until=charge_until,
            text=text,
            how_to_cancel=how_to_cancel,
        )

        renewal_upcoming_data.additional_properties = d
        return renewal_upcoming_data

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
