from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.case_out_status import CaseOutStatus, check_case_out_status

T = TypeVar("T", bound="CaseOut")


@_attrs_define
class CaseOut:
    """A case: `answer` is why it was refused. `answer_by` is until when somebody answers.

    Attributes:
        case_number (str): To be quoted to support.
        status (CaseOutStatus):
        reason (str):
        created_at (datetime.datetime): In UTC, ending in `Z`.
        answer_by (datetime.datetime): In UTC, ending in `Z`.
        concluded_at (datetime.datetime | None):
        answer (None | str):
    """

    case_number: str
    status: CaseOutStatus
    reason: str
    created_at: datetime.datetime
    answer_by: datetime.datetime
    concluded_at: datetime.datetime | None
    answer: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        case_number = self.case_number

        status: str = self.status

        reason = self.reason

        created_at = self.created_at.isoformat()

        answer_by = self.answer_by.isoformat()

        concluded_at: None | str
        if isinstance(self.concluded_at, datetime.datetime):
            concluded_at = self.concluded_at.isoformat()
        else:
            concluded_at = self.concluded_at

        answer: None | str
        answer = self.answer

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "case_number": case_number,
                "status": status,
                "reason": reason,
                "created_at": created_at,
                "answer_by": answer_by,
                "concluded_at": concluded_at,
                "answer": answer,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        case_number = d.pop("case_number")

        status = check_case_out_status(d.pop("status"))

        reason = d.pop("reason")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        answer_by = datetime.datetime.fromisoformat(d.pop("answer_by"))

        def _parse_concluded_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                concluded_at_type_0 = datetime.datetime.fromisoformat(data)

                return concluded_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        concluded_at = _parse_concluded_at(d.pop("concluded_at"))

        def _parse_answer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        answer = _parse_answer(d.pop("answer"))

        case_out = cls(
            case_number=case_number,
            status=status,
            reason=reason,
            created_at=created_at,
            answer_by=answer_by,
            concluded_at=concluded_at,
            answer=answer,
        )

        case_out.additional_properties = d
        return case_out

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
