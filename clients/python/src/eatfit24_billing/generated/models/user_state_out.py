from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.because import Because, check_because
from ..models.status import Status, check_status

if TYPE_CHECKING:
    from ..models.features_out import FeaturesOut
    from ..models.method_out import MethodOut
    from ..models.newest_consent_out import NewestConsentOut
    from ..models.next_charge_out import NextChargeOut
    from ..models.open_payment_out import OpenPaymentOut
    from ..models.usage_today_out import UsageTodayOut


T = TypeVar("T", bound="UserStateOut")


@_attrs_define
class UserStateOut:
    """Everything about one user at the instant `as_of`.

    `access_until` is when access ends, or has ended; null without any. `is_paid`: the plan in force is PRO, bought or
    given. `auto_renew` is the user's wish. `next_charge` and `no_charge_because` are those of `subscription/`: with
    both, it is planned and something has to come first: its day (`NOT_DUE`), or that the payer is told (`NOT_TOLD`).

        Attributes:
            user_id (int):
            plan (str):
            plan_name (str):
            is_paid (bool):
            status (Status): `active`: PRO now. `grace` and `expired`: PRO is over, and a renewal may still be tried, or
                not. `free`: it never
                was.
            access_until (datetime.datetime | None):
            auto_renew (bool):
            payment_method (MethodOut | None):
            features (FeaturesOut): What the plan in force allows: -1 days of history are all of it, a limit of null is
                none. `daily_limits` are
                those of other features than photos; what is not named there is no part of the plan.
            usage (UsageTodayOut): As `users/{user_id}/usage/` says.
            next_charge (NextChargeOut | None):
            no_charge_because (Because | None): Why nothing is charged at this moment, or at all if there is no
                `next_charge`.
            open_payment (None | OpenPaymentOut):
            consent (NewestConsentOut | None):
            as_of (datetime.datetime): In UTC, ending in `Z`.
    """

    user_id: int
    plan: str
    plan_name: str
    is_paid: bool
    status: Status
    access_until: datetime.datetime | None
    auto_renew: bool
    payment_method: MethodOut | None
    features: FeaturesOut
    usage: UsageTodayOut
    next_charge: NextChargeOut | None
    no_charge_because: Because | None
    open_payment: None | OpenPaymentOut
    consent: NewestConsentOut | None
    as_of: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.method_out import MethodOut  # noqa: PLC0415
        from ..models.newest_consent_out import NewestConsentOut  # noqa: PLC0415
        from ..models.next_charge_out import NextChargeOut  # noqa: PLC0415
        from ..models.open_payment_out import OpenPaymentOut  # noqa: PLC0415

        user_id = self.user_id

        plan = self.plan

        plan_name = self.plan_name

        is_paid = self.is_paid

        status: str = self.status

        access_until: None | str
        if isinstance(self.access_until, datetime.datetime):
            access_until = self.access_until.isoformat()
        else:
            access_until = self.access_until

        auto_renew = self.auto_renew

        payment_method: dict[str, Any] | None
        if isinstance(self.payment_method, MethodOut):
            payment_method = self.payment_method.to_dict()
        else:
            payment_method = self.payment_method

        features = self.features.to_dict()

        usage = self.usage.to_dict()

        next_charge: dict[str, Any] | None
        if isinstance(self.next_charge, NextChargeOut):
            next_charge = self.next_charge.to_dict()
        else:
            next_charge = self.next_charge

        no_charge_because: None | str
        if isinstance(self.no_charge_because, str):
            no_charge_because = self.no_charge_because
        else:
            no_charge_because = self.no_charge_because

        open_payment: dict[str, Any] | None
        if isinstance(self.open_payment, OpenPaymentOut):
            open_payment = self.open_payment.to_dict()
        else:
            open_payment = self.open_payment

        consent: dict[str, Any] | None
        if isinstance(self.consent, NewestConsentOut):
            consent = self.consent.to_dict()
        else:
            consent = self.consent

        as_of = self.as_of.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "plan": plan,
                "plan_name": plan_name,
                "is_paid": is_paid,
                "status": status,
                "access_until": access_until,
                "auto_renew": auto_renew,
                "payment_method": payment_method,
                "features": features,
                "usage": usage,
                "next_charge": next_charge,
                "no_charge_because": no_charge_because,
                "open_payment": open_payment,
                "consent": consent,
                "as_of": as_of,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.features_out import FeaturesOut  # noqa: PLC0415
        from ..models.method_out import MethodOut  # noqa: PLC0415
        from ..models.newest_consent_out import NewestConsentOut  # noqa: PLC0415
        from ..models.next_charge_out import NextChargeOut  # noqa: PLC0415
        from ..models.open_payment_out import OpenPaymentOut  # noqa: PLC0415
        from ..models.usage_today_out import UsageTodayOut  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        plan = d.pop("plan")

        plan_name = d.pop("plan_name")

        is_paid = d.pop("is_paid")

        status = check_status(d.pop("status"))

        def _parse_access_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                access_until_type_0 = datetime.datetime.fromisoformat(data)

                return access_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        access_until = _parse_access_until(d.pop("access_until"))

        auto_renew = d.pop("auto_renew")

        def _parse_payment_method(data: object) -> MethodOut | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                payment_method_type_0 = MethodOut.from_dict(data)

                return payment_method_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(MethodOut | None, data)

        payment_method = _parse_payment_method(d.pop("payment_method"))

        features = FeaturesOut.from_dict(d.pop("features"))

        usage = UsageTodayOut.from_dict(d.pop("usage"))

        def _parse_next_charge(data: object) -> NextChargeOut | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                next_charge_type_0 = NextChargeOut.from_dict(data)

                return next_charge_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NextChargeOut | None, data)

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

        def _parse_open_payment(data: object) -> None | OpenPaymentOut:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                open_payment_type_0 = OpenPaymentOut.from_dict(data)

                return open_payment_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OpenPaymentOut, data)

        open_payment = _parse_open_payment(d.pop("open_payment"))

        def _parse_consent(data: object) -> NewestConsentOut | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                consent_type_0 = NewestConsentOut.from_dict(data)

                return consent_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NewestConsentOut | None, data)

        consent = _parse_consent(d.pop("consent"))

        as_of = datetime.datetime.fromisoformat(d.pop("as_of"))

        user_state_out = cls(
            user_id=user_id,
            plan=plan,
            plan_name=plan_name,
            is_paid=is_paid,
            status=status,
            access_until=access_until,
            auto_renew=auto_renew,
            payment_method=payment_method,
            features=features,
            usage=usage,
            next_charge=next_charge,
            no_charge_because=no_charge_because,
            open_payment=open_payment,
            consent=consent,
            as_of=as_of,
        )

        user_state_out.additional_properties = d
        return user_state_out

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
