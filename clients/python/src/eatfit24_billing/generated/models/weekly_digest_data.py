from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="WeeklyDigestData")


@_attrs_define
class WeeklyDigestData:
    """Figures of the last week, from Monday to Monday in the service's time zone, of the shop that is in force.

    Attributes:
        week_begins (datetime.datetime): In UTC, ending in `Z`.
        week_ends (datetime.datetime): In UTC, ending in `Z`.
        payments (int):
        amount (str): Two places, with a point.
        payments_canceled (int):
        payments_failed (int):
        refunds (int):
        refunded_amount (str): Two places, with a point.
        access_begun (int):
        access_ended (int):
        alarms (int):
        notifications (int):
        notifications_failed (int):
    """

    week_begins: datetime.datetime
    week_ends: datetime.datetime
    payments: int
    amount: str
    payments_canceled: int
    payments_failed: int
    refunds: int
    refunded_amount: str
    access_begun: int
    access_ended: int
    alarms: int
    notifications: int
    notifications_failed: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        week_begins = self.week_begins.isoformat()

        week_ends = self.week_ends.isoformat()

        payments = self.payments

        amount = self.amount

        payments_canceled = self.payments_canceled

        payments_failed = self.payments_failed

        refunds = self.refunds

        refunded_amount = self.refunded_amount

        access_begun = self.access_begun

        access_ended = self.access_ended

        alarms = self.alarms

        notifications = self.notifications

        notifications_failed = self.notifications_failed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "week_begins": week_begins,
                "week_ends": week_ends,
                "payments": payments,
                "amount": amount,
                "payments_canceled": payments_canceled,
                "payments_failed": payments_failed,
                "refunds": refunds,
                "refunded_amount": refunded_amount,
                "access_begun": access_begun,
                "access_ended": access_ended,
                "alarms": alarms,
                "notifications": notifications,
                "notifications_failed": notifications_failed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        week_begins = datetime.datetime.fromisoformat(d.pop("week_begins"))

        week_ends = datetime.datetime.fromisoformat(d.pop("week_ends"))

        payments = d.pop("payments")

        amount = d.pop("amount")

        payments_canceled = d.pop("payments_canceled")

        payments_failed = d.pop("payments_failed")

        refunds = d.pop("refunds")

        refunded_amount = d.pop("refunded_amount")

        access_begun = d.pop("access_begun")

        access_ended = d.pop("access_ended")

        alarms = d.pop("alarms")

        notifications = d.pop("notifications")

        notifications_failed = d.pop("notifications_failed")

        weekly_digest_data = cls(
            week_begins=week_begins,
            week_ends=week_ends,
            payments=payments,
            amount=amount,
            payments_canceled=payments_canceled,
            payments_failed=payments_failed,
            refunds=refunds,
            refunded_amount=refunded_amount,
            access_begun=access_begun,
            access_ended=access_ended,
            alarms=alarms,
            notifications=notifications,
            notifications_failed=notifications_failed,
        )

        weekly_digest_data.additional_properties = d
        return weekly_digest_data

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
