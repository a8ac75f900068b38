from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.links_out import LinksOut


T = TypeVar("T", bound="IndexOut")


@_attrs_define
class IndexOut:
    """What answers here, and where to read on.

    Attributes:
        service (Literal['billing-service']):
        version (str):
        links (LinksOut): Addresses on this host; `demo` is there in dev mode only.
    """

    service: Literal["billing-service"]
    version: str
    links: LinksOut
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        service = self.service

        version = self.version

        links = self.links.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "service": service,
                "version": version,
                "links": links,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.links_out import LinksOut  # noqa: PLC0415

        d = dict(src_dict)
        service = cast(Literal["billing-service"], d.pop("service"))
        if service != "billing-service":
            raise ValueError(f"service must match const 'billing-service', got '{service}'")

        version = d.pop("version")

        links = LinksOut.from_dict(d.pop("links"))

        index_out = cls(
            service=service,
            version=version,
            links=links,
        )

        index_out.additional_properties = d
        return index_out

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
