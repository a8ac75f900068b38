from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="NewestConsentOut")


@_attrs_define
class NewestConsentOut:
    """The newest consent that stands: not withdrawn, and the purchase or binding that it came along with was paid or
    confirmed.

        Attributes:
            consent_id (UUID):
            document_version (str):
            plan (str):
            amount (str): Two places, with a point.
            currency (str):
            period_days (int):
            given_at (datetime.datetime): In UTC, ending in `Z`.
    """

    consent_id: UUID
    document_version: str
    plan: str
    amount: str
    currency: str
    period_days: int
    given_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        consent_id = str(self.consent_id)

        document_version = self.document_version

        plan = self.plan

        amount = self.amount

        currency = self.currency

        period_days = self.period_days

        given_at = self.given_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "consent_id": consent_id,
                "document_version": document_version,
                "plan": plan,
                "amount": amount,
                "currency": currency,
                "period_days": period_days,
                "given_at": given_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        consent_id = UUID(d.pop("consent_id"))

        document_version = d.pop("document_version")

        plan = d.pop("plan")

        amount = d.pop("amount")

        currency = d.pop("currency")

        period_days = d.pop("period_days")

        given_at = datetime.datetime.fromisoformat(d.pop("given_at"))

        newest_consent_out = cls(
            consent_id=consent_id,
            document_version=document_version,
            plan=plan,
            amount=amount,
            currency=currency,
            period_days=period_days,
            given_at=given_at,
        )

        newest_consent_out.additional_properties = d
        return newest_consent_out

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
