"""The OpenAPI page as a person uses it: every operation with the examples that its fields are filled with."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema_rs

from billing_service.app import create_app
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.stage import in_process

# A test holds this file to what the service serves.
PAGE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "openapi.json").read_text())
SCHEMAS: dict[str, Any] = PAGE["components"]["schemas"]
JSON = "application/json"
# What is no success where nobody has bought or reserved anything.
NOT_YET = {
    "get_payment": (404, "PAYMENT_NOT_FOUND"),
    "commit_usage": (404, "OPERATION_NOT_FOUND"),
    "extend_usage": (404, "OPERATION_NOT_FOUND"),
    "release_usage": (404, "OPERATION_NOT_FOUND"),
    "revoke_grant": (404, "GRANT_NOT_FOUND"),
    "revoke_grant_batch": (404, "GRANT_BATCH_NOT_FOUND"),
    "withdraw_consent": (404, "CONSENT_NOT_FOUND"),
    "set_autorenew": (409, "RECURRING_DISABLED"),
    "start_card_binding": (409, "CARD_BINDING_NOT_AVAILABLE"),
    "create_test_live_payment": (403, "FORBIDDEN"),
    "preview_refund_request": (404, "PAYMENT_NOT_FOUND"),
    "ask_for_refund": (404, "PAYMENT_NOT_FOUND"),
    "refuse_refund_request": (404, "REFUND_REQUEST_NOT_FOUND"),
    "create_refund": (404, "PAYMENT_NOT_FOUND"),
    "list_refunds": (404, "PAYMENT_NOT_FOUND"),
    "get_refund": (404, "REFUND_NOT_FOUND"),
    "replay_event": (404, "EVENT_NOT_FOUND"),
    "report_notice_delivered": (404, "NOTICE_NOT_FOUND"),
    "mark_npd_registered": (404, "NPD_ENTRY_NOT_FOUND"),
}
NEIGHBOUR, STRANGER = "127.0.0.1", "203.0.113.9"


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

    def answered(self, answer: httpx.Response) -> bool:
        """Whether this is an answer of this operation."""
        path = re.sub(r"\{\w+\}", "[^/]+", self.path)
        return answer.request.method == self.method.upper() and bool(
            re.fullmatch(path, answer.request.url.path)
        )

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
        body: object = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """As shown, `but` with these parameters, or `without` one of them, or with another body."""
        sent = {
            place: {
                name: str(value) for name, value in self._fields(place, but or {}).items() if name != without
            }
            for place in ("path", "query", "header")
        }
        headers = sent["header"] | ({"Authorization": f"Bearer {token}"} if token and self.is_scoped else {})
        path = self.path.format(**sent["path"])
        json_body = body if body is not None else self.body
        what = {"content": content} if content else {"json": json_body} if json_body is not None else {}
        return await http.request(self.method, path, params=sent["query"], headers=headers, **what)

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


def calling(services: Services, peer: str = NEIGHBOUR, **settings: object) -> httpx.AsyncClient:
    changed = services.settings.model_copy(update=settings)
    app = create_app(changed, replace(services, settings=changed))
    return httpx.AsyncClient(transport=in_process(app, peer), base_url="http://billing")


def assert_announced(operation: Operation, answer: httpx.Response) -> None:
    """Status, headers and body are as the page says."""
    announced = operation.says["responses"][str(answer.status_code)]
    for name, header in announced.get("headers", {}).items():
        assert name in answer.headers or not header["required"], f"{operation.name}: {name}"
    if JSON in announced["content"]:
        schema = announced["content"][JSON]["schema"]
        jsonschema_rs.validate({**schema, "components": PAGE["components"]}, answer.json())


def assert_shown(operation: Operation, answer: httpx.Response, code: str) -> None:
    """The answer is one of the examples of this code, word for word; only the id of the request is its own.

    Figures and ids among its details are its own too: they have the names that are shown.
    """
    assert_announced(operation, answer)
    shown = [example["value"]["error"] for example in operation.examples(answer.status_code).values()]
    said = answer.json()["error"]
    assert said["code"] == code
    assert _told(said) in [_told(one) for one in shown]


def _told(error: dict[str, Any]) -> dict[str, Any]:
    details = error["details"]
    counted = {"resets_at", "payment_id", "until"} & details.keys()
    return error | {"request_id": "", "details": shape(details) if counted else details}


def header_examples(operation: Operation, status: int, header: str) -> set[str]:
    shown = operation.says["responses"][str(status)]["headers"][header]
    return {shown["schema"]["example"]} | {one["value"] for one in shown.get("examples", {}).values()}
