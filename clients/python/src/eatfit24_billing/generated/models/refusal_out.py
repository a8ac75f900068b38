from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.charge_in_flight_out import ChargeInFlightOut


T = TypeVar("T", bound="RefusalOut")


@_attrs_define
class RefusalOut:
    """The receipt of a refusal. `charge_in_flight` is null unless a request may already have left.

    Attributes:
        refused_at (datetime.datetime): In UTC, ending in `Z`.
        receipt_id (UUID):
        autorenew_enabled (bool):
        charge_in_flight (ChargeInFlightOut | None):
    """

    refused_at: datetime.datetime
    receipt_id: UUID
    autorenew_enabled: bool
    charge_in_flight: ChargeInFlightOut | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.charge_in_flight_out import ChargeInFlightOut  # noqa: PLC0415

        refused_at = self.refused_at.isoformat()

        receipt_id = str(self.receipt_id)

        autorenew_enabled = self.autorenew_enabled

        charge_in_flight: dict[str, Any] | None
        if isinstance(self.charge_in_flight, ChargeInFlightOut):
            charge_in_flight = self.charge_in_flight.to_dict()
        else:
            charge_in_flight = self.charge_in_flight

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "refused_at": refused_at,
                "receipt_id": receipt_id,
                "autorenew_enabled": autorenew_enabled,
                "charge_in_flight": charge_in_flight,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.charge_in_flight_out import ChargeInFlightOut  # noqa: PLC0415

        d = dict(src_dict)
        refused_at = datetime.datetime.fromisoformat(d.pop("refused_at"))

        receipt_id = UUID(d.pop("receipt_id"))

        autorenew_enabled = d.pop("autorenew_enabled")

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

        refusal_out = cls(
            refused_at=refused_at,
            receipt_id=receipt_id,
            autorenew_enabled=autorenew_enabled,
            charge_in_flight=charge_in_flight,
        )

        refusal_out.additional_properties = d
        return refusal_out

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
