from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.renewal_failed_data_reaction import (
    RenewalFailedDataReaction,
    check_renewal_failed_data_reaction,
)

T = TypeVar("T", bound="RenewalFailedData")


@_attrs_define
class RenewalFailedData:
    """A charge was declined. `next_try_at` is null if it is not tried again by itself with this method; `text` is what
    the payer can be shown, in Russian.

        Attributes:
            plan (str):
            days (int):
            amount (str): Two places, with a point.
            currency (str):
            payment_id (UUID):
            reason (None | str):
            reaction (RenewalFailedDataReaction):
            text (str):
            tries (int):
            next_try_at (datetime.datetime | None):
            charge_until (datetime.datetime): In UTC, ending in `Z`.
    """

    plan: str
    days: int
    amount: str
    currency: str
    payment_id: UUID
    reason: None | str
    reaction: RenewalFailedDataReaction
    text: str
    tries: int
    next_try_at: datetime.datetime | None
    charge_until: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        plan = self.plan

        days = self.days

        amount = self.amount

        currency = self.currency

        payment_id = str(self.payment_id)

        reason: None | str
        reason = self.reason

        reaction: str = self.reaction

        text = self.text

        tries = self.tries

        next_try_at: None | str
        if isinstance(self.next_try_at, datetime.datetime):
            next_try_at = self.next_try_at.isoformat()
        else:
            next_try_at = self.next_try_at

        charge_until = self.charge_until.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plan": plan,
                "days": days,
                "amount": amount,
                "currency": currency,
                "payment_id": payment_id,
                "reason": reason,
                "reaction": reaction,
                "text": text,
                "tries": tries,
                "next_try_at": next_try_at,
                "charge_until": charge_until,
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

        payment_id = UUID(d.pop("payment_id"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        reaction = check_renewal_failed_data_reaction(d.pop("reaction"))

        text = d.pop("text")

        tries = d.pop("tries")

        def _parse_next_try_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_try_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_try_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_try_at = _parse_next_try_at(d.pop("next_try_at"))

        charge_until = datetime.datetime.fromisoformat(d.pop("charge_until"))

        renewal_failed_data = cls(
            plan=plan,
            days=days,
            amount=amount,
            currency=currency,
            payment_id=payment_id,
            reason=reason,
            reaction=reaction,
            text=text,
            tries=tries,
            next_try_at=next_try_at,
            charge_until=charge_until,
        )

        renewal_failed_data.additional_properties = d
        return renewal_failed_data

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
