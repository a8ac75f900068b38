from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ListedConsentOut")


@_attrs_define
class ListedConsentOut:
    """The same, and when it was taken back: by the user, or by his refusal of the card.

    Attributes:
        consent_id (UUID):
        document_version (str):
        plan_code (str):
        amount (str):
        currency (str):
        period_days (int):
        given_at (datetime.datetime): In UTC, ending in `Z`.
        withdrawn_at (datetime.datetime | None):
    """

    consent_id: UUID
    document_version: str
    plan_code: str
    amount: str
    currency: str
    period_days: int
    given_at: datetime.datetime
    withdrawn_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
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
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
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

        listed_consent_out = cls(
            consent_id=consent_id,
            document_version=document_version,
            plan_code=plan_code,
            amount=amount,
            currency=currency,
            period_days=period_days,
            given_at=given_at,
            withdrawn_at=withdrawn_at,
        )

        listed_consent_out.additional_properties = d
        return listed_consent_out

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
