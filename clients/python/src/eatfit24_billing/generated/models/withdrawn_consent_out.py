from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.charge_in_flight_out import ChargeInFlightOut


T = TypeVar("T", bound="WithdrawnConsentOut")


@_attrs_define
class WithdrawnConsentOut:
    """The consent as it is then. `charge_in_flight` is null unless a request may already have left.

    Attributes:
        consent_id (UUID):
        document_version (str):
        plan_code (str):
        amount (str):
        currency (str):
        period_days (int):
        given_at (datetime.datetime): In UTC, ending in `Z`.
        withdrawn_at (datetime.datetime | None):
        charge_in_flight (ChargeInFlightOut | None):
    """

    consent_id: UUID
    document_version: str
    plan_code: str
    amount: str
    currency: str
    period_days: int
    given_at: datetime.datetime
    withdrawn_at: datetime.datetime | None
    charge_in_flight: ChargeInFlightOut | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.charge_in_flight_out import ChargeInFlightOut  # noqa: PLC0415

        consent_id = str(self.consent_id)

        document_version = self.document_version

        plan_code = self.plan_code

        amount = self.amount

        currency = self.currency

        period_days = self.period_days

        given_at = self.given_at.isoformat()

        withdrawn_at: None | str
        if isinstance(self.withdrawn_at, datetime.datetime):
            withdrawn_at = self.withdrawn_at.isoformat()
        else:
            withdrawn_at = self.withdrawn_at

        charge_in_flight: dict[str, Any] | None
        if isinstance(self.charge_in_flight, ChargeInFlightOut):
            charge_in_flight = self.charge_in_flight.to_dict()
        else:
            charge_in_flight = self.charge_in_flight

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "consent_id": consent_id,
                "document_version": document_version,
                "plan_code": plan_code,
                "amount": amount,
                "currency": currency,
                "period_days": period_days,
                "given_at": given_at,
                "withdrawn_at": withdrawn_at,
                "charge_in_flight": charge_in_flight,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.charge_in_flight_out import ChargeInFlightOut  # noqa: PLC0415

        d = dict(src_dict)
        consent_id = UUID(d.pop("consent_id"))

        document_version = d.pop("document_version")

        plan_code = d.pop("plan_code")

        amount = d.pop("amount")

        currency = d.pop("currency")

        period_days = d.pop("period_days")

        given_at = datetime.datetime.fromisoformat(d.pop("given_at"))

        def _parse_withdrawn_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                withdrawn_at_type_0 = datetime.datetime.fromisoformat(data)

                return withdrawn_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        withdrawn_at = _parse_withdrawn_at(d.pop("withdrawn_at"))

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

        withdrawn_consent_out = cls(
            consent_id=consent_id,
            document_version=document_version,
            plan_code=plan_code,
            amount=amount,
            currency=currency,
            period_days=period_days,
            given_at=given_at,
            withdrawn_at=withdrawn_at,
            charge_in_flight=charge_in_flight,
        )

        withdrawn_consent_out.additional_properties = d
        return withdrawn_consent_out

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
