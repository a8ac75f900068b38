"""The OpenAPI page as a person uses it: every operation with the examples that its fields are filled with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from billing_service.kit.http import httpx

# A test holds this file to what the service serves.
PAGE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "openapi.json").read_text())
SCHEMAS: dict[str, Any] = PAGE["components"]["schemas"]
JSON = "application/json"


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = SCHEMAS.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return named


@dataclass(frozen=True)
class Operation:
    """One operation of the page."""

    method: str
    path: str
    says: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.says["operationId"])

    @property
    def is_scoped(self) -> bool:
        return bool(self.says["security"])

    @property
    def body(self) -> Any:  # noqa: ANN401 (JSON)
        if "requestBody" not in self.says:
            return None
        content = self.says["requestBody"]["content"][JSON]
        return content.get("example") or resolved(content["schema"])["example"]

    @property
    def success(self) -> dict[str, Any]:
        return next(answer for status, answer in self.says["responses"].items() if status.startswith("2"))

    def examples(self, status: int) -> dict[str, Any]:
        """Of its failures with this status, by code."""
        answer: dict[str, Any] = self.says["responses"].get(str(status), {})
        shown: dict[str, Any] = answer.get("content", {}).get(JSON, {}).get("examples", {})
        return shown

    async def execute(
        self,
        http: httpx.AsyncClient,
        *,
        token: str | None,
        but: Mapping[str, object] | None = None,
        without: str = "",
        content: bytes | None = None,
    ) -> httpx.Response:
        """As shown, `but` with these parameters, or `without` one of them."""
        sent = {
            place: {
                name: str(value) for name, value in self._fields(place, but or {}).items() if name != without
            }
            for place in ("path", "query", "header")
        }
        headers = sent["header"] | ({"Authorization": f"Bearer {token}"} if token and self.is_scoped else {})
        body = {"content": content} if content else {"json": self.body} if self.body is not None else {}
        return await http.request(
            self.method, self.path.format(**sent["path"]), params=sent["query"], headers=headers, **body
        )

    def _fields(self, place: str, but: Mapping[str, object]) -> dict[str, object]:
        """What the page fills in: a required field without an example could not be sent at all."""
        filled: dict[str, object] = {}
        for one in self.says.get("parameters", ()):
            if one["in"] == place:
                value = but.get(one["name"], one.get("example", one["schema"].get("default")))
                assert value is not None or not one["required"], f"{self.name}: {one['name']} is left empty"
                filled |= {one["name"]: value} if value is not None else {}
        return filled


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation(method, path, says)
        for path, methods in PAGE["paths"].items()
        for method, says in methods.items()
    )
}


def shape(value: object) -> object:
    """The names of all fields, of the first in a list; an example must have those of the answer."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None
