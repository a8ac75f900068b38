"""What the OpenAPI page announces, and the one shape of every error, for the tests that hold us to both."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from billing_service.app import create_app
from billing_service.config import DEV_TOKEN
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.stage import in_process

BASE = "/api/v1/billing"
PAYMENT = f"{BASE}/payments/4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11/"
HEADERS = {"Authorization": f"Bearer {DEV_TOKEN}", "X-User-Id": "1001"}


@asynccontextmanager
async def calling(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """A caller who may do everything, for one user, and who writes every request by hand."""
    app = create_app(services.settings, services)
    async with httpx.AsyncClient(
        transport=in_process(app), base_url="http://billing", headers=HEADERS
    ) as client:
        yield client


def assert_one_shape(answer: httpx.Response) -> str:
    """The answer is an error as every error is; its code."""
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "details", "request_id"}
    # One code is written as the legacy API writes it.
    assert re.fullmatch(r"[A-Z][A-Z_]+|payment_method_required", error["code"])
    assert re.search(r"[а-яё]", error["message"])
    assert isinstance(error["details"], dict)
    assert error["request_id"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    return str(error["code"])


def operations(page: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in page["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def filled(path: str) -> str:
    """A template with something in every place."""
    return re.sub(r"\{(\w+)\}", lambda name: "1001" if name[1] == "user_id" else PAYMENT.split("/")[-2], path)


def announced(operation: dict[str, Any]) -> set[tuple[int, str]]:
    """Every (status, code) this operation says that it may answer."""
    return {(status, error["code"]) for status, error in shown_errors(operation)}


def shown_errors(operation: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every error this operation shows an example of, with its status."""
    for status, response in operation["responses"].items():
        examples = response.get("content", {}).get("application/json", {}).get("examples", {})
        for example in examples.values():
            if "error" in example["value"]:
                yield int(status), example["value"]["error"]
