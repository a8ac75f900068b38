from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.because import Because, check_because
from ..models.preview_out_begins import PreviewOutBegins, check_preview_out_begins

if TYPE_CHECKING:
    from ..models.next_charge_out import NextChargeOut
    from ..models.running_plan_out import RunningPlanOut


T = TypeVar("T", bound="PreviewOut")


@_attrs_define
class PreviewOut:
    """The purchase as it would be if it were paid now.

    Attributes:
        preview_id (str): Send it with `create-payment/`, and what is bought is what is shown here.
        plan_code (str):
        plan_name (str):
        price (str):
        currency (str):
        duration_days (int):
        begins (PreviewOutBegins): `at_once`: at the instant it is paid, so `from` and `until` move on with the clock.
        from_ (datetime.datetime): In UTC, ending in `Z`.
        until (datetime.datetime): In UTC, ending in `Z`.
        plan_once_paid (str): The plan in force at the instant it is paid.
        plan_after (str): The plan in force from `until` on, unless something is bought until then.
        running (None | RunningPlanOut):
        next_charge (NextChargeOut | None): What renewals charge once it is paid, as things stand now, not before
            `charge_at`, which moves on with `until`.
        no_charge_because (Because | None): What would be missing then for a next charge, as `subscription/` says it.
            Null if there is one.
    """

    preview_id: str
    plan_code: str
    plan_name: str
    price: str
    currency: str
    duration_days: int
    begins: PreviewOutBegins
    from_: datetime.datetime
    until: datetime.datetime
    plan_once_paid: str
    plan_after: str
    running: None | RunningPlanOut
    next_charge: NextChargeOut | None
    no_charge_because: Because | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.next_charge_out import NextChargeOut  # noqa: PLC0415
        from ..models.running_plan_out import RunningPlanOut  # noqa: PLC0415

        preview_id = self.preview_id

        plan_code = self.plan_code

        plan_name = self.plan_name

        price = self.price

        currency = self.currency

        duration_days = self.duration_days

        begins: str = self.begins

        from_ = self.from_.isoformat()

        until = self.until.isoformat()

        plan_once_paid = self.plan_once_paid

        plan_after = self.plan_after

        running: dict[str, Any] | None
        if isinstance(self.running, RunningPlanOut):
            running = self.running.to_dict()
        else:
            running = self.running

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

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "preview_id": preview_id,
                "plan_code": plan_code,
                "plan_name": plan_name,
                "price": price,
                "currency": currency,
                "duration_days": duration_days,
                "begins": begins,
                "from": from_,
                "until": until,
                "plan_once_paid": plan_once_paid,
                "plan_after": plan_after,
                "running": running,
                "next_charge": next_charge,
                "no_charge_because": no_charge_because,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.next_charge_out import NextChargeOut  # noqa: PLC0415
        from ..models.running_plan_out import RunningPlanOut  # noqa: PLC0415

        d = dict(src_dict)
        preview_id = d.pop("preview_id")

        plan_code = d.pop("plan_code")

        plan_name = d.pop("plan_name")

        price = d.pop("price")

        currency = d.pop("currency")

        duration_days = d.pop("duration_days")

        begins = check_preview_out_begins(d.pop("begins"))

        from_ = datetime.datetime.fromisoformat(d.pop("from"))

        until = datetime.datetime.fromisoformat(d.pop("until"))

        plan_once_paid = d.pop("plan_once_paid")

        plan_after = d.pop("plan_after")

        def _parse_running(data: object) -> None | RunningPlanOut:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                running_type_0 = RunningPlanOut.from_dict(data)

                return running_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RunningPlanOut, data)

        running = _parse_running(d.pop("running"))

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

        preview_out = cls(
            preview_id=preview_id,
            plan_code=plan_code,
            plan_name=plan_name,
            price=price,
            currency=currency,
            duration_days=duration_days,
            begins=begins,
            from_=from_,
            until=until,
            plan_once_paid=plan_once_paid,
            plan_after=plan_after,
            running=running,
            next_charge=next_charge,
            no_charge_because=no_charge_because,
        )

        preview_out.additional_properties = d
        return preview_out

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
