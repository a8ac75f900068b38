from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.lying_out_cause import LyingOutCause, check_lying_out_cause

if TYPE_CHECKING:
    from ..models.cut_out import CutOut
    from ..models.used_beside_out import UsedBesideOut


T = TypeVar("T", bound="LyingOut")


@_attrs_define
class LyingOut:
    """A span of access and what gave it. `begins` and `ends` are null once nothing is left of it.

    Attributes:
        period_id (int):
        plan_code (str):
        cause (LyingOutCause):
        days (int): As they were given, of 24 hours each.
        is_test (bool): Of a test shop: gives access only where nothing live is sold.
        payment_id (None | UUID):
        grant_id (None | UUID):
        author (None | str):
        reason (None | str):
        granted_at (datetime.datetime): In UTC, ending in `Z`.
        begins (datetime.datetime | None):
        ends (datetime.datetime | None):
        cuts (list[CutOut]):
        used_beside (list[UsedBesideOut]):
    """

    period_id: int
    plan_code: str
    cause: LyingOutCause
    days: int
    is_test: bool
    payment_id: None | UUID
    grant_id: None | UUID
    author: None | str
    reason: None | str
    granted_at: datetime.datetime
    begins: datetime.datetime | None
    ends: datetime.datetime | None
    cuts: list[CutOut]
    used_beside: list[UsedBesideOut]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        period_id = self.period_id

        plan_code = self.plan_code

        cause: str = self.cause

        days = self.days

        is_test = self.is_test

        payment_id: None | str
        if isinstance(self.payment_id, UUID):
            payment_id = str(self.payment_id)
        else:
            payment_id = self.payment_id

        grant_id: None | str
        if isinstance(self.grant_id, UUID):
            grant_id = str(self.grant_id)
        else:
            grant_id = self.grant_id

        author: None | str
        author = self.author

        reason: None | str
        reason = self.reason

        granted_at = self.granted_at.isoformat()

        begins: None | str
        if isinstance(self.begins, datetime.datetime):
            begins = self.begins.isoformat()
        else:
            begins = self.begins

        ends: None | str
        if isinstance(self.ends, datetime.datetime):
            ends = self.ends.isoformat()
        else:
            ends = self.ends

        cuts = []
        for cuts_item_data in self.cuts:
            cuts_item = cuts_item_data.to_dict()
            cuts.append(cuts_item)

        used_beside = []
        for used_beside_item_data in self.used_beside:
            used_beside_item = used_beside_item_data.to_dict()
            used_beside.append(used_beside_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "period_id": period_id,
                "plan_code": plan_code,
                "cause": cause,
                "days": days,
                "is_test": is_test,
                "payment_id": payment_id,
                "grant_id": grant_id,
                "author": author,
                "reason": reason,
                "granted_at": granted_at,
                "begins": begins,
                "ends": ends,
                "cuts": cuts,
                "used_beside": used_beside,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cut_out import CutOut  # noqa: PLC0415
        from ..models.used_beside_out import UsedBesideOut  # noqa: PLC0415

        d = dict(src_dict)
        period_id = d.pop("period_id")

        plan_code = d.pop("plan_code")

        cause = check_lying_out_cause(d.pop("cause"))

        days = d.pop("days")

        is_test = d.pop("is_test")

        def _parse_payment_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                payment_id_type_0 = UUID(data)

                return payment_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        payment_id = _parse_payment_id(d.pop("payment_id"))

        def _parse_grant_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                grant_id_type_0 = UUID(data)

                return grant_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        grant_id = _parse_grant_id(d.pop("grant_id"))

        def _parse_author(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        author = _parse_author(d.pop("author"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        granted_at = datetime.datetime.fromisoformat(d.pop("granted_at"))

        def _parse_begins(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                begins_type_0 = datetime.datetime.fromisoformat(data)

                return begins_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        begins = _parse_begins(d.pop("begins"))

        def _parse_ends(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ends_type_0 = datetime.datetime.fromisoformat(data)

                return ends_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ends = _parse_ends(d.pop("ends"))

        cuts = []
        _cuts = d.pop("cuts")
        for cuts_item_data in _cuts:
            cuts_item = CutOut.from_dict(cuts_item_data)

            cuts.append(cuts_item)

        used_beside = []
        _used_beside = d.pop("used_beside")
        for used_beside_item_data in _used_beside:
            used_beside_item = UsedBesideOut.from_dict(used_beside_item_data)

            used_beside.append(used_beside_item)

        lying_out = cls(
            period_id=period_id,
            plan_code=plan_code,
            cause=cause,
            days=days,
            is_test=is_test,
            payment_id=payment_id,
            grant_id=grant_id,
            author=author,
            reason=reason,
            granted_at=granted_at,
            begins=begins,
            ends=ends,
            cuts=cuts,
            used_beside=used_beside,
        )

        lying_out.additional_properties = d
        return lying_out

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
