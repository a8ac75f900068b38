from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.charge_in_flight_out import ChargeInFlightOut
    from ..models.erasure_out_rows import ErasureOutRows


T = TypeVar("T", bound="ErasureOut")


@_attrs_define
class ErasureOut:
    """`rows`: how many rows of each table said something of the user. `charge_in_flight` is null unless a request may
    already have left.

        Attributes:
            erased_at (datetime.datetime): In UTC, ending in `Z`.
            rows (ErasureOutRows):
            charge_in_flight (ChargeInFlightOut | None):
    """

    erased_at: datetime.datetime
    rows: ErasureOutRows
    charge_in_flight: ChargeInFlightOut | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.charge_in_flight_out import ChargeInFlightOut  # noqa: PLC0415

        erased_at = self.erased_at.isoformat()

        rows = self.rows.to_dict()

        charge_in_flight: dict[str, Any] | None
        if isinstance(self.charge_in_flight, ChargeInFlightOut):
            charge_in_flight = self.charge_in_flight.to_dict()
        else:
            charge_in_flight = self.charge_in_flight

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "erased_at": erased_at,
                "rows": rows,
                "charge_in_flight": charge_in_flight,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.charge_in_flight_out import ChargeInFlightOut  # noqa: PLC0415
        from ..models.erasure_out_rows import ErasureOutRows  # noqa: PLC0415

        d = dict(src_dict)
        erased_at = datetime.datetime.fromisoformat(d.pop("erased_at"))

        rows = ErasureOutRows.from_dict(d.pop("rows"))

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

        erasure_out = cls(
            erased_at=erased_at,
            rows=rows,
            charge_in_flight=charge_in_flight,
        )

        erasure_out.additional_properties = d
        return erasure_out

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
