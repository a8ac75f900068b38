"""Repeats: few, inside one budget, the very same request, and never at the price of certainty."""

import time
from collections.abc import Iterator

import pytest

from billing_service.kit.http import httpx
from billing_service.yookassa.client import YookassaClient
from billing_service.yookassa.errors import (
    NotFound,
    OutcomeUnknown,
    Rejected,
    Unauthorized,
    Unavailable,
    YookassaError,
)
from tests.yookassa.bad_provider import (
    KEY,
    PAYMENT_ID,
    PENDING,
    Reply,
    answer,
    hang_up,
    refusal,
    stall,
    talking_to,
)

FAILED = refusal(500, "internal_server_error")
LIMITED = refusal(429, "too_many_requests")
WRONG_KEY = refusal(401, "invalid_credentials")
DUPLICATE_KEY = refusal(400, "invalid_request", parameter="Idempotence-Key")


async def creating(*script: Reply, seconds: float = 5.0) -> tuple[YookassaError, int]:
    async with talking_to(*script, seconds=seconds) as (yookassa, provider):
        with pytest.raises(YookassaError) as failed:
            await yookassa.create_payment(b"{}", idempotence_key=KEY)
    return failed.value, len(provider.received)


@pytest.mark.parametrize("bad", [FAILED, LIMITED, hang_up, answer(502, b"<html>"), answer(202, {})])
async def test_a_payment_is_created_at_the_second_attempt_by_the_same_request(bad: Reply) -> None:
    async with talking_to(bad, answer(200, PENDING)) as (yookassa, provider):
        payment = await yookassa.create_payment(b'{"a":1}', idempotence_key=KEY)

    assert payment.id == PAYMENT_ID
    first, second = provider.received
    assert (first.body, first.headers) == (second.body, second.headers)
    assert (first.body, first.headers["idempotence-key"]) == (b'{"a":1}', KEY)


async def test_three_attempts_are_the_most() -> None:
    error, attempts = await creating(FAILED, FAILED, FAILED, answer(200, PENDING))

    assert type(error) is OutcomeUnknown
    assert attempts == 3


async def test_a_definite_refusal_is_not_repeated() -> None:
    error, attempts = await creating(DUPLICATE_KEY, answer(200, PENDING))

    assert type(error) is Rejected
    assert attempts == 1


@pytest.mark.parametrize(
    "later", [WRONG_KEY, DUPLICATE_KEY, refusal(403, "forbidden"), refusal(404, "not_found")]
)
@pytest.mark.parametrize("first", [FAILED, hang_up, answer(202, {})], ids=["500", "reset", "202"])
async def test_a_refusal_after_an_unknown_outcome_decides_nothing(first: Reply, later: Reply) -> None:
    error, attempts = await creating(first, later, answer(200, PENDING))

    assert type(error) is OutcomeUnknown
    assert isinstance(error.__cause__, Rejected | Unauthorized)
    assert attempts == 2


async def test_the_refusal_of_a_repeat_is_told_beside_the_doubt() -> None:
    error, _ = await creating(FAILED, WRONG_KEY)

    assert isinstance(error.__cause__, Unauthorized)
    assert (error.status, error.error_id) == (401, "error-of-401")


async def test_a_limit_after_an_unknown_outcome_leaves_it_unknown() -> None:
    error, attempts = await creating(FAILED, LIMITED, LIMITED)

    assert type(error) is OutcomeUnknown
    assert attempts == 3


async def test_doubt_outlives_a_limit_in_between() -> None:
    error, attempts = await creating(FAILED, LIMITED, WRONG_KEY)

    assert type(error) is OutcomeUnknown
    assert attempts == 3


async def test_a_refusal_after_nothing_but_limits_is_still_definite() -> None:
    error, attempts = await creating(LIMITED, LIMITED, WRONG_KEY)

    assert type(error) is Unauthorized
    assert attempts == 3


async def test_a_provider_gone_after_an_unknown_outcome_leaves_it_unknown() -> None:
    gone = httpx.ConnectError("refused")
    answers: Iterator[httpx.Response | httpx.ConnectError] = iter([httpx.Response(500), gone, gone])

    def next_answer(_: httpx.Request) -> httpx.Response:
        result = next(answers)
        if isinstance(result, httpx.Response):
            return result
        raise result

    async with YookassaClient(
        shop_id="1",
        secret_key="k",
        api_url="https://api.invalid/v3",
        transport=httpx.MockTransport(next_answer),
        waits=(0, 0),
    ) as yookassa:
        with pytest.raises(OutcomeUnknown) as failed:
            await yookassa.create_payment(b"{}", idempotence_key=KEY)

    assert isinstance(failed.value.__cause__, Unavailable)


async def test_questions_are_repeated_and_each_answer_stands_alone() -> None:
    async with talking_to(FAILED, hang_up, refusal(404, "not_found")) as (yookassa, provider):
        with pytest.raises(NotFound):
            await yookassa.get_payment(PAYMENT_ID)

    assert len(provider.received) == 3


async def test_the_wait_the_provider_asks_for_is_kept() -> None:
    started = time.monotonic()
    async with talking_to(answer(429, {"retry_after": 300}), answer(200, PENDING)) as (yookassa, _):
        await yookassa.create_payment(b"{}", idempotence_key=KEY)

    assert time.monotonic() - started >= 0.3


async def test_a_wait_that_does_not_fit_ends_the_call_at_once() -> None:
    started = time.monotonic()
    error, attempts = await creating(answer(429, Retry_After="60"), answer(200, PENDING))

    assert (attempts, error.retry_after) == (1, 60)
    assert time.monotonic() - started < 4


async def test_all_attempts_together_stay_inside_the_budget() -> None:
    started = time.monotonic()
    error, attempts = await creating(FAILED, stall, answer(200, PENDING), seconds=1)

    assert type(error) is OutcomeUnknown
    assert attempts == 2
    assert time.monotonic() - started < 2.5
