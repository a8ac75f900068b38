from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PlanRevenueOut")


@_attrs_define
class PlanRevenueOut:
    """Of one plan; `plan` is null for what was for none.

    Attributes:
        plan (None | str):
        payments (int):
        refunds (int):
        gross (str): Roubles with two places; below zero where more went back than came in.
        refunded (str): Roubles with two places; below zero where more went back than came in.
        total (str): Roubles with two places; below zero where more went back than came in.
    """

    plan: None | str
    payments: int
    refunds: int
    gross: str
    refunded: str
    total: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        plan: None | str
        plan = self.plan

        payments = self.payments

        refunds = self.refunds

        gross = self.gross

        refunded = self.refunded

        total = self.total

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plan": plan,
                "payments": payments,
                "refunds": refunds,
                "gross": gross,
                "refunded": refunded,
                "total": total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_plan(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        plan = _parse_plan(d.pop("plan"))

        payments = d.pop("payments")

        refunds = d.pop("refunds")

        gross = d.pop("gross")

        refunded = d.pop("refunded")

        total = d.pop("total")

        plan_revenue_out = cls(
            plan=plan,
            payments=payments,
            refunds=refunds,
            gross=gross,
            refunded=refunded,
            total=total,
        )

        plan_revenue_out.additional_properties = d
        return plan_revenue_out

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
