from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.period_out import PeriodOut


T = TypeVar("T", bound="GrantOut")


@_attrs_define
class GrantOut:
    """Days given by hand; `period` is where they lie now.

    Attributes:
        grant_id (UUID):
        user_id (int):
        plan_code (str):
        days (int):
        period (PeriodOut): In UTC, `ends` excluded. Both null once nothing is left of it.
        author (str):
        reason (str):
        created_at (datetime.datetime): In UTC, ending in `Z`.
        revoked_at (datetime.datetime | None):
    """

    grant_id: UUID
    user_id: int
    plan_code: str
    days: int
    period: PeriodOut
    author: str
    reason: str
    created_at: datetime.datetime
    revoked_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        grant_id = str(self.grant_id)

        user_id = self.user_id

        plan_code = self.plan_code

        days = self.days

        period = self.period.to_dict()

        author = self.author

        reason = self.reason

        created_at = self.created_at.isoformat()

        revoked_at: None | str
        if isinstance(self.revoked_at, datetime.datetime):
            revoked_at = self.revoked_at.isoformat()
        else:
            revoked_at = self.revoked_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "grant_id": grant_id,
                "user_id": user_id,
                "plan_code": plan_code,
                "days": days,
                "period": period,
                "author": author,
                "reason": reason,
                "created_at": created_at,
                "revoked_at": revoked_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.period_out import PeriodOut  # noqa: PLC0415

        d = dict(src_dict)
        grant_id = UUID(d.pop("grant_id"))

        user_id = d.pop("user_id")

        plan_code = d.pop("plan_code")

        days = d.pop("days")

        period = PeriodOut.from_dict(d.pop("period"))

        author = d.pop("author")

        reason = d.pop("reason")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_revoked_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                revoked_at_type_0 = datetime.datetime.fromisoformat(data)

                return revoked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        revoked_at = _parse_revoked_at(d.pop("revoked_at"))

        grant_out = cls(
            grant_id=grant_id,
            user_id=user_id,
            plan_code=plan_code,
            days=days,
            period=period,
            author=author,
            reason=reason,
            created_at=created_at,
            revoked_at=revoked_at,
        )

        grant_out.additional_properties = d
        return grant_out

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
