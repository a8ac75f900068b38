"""Each way a single request can fail is exactly one of three things; over real sockets, without repeats."""

import asyncio

import pytest

from billing_service.yookassa.client import YookassaClient
from billing_service.yookassa.errors import (
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Unauthorized,
    Unavailable,
    YookassaError,
)
from tests.yookassa.bad_provider import (
    HALF_AN_ANSWER,
    KEY,
    PAYMENT_ID,
    PENDING,
    SECRET_KEY,
    Reply,
    answer,
    drip,
    hang_up,
    raw,
    refusal,
    stall,
    talking_to,
)

HTML = b"<html><h1>Bad Gateway</h1></html>"


async def creating(reply: Reply, *, seconds: float = 5.0) -> YookassaError:
    async with talking_to(reply, seconds=seconds, waits=()) as (yookassa, _):
        with pytest.raises(YookassaError) as failed:
            await yookassa.create_payment(b"{}", idempotence_key=KEY)
    return failed.value


async def asking(reply: Reply, *, seconds: float = 5.0) -> YookassaError:
    async with talking_to(reply, seconds=seconds, waits=()) as (yookassa, _):
        with pytest.raises(YookassaError) as failed:
            await yookassa.get_payment(PAYMENT_ID)
    return failed.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (403, Forbidden),
        (404, NotFound),
        (405, Rejected),
        (410, Rejected),
        (415, Rejected),
        (422, Rejected),
    ],
)
async def test_a_refusal_of_the_provider_is_definite(status: int, kind: type[Rejected]) -> None:
    error = await creating(refusal(status, "some_code"))

    assert type(error) is kind
    assert (error.status, error.error_id) == (status, f"error-of-{status}")


async def test_a_refused_key_says_nothing_about_the_payment() -> None:
    error = await creating(refusal(401, "invalid_credentials"))

    assert type(error) is Unauthorized
    assert isinstance(error, Unavailable)
    assert (error.status, error.error_id) == (401, "error-of-401")


async def test_a_refusal_says_what_was_wrong() -> None:
    error = await creating(
        refusal(400, "invalid_request", description="Payment amount is illegal", parameter="amount.value")
    )

    assert isinstance(error, Rejected)
    assert (error.code, error.parameter) == ("invalid_request", "amount.value")
    assert error.description == "Payment amount is illegal"


UNKNOWN = {
    "500": refusal(500, "internal_server_error"),
    "502 as a page": answer(502, HTML),
    "503": answer(503),
    "504": answer(504),
    "202 still in progress": answer(202, {"type": "processing", "retry_after": 1800}),
    "201, which is never sent": answer(201, PENDING),
    "204": raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
    "a redirect": answer(302, Location="http://127.0.0.1:9/v3/payments"),
    "408 of a proxy": refusal(408, "timeout"),
    "409": refusal(409, "conflict"),
    "499 of a proxy": refusal(499, "closed"),
    "a refusal as a page": answer(403, HTML),
    "a refusal that says nothing": answer(400),
    "200 as a page": answer(200, HTML),
    "200 that says nothing": answer(200),
    "200 that is a list": answer(200, [PENDING]),
    "200 without a status": answer(200, {"id": PAYMENT_ID}),
    "200 with a number for money": answer(200, PENDING | {"amount": {"value": 299.0, "currency": "RUB"}}),
    "200 that is not text": answer(200, b"\xff\xfe{}"),
    "200 badly compressed": answer(200, b"not gzip", Content_Encoding="gzip"),
    "half an answer": HALF_AN_ANSWER,
    "no HTTP at all": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a connection closed without a word": raw(b""),
    "a connection reset": hang_up,
}


@pytest.mark.parametrize("reply", UNKNOWN.values(), ids=UNKNOWN)
async def test_after_sending_money_anything_unclear_is_an_unknown_outcome(reply: Reply) -> None:
    assert type(await creating(reply)) is OutcomeUnknown


@pytest.mark.parametrize("reply", UNKNOWN.values(), ids=UNKNOWN)
async def test_a_question_without_a_clear_answer_is_merely_unavailable(reply: Reply) -> None:
    assert type(await asking(reply)) is Unavailable


@pytest.mark.parametrize("reply", [stall, drip])
async def test_a_provider_that_never_ends_its_answer_is_left_in_time(reply: Reply) -> None:
    async with asyncio.timeout(10):
        posted = await creating(reply, seconds=0.2)
        asked = await asking(reply, seconds=0.2)

    assert (type(posted), type(asked)) == (OutcomeUnknown, Unavailable)


async def test_a_limit_of_the_provider_is_certainly_nothing() -> None:
    error = await creating(answer(429, {"type": "error", "code": "too_many_requests"}, Retry_After="17"))

    assert type(error) is Unavailable
    assert error.retry_after == 17


async def test_a_limit_as_a_page_is_certainly_nothing() -> None:
    error = await creating(answer(429, HTML))

    assert type(error) is Unavailable
    assert error.retry_after is None


async def test_the_body_counts_the_wait_in_milliseconds() -> None:
    limited = await creating(answer(429, {"type": "error", "retry_after": 2500}))
    in_progress = await creating(answer(202, {"type": "processing", "retry_after": 1800}))

    assert (limited.retry_after, in_progress.retry_after) == (2.5, 1.8)


@pytest.mark.parametrize("wait", ["-1", "1e9", "NaN", "Wed, 21 Oct 2026 07:28:00 GMT", ""])
async def test_an_odd_wait_is_no_wait(wait: str) -> None:
    error = await creating(answer(429, {"retry_after": -5}, Retry_After=wait))

    assert error.retry_after is None


async def test_a_provider_that_cannot_be_reached_is_certainly_nothing() -> None:
    async with talking_to() as (_, provider):
        pass
    async with YookassaClient(shop_id="1", secret_key="k", api_url=provider.url, waits=()) as yookassa:
        with pytest.raises(Unavailable) as failed:
            await yookassa.create_payment(b"{}", idempotence_key=KEY)

    assert failed.value.status is None


@pytest.mark.parametrize("status", [400, 404])
async def test_an_id_the_shop_does_not_have_is_not_found_however_it_is_said(status: int) -> None:
    error = await asking(refusal(status, "invalid_request"))

    assert type(error) is NotFound
    assert error.status == status


async def test_a_redirect_is_not_followed() -> None:
    async with talking_to(answer(200, PENDING)) as (_, elsewhere):
        error = await creating(answer(307, Location=f"{elsewhere.url}/payments"))

    assert type(error) is OutcomeUnknown
    assert elsewhere.received == []


async def test_an_error_shows_neither_the_key_nor_what_the_provider_quotes() -> None:
    quoted = f"card 5555555555554477 and {SECRET_KEY}"
    error = await creating(refusal(400, quoted, id=quoted, description=quoted, parameter=quoted))

    shown = f"{error} {error!r} {error.error_id}"
    assert "5555555555554477" not in shown
    assert SECRET_KEY not in shown


async def test_an_unreadable_answer_is_not_quoted_either() -> None:
    error = await creating(answer(200, {"id": PAYMENT_ID, "payment_method": {"number": "5555555555554477"}}))

    assert (
        "5555555555554477" not in f"{error!r} {error.__cause__!r} {error.__context__!r} {error.__context__}"
    )
