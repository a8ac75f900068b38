from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.because import Because, check_because

if TYPE_CHECKING:
    from ..models.renewal_charge_out import RenewalChargeOut


T = TypeVar("T", bound="ForecastOut")


@_attrs_define
class ForecastOut:
    """One subscription: what will be charged and when, or why not.

    Attributes:
        user_id (int):
        access_until (datetime.datetime): In UTC, ending in `Z`.
        next_charge (None | RenewalChargeOut):
        no_charge_because (Because | None):
    """

    user_id: int
    access_until: datetime.datetime
    next_charge: None | RenewalChargeOut
    no_charge_because: Because | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.renewal_charge_out import RenewalChargeOut  # noqa: PLC0415

        user_id = self.user_id

        access_until = self.access_until.isoformat()

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

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "access_until": access_until,
                "next_charge": next_charge,
                "no_charge_because": no_charge_because,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.renewal_charge_out import RenewalChargeOut  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        access_until = datetime.datetime.fromisoformat(d.pop("access_until"))

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

        forecast_out = cls(
            user_id=user_id,
            access_until=access_until,
            next_charge=next_charge,
            no_charge_because=no_charge_because,
        )

        forecast_out.additional_properties = d
        return forecast_out

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
