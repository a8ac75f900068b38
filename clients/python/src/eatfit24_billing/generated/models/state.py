from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.method import Method
    from ..models.span import Span


T = TypeVar("T", bound="State")


@_attrs_define
class State:
    """The user's whole subscription at that instant; the newest one that was told is true until the next.

    `access_until` is when PRO ends, or has ended; null without any. `plan` is in force at that instant, and `spans` say
    which one is later: those that are not over, the first 20 of them. After the last one the plan is FREE.

        Attributes:
            plan (str):
            access_until (datetime.datetime | None):
            auto_renew (bool):
            payment_method (Method | None):
            spans (list[Span]):
    """

    plan: str
    access_until: datetime.datetime | None
    auto_renew: bool
    payment_method: Method | None
    spans: list[Span]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.method import Method  # noqa: PLC0415

        plan = self.plan

        access_until: None | str
        if isinstance(self.access_until, datetime.datetime):
            access_until = self.access_until.isoformat()
        else:
            access_until = self.access_until

        auto_renew = self.auto_renew

        payment_method: dict[str, Any] | None
        if isinstance(self.payment_method, Method):
            payment_method = self.payment_method.to_dict()
        else:
            payment_method = self.payment_method

        spans = []
        for spans_item_data in self.spans:
            spans_item = spans_item_data.to_dict()
            spans.append(spans_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plan": plan,
                "access_until": access_until,
                "auto_renew": auto_renew,
                "payment_method": payment_method,
                "spans": spans,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.method import Method  # noqa: PLC0415
        from ..models.span import Span  # noqa: PLC0415

        d = dict(src_dict)
        plan = d.pop("plan")

        def _parse_access_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                access_until_type_0 = datetime.datetime.fromisoformat(data)

                return access_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        access_until = _parse_access_until(d.pop("access_until"))

        auto_renew = d.pop("auto_renew")

        def _parse_payment_method(data: object) -> Method | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                payment_method_type_0 = Method.from_dict(data)

                return payment_method_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Method | None, data)

        payment_method = _parse_payment_method(d.pop("payment_method"))

        spans = []
        _spans = d.pop("spans")
        for spans_item_data in _spans:
            spans_item = Span.from_dict(spans_item_data)

            spans.append(spans_item)

        state = cls(
            plan=plan,
            access_until=access_until,
            auto_renew=auto_renew,
            payment_method=payment_method,
            spans=spans,
        )

        state.additional_properties = d
        return state

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
