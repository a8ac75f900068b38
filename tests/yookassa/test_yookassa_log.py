"""Every call leaves one line that an operator can count by, and no secret in any of them."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from billing_service.yookassa.errors import OutcomeUnknown, Rejected
from tests.yookassa.bad_provider import (
    KEY,
    PAYMENT_ID,
    PENDING,
    SECRET_KEY,
    answer,
    refusal,
    stall,
    talking_to,
)


def called(lines: list[MutableMapping[str, Any]]) -> MutableMapping[str, Any]:
    (line,) = [line for line in lines if line["event"] == "yookassa.called"]
    return line


async def test_a_good_call_leaves_one_line() -> None:
    async with talking_to(answer(200, PENDING)) as (yookassa, _):
        with capture_logs() as lines:
            await yookassa.get_payment(PAYMENT_ID)

    line = called(lines)
    assert (line["operation"], line["outcome"], line["status"], line["attempt"]) == (
        "get_payment",
        "answered",
        200,
        1,
    )
    assert isinstance(line["duration_ms"], int)


async def test_a_refused_call_leaves_the_id_to_quote() -> None:
    async with talking_to(refusal(400, "invalid_request")) as (yookassa, _):
        with capture_logs() as lines, pytest.raises(Rejected):
            await yookassa.create_payment(b"{}", idempotence_key=KEY)

    line = called(lines)
    assert (line["outcome"], line["status"], line["error_id"]) == ("rejected", 400, "error-of-400")


async def test_each_repeat_leaves_the_error_it_follows() -> None:
    async with talking_to(refusal(500, "internal"), refusal(401, "invalid_credentials")) as (yookassa, _):
        with capture_logs() as lines, pytest.raises(OutcomeUnknown):
            await yookassa.create_payment(b"{}", idempotence_key=KEY)

    repeated = lines[0]
    assert (repeated["event"], repeated["attempt"], repeated["error_id"]) == (
        "yookassa.repeated",
        1,
        "error-of-500",
    )
    line = called(lines)
    assert (line["outcome"], line["status"], line["attempt"]) == ("unknown", 401, 2)


async def test_a_call_its_caller_gave_up_leaves_a_line_too() -> None:
    async with talking_to(stall) as (yookassa, _):
        with capture_logs() as lines, pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await yookassa.create_payment(b"{}", idempotence_key=KEY)

    assert called(lines)["outcome"] == "interrupted"


async def test_no_line_shows_the_key_the_body_or_what_the_provider_quotes() -> None:
    canary = "4477-canary"
    bad = refusal(500, canary, id=f"{canary} {SECRET_KEY}", description=canary)
    async with talking_to(bad, answer(200, PENDING | {"description": canary})) as (yookassa, _):
        with capture_logs() as lines:
            await yookassa.create_payment(canary.encode(), idempotence_key=KEY)

    assert len(lines) == 2
    assert canary not in str(lines)
    assert SECRET_KEY not in str(lines)
