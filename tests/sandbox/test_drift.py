"""The sandbox against a second one that answers otherwise in one place: each planted difference is found and named."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest
from typer.testing import CliRunner

from billing_service.cli import app
from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.drift.comparing import Compared, Side, compare
from billing_service.sandbox.drift.scenario import SCENARIO
from tests.sandbox.serving import served

Json = dict[str, Any]
# What the second one changes: of the request, with the status and the body that it would answer.
Change = Callable[[httpx.Request, int, Json], tuple[int, Json]]
SECRET = "test_sandbox"


class Changed(httpx.AsyncBaseTransport):
    """The second sandbox, whose answers somebody else has written."""

    def __init__(self, sandbox: Sandbox, change: Change) -> None:
        self._to = httpx.ASGITransport(app=sandbox.app)
        self._change = change

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._to.handle_async_request(request)
        await response.aread()
        status, body = self._change(request, response.status_code, response.json())
        return httpx.Response(status, json=body)


def as_it_is(_request: httpx.Request, status: int, body: Json) -> tuple[int, Json]:
    return status, body


def without_a_field(request: httpx.Request, status: int, body: Json) -> tuple[int, Json]:
    if request.url.path.endswith("/capture") and status == 200:
        del body["captured_at"]
    return status, body


def with_another_field(request: httpx.Request, status: int, body: Json) -> tuple[int, Json]:
    if request.url.path == "/v3/refunds" and request.method == "POST" and status == 200:
        body["refund_method"] = {"type": "bank_card"}
    return status, body


def of_another_type(_request: httpx.Request, status: int, body: Json) -> tuple[int, Json]:
    if "paid" in body:
        body["paid"] = str(body["paid"]).lower()
    return status, body


def with_another_code(_request: httpx.Request, status: int, body: Json) -> tuple[int, Json]:
    if body.get("code") == "not_found":
        body["code"] = "invalid_request"
    return status, body


def with_another_status(request: httpx.Request, status: int, body: Json) -> tuple[int, Json]:
    return (400, body) if status == 404 and "/refunds/" in request.url.path else (status, body)


def that_forgets_its_keys(request: httpx.Request, status: int, body: Json) -> tuple[int, Json]:
    """Whatever is created under a key, known or not, is another payment."""
    if request.method == "POST" and request.url.path == "/v3/payments" and status == 200:
        body["id"] = str(uuid4())
    return status, body


PLANTED = [
    (without_a_field, "a capture", "body.captured_at", "<time>", "nothing"),
    (with_another_field, "a part goes back", "body.refund_method", "nothing", {"type": "bank_card"}),
    (of_another_type, "a payment", "body.paid", False, "false"),
    (with_another_code, "a payment nobody made", "body.code", "not_found", "invalid_request"),
    (with_another_status, "a refund nobody made", "status", 404, 400),
    (that_forgets_its_keys, "the same with the same key", "body.id", "<id 1>", "<id 2>"),
]


@asynccontextmanager
async def a_side(name: str, change: Change, *, is_paid: bool = True) -> AsyncIterator[Side]:
    async with Sandbox(notify_url=None) as sandbox:
        office = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=sandbox.app), base_url="http://sandbox/_sandbox"
        )

        async def pay(payment: str, _link: str) -> bool:
            return is_paid and (await office.post(f"/payments/{payment}/pay", json={})).is_success

        async with (
            office,
            httpx.AsyncClient(transport=Changed(sandbox, change), base_url="http://sandbox/v3") as http,
        ):
            yield Side(name, http, "100500", SECRET, pay)


async def compared_with(change: Change, *, only_reads: bool = False, is_paid: bool = True) -> list[Compared]:
    async with a_side("ours", as_it_is) as ours, a_side("theirs", change, is_paid=is_paid) as theirs:
        return [one async for one in compare(ours, theirs, only_reads=only_reads)]


async def test_where_nothing_differs_every_step_is_the_same() -> None:
    found = await compared_with(as_it_is)

    assert [(one.step.name, one.difference, one.not_because) for one in found] == [
        (step.name, None, None) for step in SCENARIO
    ]


@pytest.mark.parametrize(
    ("change", "step", "path", "ours", "theirs"), PLANTED, ids=[one[0].__name__ for one in PLANTED]
)
async def test_a_planted_difference_is_found_and_named(
    change: Change, step: str, path: str, ours: object, theirs: object
) -> None:
    *before, last = await compared_with(change)

    assert [one for one in before if one.difference] == []
    assert last.difference is not None
    assert (last.step.name, *last.difference) == (step, path, ours, theirs)


async def test_what_nobody_pays_is_not_compared_and_says_so() -> None:
    left_out = {one.step.name: one.not_because for one in await compared_with(as_it_is, is_paid=False)}

    assert left_out["the money is held"] == "nobody paid in a browser"
    assert left_out["a capture"] is not None
    assert left_out["a payment"] is None


async def test_reading_alone_leaves_no_trace() -> None:
    asked: list[str] = []

    def noting(request: httpx.Request, status: int, body: Json) -> tuple[int, Json]:
        asked.append(request.method)
        return status, body

    await compared_with(noting, only_reads=True)

    assert set(asked) == {"GET"}


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with served() as address:
        yield address


def drift(shop: str, *options: str, key: str | None = SECRET) -> tuple[int, str]:
    named = ("sandbox", "drift", "--shop-id", "100500", "--api-url", f"{shop}/v3", *options)
    environment = {"YOOKASSA_API_KEY_TEST": key, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    result = CliRunner().invoke(app, named, env=environment)
    return result.exit_code, result.output


def order(shop: str, **flags: object) -> None:
    httpx.put(f"{shop}/_sandbox/shop", json=flags, trust_env=False).raise_for_status()


def test_the_command_ends_well_without_a_difference_and_says_no_secret(shop: str) -> None:
    status, said = drift(shop, "--no-payer")

    assert status == 0, said
    assert "no difference" in said
    assert "because nobody paid in a browser" in said
    assert SECRET not in said


def test_the_command_names_the_first_difference(shop: str) -> None:
    order(shop, unknown_payment=400)
    try:
        status, said = drift(shop, "--no-payer")
    finally:
        order(shop, unknown_payment=404)

    assert status == 1
    assert "DIFFERENT: a payment nobody made" in said
    assert "at      status" in said
    assert SECRET not in said


def test_a_shop_that_demands_receipts_is_followed(shop: str) -> None:
    order(shop, fiscalization=True)
    try:
        status, said = drift(shop, "--no-payer")
    finally:
        order(shop, fiscalization=False)

    assert status == 0, said
    assert "the same: a payment (POST /payments)" in said


def test_a_live_shop_is_only_read(shop: str) -> None:
    order(shop, test=False)
    try:
        refused = drift(shop, "--no-payer")
        read = drift(shop, "--only-reads")
    finally:
        order(shop, test=True)

    assert refused[0] == 2
    assert "this is a live shop" in refused[1]
    assert read[0] == 0, read[1]


def test_the_key_comes_from_the_environment_or_a_file_and_is_shown_nowhere(shop: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("test_wrong_canary\n")

    without = drift(shop, key=None)
    wrong = drift(shop, "--key-file", str(file), key=None)

    assert without[0] == wrong[0] == 2
    assert "YOOKASSA_API_KEY_TEST" in without[1]
    assert "answers 401" in wrong[1]
    assert "canary" not in wrong[1]
