from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.readiness_out_redis import ReadinessOutRedis, check_readiness_out_redis
from ..models.readiness_out_status import ReadinessOutStatus, check_readiness_out_status

T = TypeVar("T", bound="ReadinessOut")


@_attrs_define
class ReadinessOut:
    """`redis` down is no reason to refuse work: it only holds what may be forgotten.

    Attributes:
        status (ReadinessOutStatus):
        database (str):
        redis (ReadinessOutRedis):
    """

    status: ReadinessOutStatus
    database: str
    redis: ReadinessOutRedis
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str = self.status

        database = self.database

        redis: str = self.redis

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "database": database,
                "redis": redis,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = check_readiness_out_status(d.pop("status"))

        database = d.pop("database")

        redis = check_readiness_out_redis(d.pop("redis"))

        readiness_out = cls(
            status=status,
            database=database,
            redis=redis,
        )

        readiness_out.additional_properties = d
        return readiness_out

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
