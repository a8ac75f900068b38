from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.subscription_out_plan import SubscriptionOutPlan, check_subscription_out_plan
from ..models.subscription_out_plan_display import (
    SubscriptionOutPlanDisplay,
    check_subscription_out_plan_display,
)

if TYPE_CHECKING:
    from ..models.payment_method_out import PaymentMethodOut


T = TypeVar("T", bound="SubscriptionOut")


@_attrs_define
class SubscriptionOut:
    """`expires_at` is a date in the service's time zone (Moscow unless configured otherwise), null with `free`.

    `pro` that is not active ended on that date.

        Attributes:
            plan (SubscriptionOutPlan):
            plan_display (SubscriptionOutPlanDisplay):
            expires_at (datetime.date | None):
            is_active (bool):
            autorenew_available (bool):
            autorenew_enabled (bool):
            card_bound (bool):
            payment_method (PaymentMethodOut): What renewals would charge, if anything. A card is only ever shown by its
                last four digits; other methods have no
                `card_mask`, and `title` says what they are.
    """

    plan: SubscriptionOutPlan
    plan_display: SubscriptionOutPlanDisplay
    expires_at: datetime.date | None
    is_active: bool
    autorenew_available: bool
    autorenew_enabled: bool
    card_bound: bool
    payment_method: PaymentMethodOut
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        plan: str = self.plan

        plan_display: str = self.plan_display

        expires_at: None | str
        if isinstance(self.expires_at, datetime.date):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        is_active = self.is_active

        autorenew_available = self.autorenew_available

        autorenew_enabled = self.autorenew_enabled

        card_bound = self.card_bound

        payment_method = self.payment_method.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plan": plan,
                "plan_display": plan_display,
                "expires_at": expires_at,
                "is_active": is_active,
                "autorenew_available": autorenew_available,
                "autorenew_enabled": autorenew_enabled,
                "card_bound": card_bound,
                "payment_method": payment_method,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.payment_method_out import PaymentMethodOut  # noqa: PLC0415

        d = dict(src_dict)
        plan = check_subscription_out_plan(d.pop("plan"))

        plan_display = check_subscription_out_plan_display(d.pop("plan_display"))

        def _parse_expires_at(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.date.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

        is_active = d.pop("is_active")

        autorenew_available = d.pop("autorenew_available")

        autorenew_enabled = d.pop("autorenew_enabled")

        card_bound = d.pop("card_bound")

        payment_method = PaymentMethodOut.from_dict(d.pop("payment_method"))

        subscription_out = cls(
            plan=plan,
            plan_display=plan_display,
            expires_at=expires_at,
            is_active=is_active,
            autorenew_available=autorenew_available,
            autorenew_enabled=autorenew_enabled,
            card_bound=card_bound,
            payment_method=payment_method,
        )

        subscription_out.additional_properties = d
        return subscription_out

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
