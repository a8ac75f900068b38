"""Twenty payments an hour, and nothing but a payment counts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.ratelimit import Rate, parse_rate
from billing_service.payments.checkout_queries import Begun
from billing_service.payments.purchase_limit import verdict
from billing_service.receipts import shop
from billing_service.services import Services
from tests.ledger import value
from tests.stage import BackOffice, Clock, MainBackend

MONTH, YEAR = {"plan_code": "PRO_MONTHLY"}, {"plan_code": "PRO_YEARLY"}


@asynccontextmanager
async def selling(services: Services, rate: str) -> AsyncIterator[MainBackend]:
    settings = services.settings.model_copy(update={"rate_limit_create_payment": parse_rate(rate)})
    async with MainBackend.calling(create_app(settings, replace(services, settings=settings))) as api:
        yield api


async def begin(api: MainBackend, key: object, user: int = 1001) -> httpx.Response:
    """A payment of its own for each key."""
    return await api.post("create-payment/", MONTH, user, Idempotency_Key=f"key-{key}")


Attempt = Callable[[MainBackend], Awaitable[httpx.Response]]
COSTS_NOTHING: dict[str, Attempt] = {
    "an unknown plan": lambda api: api.post("create-payment/", {"plan_code": "GOLD"}),
    "a free plan": lambda api: api.post("create-payment/", {"plan_code": "FREE"}),
    "no plan": lambda api: api.post("create-payment/", {"plan_code": None}),
    "nothing at all": lambda api: api.post("create-payment/", {}),
    "a malformed key": lambda api: api.post("create-payment/", MONTH, Idempotency_Key="two words"),
    "a live test that is refused": lambda api: api.post("create-test-live-payment/", {}),
}


@pytest.mark.parametrize("attempt", COSTS_NOTHING.values(), ids=COSTS_NOTHING)
async def test_what_begins_no_payment_costs_nothing(services: Services, attempt: Attempt) -> None:
    async with selling(services, "1/hour") as api:
        refused = {(await attempt(api)).status_code for _ in range(20)}
        right = await api.post("create-payment/", MONTH)

    assert refused <= {400, 403}
    assert right.status_code == 201


@pytest.mark.parametrize("again", ["the open checkout", "the same key"])
async def test_what_is_handed_out_again_costs_nothing(services: Services, again: str) -> None:
    key = {"Idempotency_Key": "k1"} if again == "the same key" else {}
    async with selling(services, "2/hour") as api:
        given = [(await api.post("create-payment/", MONTH, 1001, **key)).json() for _ in range(20)]
        other, one_too_many = await begin(api, 2), await begin(api, 3)

    assert len({one["payment_id"] for one in given}) == 1
    assert (other.status_code, one_too_many.status_code) == (201, 429)


async def test_asking_again_while_yookassa_is_away_costs_nothing(
    services: Services, office: BackOffice
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "too_many"}])
    async with selling(services, "2/hour") as api:
        away = {(await api.post("create-payment/", MONTH)).status_code for _ in range(10)}
        await office.call("PUT", "/faults", [])
        sold, other = await api.post("create-payment/", MONTH), await begin(api, 2)

    assert away == {503}
    assert (sold.status_code, other.status_code) == (201, 201)


async def test_what_yookassa_refuses_costs_one_place_however_often_it_is_tried(
    services: Services, office: BackOffice
) -> None:
    await office.call("PUT", "/shop", {"fiscalization": True})
    async with selling(services, "2/hour") as api:
        refused = {(await api.post("create-payment/", MONTH)).status_code for _ in range(10)}
        await office.call("PUT", "/shop", {"fiscalization": False})
        await shop.ask_when_due(services)
        other = await api.post("create-payment/", YEAR)
        one_too_many = await api.post("create-payment/", YEAR, Idempotency_Key="k3")

    assert refused == {400}
    assert (other.status_code, one_too_many.status_code) == (201, 429)


async def test_the_21st_payment_within_an_hour_is_refused_whatever_comes_at_once(
    api: MainBackend, database: Database
) -> None:
    answers = await asyncio.gather(*(begin(api, number) for number in range(30)))

    assert Counter(answer.status_code for answer in answers) == {201: 20, 429: 10}
    assert await value(database, "SELECT count(*) FROM payments") == 20
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["error"] | {"request_id": "", "message": ""} == {
        "code": "RATE_LIMITED",
        "message": "",
        "details": {"scope": "billing_create_payment"},
        "request_id": "",
    }
    assert 3500 < int(refused.headers["retry-after"]) <= 3600


async def test_all_processes_share_the_limit(services: Services) -> None:
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(selling(services, "3/hour")) for _ in range(3)]
        answers = await asyncio.gather(*(begin(processes[n % 3], n) for n in range(12)))

    assert Counter(answer.status_code for answer in answers) == {201: 3, 429: 9}


async def test_users_and_their_keys_have_budgets_of_their_own(services: Services) -> None:
    async with selling(services, "1/hour") as api:
        answers = [await begin(api, key, user) for key, user in ((1, 1001), (2, 1002), (1, 1002))]

    assert [answer.status_code for answer in answers] == [201, 201, 429]


async def test_places_become_free_one_by_one_by_the_clock_that_the_rules_read(
    services: Services, clock: Clock
) -> None:
    async with selling(services, "2/hour") as api:
        await begin(api, 1)
        await clock.advance(minutes=40)
        await begin(api, 2)
        refused = await begin(api, 3)
        await clock.advance(minutes=20)
        one, another = await begin(api, 3), await begin(api, 4)

    assert 1100 < int(refused.headers["retry-after"]) <= 1200
    assert (one.status_code, another.status_code) == (201, 429)


async def test_the_answer_says_how_many_payments_are_left(services: Services) -> None:
    async with selling(services, "2/hour") as api:
        begun = await begin(api, 1)
        repeated = await begin(api, 1)

    assert begun.headers["ratelimit-policy"] == '"billing_create_payment";q=2;w=3600'
    assert begun.headers["ratelimit"] == '"billing_create_payment";r=1;t=3600'
    assert repeated.headers["ratelimit-policy"] == '"billing_attempts";q=120;w=60'


@pytest.mark.parametrize(
    "mark", ["is_recurring = true, imported = true", "imported = true", "surplus_of = id"]
)
async def test_what_the_user_did_not_begin_is_not_counted(
    services: Services, database: Database, mark: str
) -> None:
    async with selling(services, "1/hour") as api:
        await begin(api, 1)
        async with database.engine.begin() as connection:
            await connection.execute(text(f"UPDATE payments SET {mark}"))  # noqa: S608
        answer = await begin(api, 2)

    assert answer.status_code == 201


NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begun", "allowed", "remaining", "frees_in"),
    [
        (Begun(0, None, NOW), True, 1, 3600),
        (Begun(1, NOW - timedelta(minutes=50), NOW), True, 0, 600),
        (Begun(2, NOW - timedelta(minutes=50), NOW), False, 0, 600),
    ],
)
def test_the_first_of_the_hour_is_the_next_to_free_its_place(
    begun: Begun, allowed: bool, remaining: int, frees_in: float
) -> None:
    assert verdict(begun, Rate(2, 3600)) == (allowed, remaining, frees_in, True)
