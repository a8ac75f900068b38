from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.plan_change_out_after import PlanChangeOutAfter
    from ..models.plan_change_out_before_type_0 import PlanChangeOutBeforeType0


T = TypeVar("T", bound="PlanChangeOut")


@_attrs_define
class PlanChangeOut:
    """Who changed what, when and why. `before` and `after` name what changed; null before it was added.

    Attributes:
        id (int):
        at (datetime.datetime): In UTC, ending in `Z`.
        action (str): `plan.added` or `plan.changed`.
        caller (str):
        author (None | str):
        reason (None | str):
        request_id (str):
        before (None | PlanChangeOutBeforeType0):
        after (PlanChangeOutAfter):
    """

    id: int
    at: datetime.datetime
    action: str
    caller: str
    author: None | str
    reason: None | str
    request_id: str
    before: None | PlanChangeOutBeforeType0
    after: PlanChangeOutAfter
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.plan_change_out_before_type_0 import PlanChangeOutBeforeType0  # noqa: PLC0415

        id = self.id

        at = self.at.isoformat()

        action = self.action

        caller = self.caller

        author: None | str
        author = self.author

        reason: None | str
        reason = self.reason

        request_id = self.request_id

        before: dict[str, Any] | None
        if isinstance(self.before, PlanChangeOutBeforeType0):
            before = self.before.to_dict()
        else:
            before = self.before

        after = self.after.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "at": at,
                "action": action,
                "caller": caller,
                "author": author,
                "reason": reason,
                "request_id": request_id,
                "before": before,
                "after": after,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_change_out_after import PlanChangeOutAfter  # noqa: PLC0415
        from ..models.plan_change_out_before_type_0 import PlanChangeOutBeforeType0  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        action = d.pop("action")

        caller = d.pop("caller")

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

        request_id = d.pop("request_id")

        def _parse_before(data: object) -> None | PlanChangeOutBeforeType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                before_type_0 = PlanChangeOutBeforeType0.from_dict(data)

                return before_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PlanChangeOutBeforeType0, data)

        before = _parse_before(d.pop("before"))

        after = PlanChangeOutAfter.from_dict(d.pop("after"))

        plan_change_out = cls(
            id=id,
            at=at,
            action=action,
            caller=caller,
            author=author,
            reason=reason,
            request_id=request_id,
            before=before,
            after=after,
        )

        plan_change_out.additional_properties = d
        return plan_change_out

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
