from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="LinksOut")


@_attrs_define
class LinksOut:
    """Addresses on this host; `demo` is there in dev mode only.

    Attributes:
        docs (str):
        openapi (str):
        demo (None | str):
        live (str):
        ready (str):
        metrics (str):
    """

    docs: str
    openapi: str
    demo: None | str
    live: str
    ready: str
    metrics: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        docs = self.docs

        openapi = self.openapi

        demo: None | str
        demo = self.demo

        live = self.live

        ready = self.ready

        metrics = self.metrics

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "docs": docs,
                "openapi": openapi,
                "demo": demo,
                "live": live,
                "ready": ready,
                "metrics": metrics,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        docs = d.pop("docs")

        openapi = d.pop("openapi")

        def _parse_demo(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        demo = _parse_demo(d.pop("demo"))

        live = d.pop("live")

        ready = d.pop("ready")

        metrics = d.pop("metrics")

        links_out = cls(
            docs=docs,
            openapi=openapi,
            demo=demo,
            live=live,
            ready=ready,
            metrics=metrics,
        )

        links_out.additional_properties = d
        return links_out

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
