from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.because import Because, check_because
from ..models.subscription_out_plan import SubscriptionOutPlan, check_subscription_out_plan
from ..models.subscription_out_plan_display import (
    SubscriptionOutPlanDisplay,
    check_subscription_out_plan_display,
)

if TYPE_CHECKING:
    from ..models.charge_in_flight_out import ChargeInFlightOut
    from ..models.payment_method_out import PaymentMethodOut
    from ..models.renewal_charge_out import RenewalChargeOut


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
            next_charge (None | RenewalChargeOut):
            no_charge_because (Because | None): Why nothing is charged at this moment, or at all if there is no
                `next_charge`.
            charge_in_flight (ChargeInFlightOut | None): Only in the answer that switches auto-renewal off.
    """

    plan: SubscriptionOutPlan
    plan_display: SubscriptionOutPlanDisplay
    expires_at: datetime.date | None
    is_active: bool
    autorenew_available: bool
    autorenew_enabled: bool
    card_bound: bool
    payment_method: PaymentMethodOut
    next_charge: None | RenewalChargeOut
    no_charge_because: Because | None
    charge_in_flight: ChargeInFlightOut | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.charge_in_flight_out import ChargeInFlightOut  # noqa: PLC0415
        from ..models.renewal_charge_out import RenewalChargeOut  # noqa: PLC0415

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

        next_charge: dict[str, Any] | None
        if isinstance(self.next_charge, RenewalChargeOut):
            next_charge = self.next_charge.to_dict()
        else:
            next_charge = self.next_charge

        no_charge_because: None | str
        if isinstance(self.no_charge_because, str):
            no_charge_because = self.no_charge_because
        else:
            no_charge_because = self.no_charge_because

        charge_in_flight: dict[str, Any] | None
        if isinstance(self.charge_in_flight, ChargeInFlightOut):
            charge_in_flight = self.charge_in_flight.to_dict()
        else:
            charge_in_flight = self.charge_in_flight

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
                "next_charge": next_charge,
                "no_charge_because": no_charge_because,
                "charge_in_flight": charge_in_flight,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.charge_in_flight_out import ChargeInFlightOut  # noqa: PLC0415
        from ..models.payment_method_out import PaymentMethodOut  # noqa: PLC0415
        from ..models.renewal_charge_out import RenewalChargeOut  # noqa: PLC0415

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

        def _parse_next_charge(data: object) -> None | RenewalChargeOut:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                next_charge_type_0 = RenewalChargeOut.from_dict(data)

                return next_charge_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RenewalChargeOut, data)

        next_charge = _parse_next_charge(d.pop("next_charge"))

        def _parse_no_charge_because(data: object) -> Because | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                no_charge_because_type_0 = check_because(data)

                return no_charge_because_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Because | None, data)

        no_charge_because = _parse_no_charge_because(d.pop("no_charge_because"))

        def _parse_charge_in_flight(data: object) -> ChargeInFlightOut | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                charge_in_flight_type_0 = ChargeInFlightOut.from_dict(data)

                return charge_in_flight_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ChargeInFlightOut | None, data)

        charge_in_flight = _parse_charge_in_flight(d.pop("charge_in_flight"))

        subscription_out = cls(
            plan=plan,
            plan_display=plan_display,
            expires_at=expires_at,
            is_active=is_active,
            autorenew_available=autorenew_available,
            autorenew_enabled=autorenew_enabled,
            card_bound=card_bound,
            payment_method=payment_method,
            next_charge=next_charge,
            no_charge_because=no_charge_because,
            charge_in_flight=charge_in_flight,
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
