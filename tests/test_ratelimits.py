"""Every limit of the table as its callers see it: on a real Valkey, and while that is away."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from billing_service.app import create_app
from billing_service.config import YOOKASSA_NETWORKS
from billing_service.dev.valkey import Valkey
from billing_service.kit.http import httpx
from billing_service.kit.ratelimit import Limiter, Rate, Verdict, parse_rate
from billing_service.kit.redis import AnyRedis, open_redis
from billing_service.kit.redis_window import RedisWindow
from billing_service.observability.metrics import REGISTRY
from billing_service.services import Services
from tests.own_valkey import own_valkey
from tests.stage import USER, MainBackend

YOOKASSA, YOOKASSA_TOO, STRANGER = "185.71.76.5", "77.75.156.11", "203.0.113.9"
PROXY = "10.0.0.1"


@asynccontextmanager
async def limited(
    services: Services, limiter: Limiter | None = None, **settings: object
) -> AsyncIterator[MainBackend]:
    """The service with these settings, and YooKassa's networks as its allow-list."""
    changed = services.settings.model_copy(
        update={"webhook_allowed_networks": tuple(map(ip_network, YOOKASSA_NETWORKS.split(",")))} | settings
    )
    own = replace(services, settings=changed, limiter=limiter or services.limiter)
    async with MainBackend.calling(create_app(changed, own)) as backend:
        yield backend


@pytest.fixture
async def backend(services: Services) -> AsyncIterator[MainBackend]:
    async with limited(services) as backend:
        yield backend


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with own_valkey() as valkey:
        yield valkey


def a_notification() -> dict[str, object]:
    return {
        "type": "notification",
        "event": "payment.succeeded",
        "object": {"id": str(uuid4()), "status": "succeeded"},
    }


async def ask(backend: MainBackend, user: int = USER) -> httpx.Response:
    """A question about a payment that nobody made: 404, unless it is one too many."""
    return await backend.get(f"payments/{uuid4()}/", user)


def figure(name: str, scope: str) -> float:
    return REGISTRY.get_sample_value(f"{name}_total", {"scope": scope}) or 0.0


async def test_places_become_free_one_by_one_as_the_window_slides(services: Services) -> None:
    async with limited(services, rate_limit_polling=parse_rate("2/3s")) as backend:
        first = await ask(backend)
        await asyncio.sleep(1.5)
        second, refused = await ask(backend), await ask(backend)
        await asyncio.sleep(int(refused.headers["retry-after"]))
        after = [(await ask(backend)).status_code for _ in range(2)]

    assert (first.status_code, second.status_code, refused.status_code) == (404, 404, 429)
    assert int(refused.headers["retry-after"]) <= 2
    assert after[0] == 404


async def test_users_have_budgets_of_their_own(services: Services) -> None:
    async with limited(services, rate_limit_polling=parse_rate("1/hour")) as backend:
        answers = [await ask(backend, user) for user in (1001, 1001, 1002)]

    assert [answer.status_code for answer in answers] == [404, 429, 404]


@pytest.mark.parametrize("path", ["create-payment/", "create-test-live-payment/"])
async def test_whoever_tries_to_pay_has_a_wide_budget_of_attempts(services: Services, path: str) -> None:
    async with limited(services, rate_limit_attempts=parse_rate("3/min")) as backend:
        answers = [await backend.post(path, {"plan_code": "GOLD"}) for _ in range(5)]
        neighbour = await backend.post(path, {"plan_code": "GOLD"}, 1002)

    assert [answer.status_code for answer in answers[3:]] == [429, 429]
    assert {answer.status_code for answer in [*answers[:3], neighbour]} <= {400, 403}
    assert answers[4].json()["error"]["details"] == {"scope": "billing_attempts"}


async def test_only_questions_about_one_payment_are_limited(services: Services) -> None:
    async with limited(services, rate_limit_polling=parse_rate("3/min")) as backend:
        payment = (await backend.buy())["payment_id"]
        asked = [await backend.get(f"payments/{payment}/") for _ in range(5)]
        others = [
            await backend.get(path)
            for path in ("me/", "subscription/", "payments/", "plans/")
            for _ in range(5)
        ]

    assert [answer.status_code for answer in asked] == [200, 200, 200, 429, 429]
    assert {answer.status_code for answer in others} == {200}


async def test_120_questions_a_minute_are_answered(backend: MainBackend) -> None:
    payment = (await backend.buy())["payment_id"]

    answers = await asyncio.gather(*(backend.get(f"payments/{payment}/") for _ in range(125)))

    assert Counter(answer.status_code for answer in answers) == {200: 120, 429: 5}


async def test_the_answer_says_how_much_is_left(backend: MainBackend) -> None:
    payment = (await backend.buy())["payment_id"]

    answer = await backend.get(f"payments/{payment}/")

    assert answer.headers["ratelimit-policy"] == '"billing_polling";q=120;w=60'
    assert re.fullmatch(r'"billing_polling";r=119;t=(59|60)', answer.headers["ratelimit"])


async def test_a_refusal_says_when_to_come_again(services: Services) -> None:
    async with limited(services, rate_limit_polling=parse_rate("1/10s")) as backend:
        await ask(backend)
        refused = await ask(backend)

    assert refused.headers["ratelimit-policy"] == '"billing_polling";q=1;w=10'
    assert refused.headers["ratelimit"] == f'"billing_polling";r=0;t={refused.headers["retry-after"]}'
    assert refused.json()["error"]["details"] == {"scope": "billing_polling"}


async def test_the_101st_foreign_notification_is_refused_as_a_flood(backend: MainBackend) -> None:
    flood = [await backend.notify(a_notification(), peer=STRANGER) for _ in range(103)]
    neighbour = await backend.notify(a_notification(), peer="203.0.113.10")

    assert [answer.status_code for answer in flood] == [403] * 100 + [429] * 3
    assert int(flood[-1].headers["retry-after"]) > 3500
    assert neighbour.status_code == 403


async def test_an_address_that_cannot_be_read_is_counted_for_the_proxy_that_passed_it_on(
    services: Services,
) -> None:
    trust: dict[str, Any] = {"webhook_trust_xff": True, "webhook_trusted_proxies": (ip_network(PROXY),)}
    async with limited(services, rate_limit_webhook=parse_rate("2/hour"), **trust) as backend:
        flood = [
            await backend.notify(a_notification(), peer=PROXY, X_Forwarded_For=f"garbage-{number}")
            for number in range(3)
        ]
        honest = await backend.notify(a_notification(), peer=PROXY, X_Forwarded_For=YOOKASSA)

    assert [answer.status_code for answer in flood] == [403, 403, 429]
    assert honest.status_code == 200


async def test_a_flood_of_strangers_costs_yookassa_nothing(services: Services) -> None:
    async with limited(services, rate_limit_webhook=parse_rate("1/hour")) as backend:
        flood = [await backend.notify(a_notification(), peer=STRANGER) for _ in range(5)]
        authentic = await backend.notify(a_notification(), peer=YOOKASSA)

    assert flood[-1].status_code == 429
    assert authentic.status_code == 200


async def test_a_thousand_authentic_notifications_from_one_address_are_all_taken(
    backend: MainBackend, services: Services
) -> None:
    answers: list[httpx.Response] = []
    for _ in range(50):
        answers += await asyncio.gather(*(backend.notify(a_notification(), peer=YOOKASSA) for _ in range(20)))

    async with services.db.engine.connect() as connection:
        kept = (await connection.exec_driver_sql("SELECT count(*) FROM webhook_logs")).scalar_one()
    assert Counter(answer.status_code for answer in answers) == {200: 1000}
    assert kept == 1000


async def test_even_an_allowed_address_has_an_end(services: Services) -> None:
    async with limited(services, rate_limit_webhook_trusted=parse_rate("2/min")) as backend:
        flood = [await backend.notify(a_notification(), peer=YOOKASSA) for _ in range(3)]
        other = await backend.notify(a_notification(), peer=YOOKASSA_TOO)

    assert [answer.status_code for answer in flood] == [200, 200, 429]
    assert other.status_code == 200


async def test_while_redis_is_away_the_limits_hold_in_this_process_and_nothing_fails(
    services: Services, valkey: Valkey
) -> None:
    client = open_redis(valkey.url)
    limiter = Limiter(RedisWindow(client, prefix="test"))
    async with limited(services, limiter) as backend:
        before = [await ask(backend) for _ in range(115)]
        valkey.stop()
        during = [await ask(backend) for _ in range(10)]
        strangers = [await backend.notify(a_notification(), peer=STRANGER) for _ in range(101)]
        authentic = [await backend.notify(a_notification(), peer=YOOKASSA) for _ in range(50)]
    await client.aclose()

    assert Counter(answer.status_code for answer in before) == {404: 115}
    assert [answer.status_code for answer in during] == [404] * 5 + [429] * 5
    assert Counter(answer.status_code for answer in strangers) == {403: 100, 429: 1}
    assert Counter(answer.status_code for answer in authentic) == {200: 50}


async def test_once_redis_is_back_another_process_sees_what_this_one_counts(
    services: Services, valkey: Valkey
) -> None:
    clients = [open_redis(valkey.url) for _ in range(2)]
    one, other = (Limiter(RedisWindow(client, prefix="test")) for client in clients)
    rate: dict[str, Any] = {"rate_limit_polling": parse_rate("2/hour")}
    async with limited(services, one, **rate) as here, limited(services, other, **rate) as there:
        valkey.stop()
        away = await ask(here, 1001)
        valkey.start()
        await asyncio.sleep(1.2)
        here_again = [(await ask(here, 1002)).status_code for _ in range(2)]
        there_then = await ask(there, 1002)
    for client in clients:
        await client.aclose()

    assert away.status_code == 404
    assert here_again == [404, 404]
    assert there_then.status_code == 429


async def test_a_clock_of_redis_that_was_ahead_for_a_while_turns_nobody_away(
    services: Services, valkey: Valkey
) -> None:
    client = open_redis(valkey.url)
    limiter, now = Limiter(RedisWindow(client, prefix="test")), time.time()
    two_days_ahead = {f"then-{number}": (now + 2 * 86400) * 1e6 for number in range(120)}
    just_taken = {f"now-{number}": (now + 1) * 1e6 for number in range(119)}
    await client.zadd(f"test:limit:billing_polling:{USER}", two_days_ahead)
    await client.zadd(f"test:limit:billing_polling:{USER + 1}", just_taken)

    async with limited(services, limiter) as backend:
        put_right = await ask(backend)
        last, too_many = await ask(backend, USER + 1), await ask(backend, USER + 1)
    await client.aclose()

    assert put_right.status_code == 404
    assert (last.status_code, too_many.status_code) == (404, 429)


async def test_operators_see_who_was_refused_and_how_often_redis_was_missed(services: Services) -> None:
    nowhere = open_redis("redis://127.0.0.1:1/0")
    refused, alone = (
        figure(name, "billing_polling")
        for name in ("billing_rate_limit_hits", "billing_rate_limit_counted_alone")
    )
    limiter = Limiter(RedisWindow(nowhere, prefix="test"))
    async with limited(services, limiter, rate_limit_polling=parse_rate("1/min")) as backend:
        for _ in range(3):
            await backend.get(f"payments/{uuid4()}/")
    await nowhere.aclose()

    assert figure("billing_rate_limit_hits", "billing_polling") == refused + 2
    assert figure("billing_rate_limit_counted_alone", "billing_polling") == alone + 3


class CountingWindow(RedisWindow):
    """The window that all processes share, and how often it was asked."""

    asked = 0

    async def take(self, key: str, rate: Rate) -> Verdict:
        self.asked += 1
        return await super().take(key, rate)


@asynccontextmanager
async def counting_window(services: Services) -> AsyncIterator[tuple[Limiter, CountingWindow, AnyRedis]]:
    redis = open_redis(services.settings.redis_url)
    window = CountingWindow(redis, prefix=f"test-{uuid4().hex}")
    yield Limiter(window), window, redis
    await redis.aclose()


async def keys_of(redis: AnyRedis, window: CountingWindow) -> list[bytes]:
    return [key async for key in redis.scan_iter(match=f"{window._prefix}:*", count=1000)]  # noqa: SLF001


async def test_strangers_inside_one_ipv6_64_are_counted_as_one(services: Services) -> None:
    async with counting_window(services) as (limiter, window, redis):
        async with limited(services, limiter) as backend:
            answers = [
                await backend.notify(a_notification(), peer=f"2001:db8:0:1:{n:x}::{n:x}") for n in range(105)
            ]
            next_door = await backend.notify(a_notification(), peer="2001:db8:0:2::1")
        keys = await keys_of(redis, window)

    assert [answer.status_code for answer in answers] == [403] * 100 + [429] * 5
    assert next_door.status_code == 403
    assert len(keys) == 3


async def test_the_strangers_of_ipv4_are_counted_one_by_one_mapped_or_not(services: Services) -> None:
    async with limited(services, rate_limit_webhook=parse_rate("2/hour")) as backend:
        peers = (STRANGER, f"::ffff:{STRANGER}", STRANGER, "203.0.113.10")
        answers = [await backend.notify(a_notification(), peer=peer) for peer in peers]

    assert [answer.status_code for answer in answers] == [403, 403, 429, 403]


async def test_a_flood_from_many_addresses_makes_a_bounded_number_of_keys_and_lines(
    services: Services,
) -> None:
    async with counting_window(services) as (limiter, window, redis):
        together: dict[str, Any] = {"rate_limit_webhook_strangers": parse_rate("50/hour")}
        async with limited(services, limiter, **together) as backend:
            with capture_logs() as lines:
                answers = [
                    await backend.notify(a_notification(), peer=f"2001:db8:{n // 256:x}:{n % 256:x}::1")
                    for n in range(1500)
                ]
            asked_by_strangers, window.asked = window.asked, 0
            authentic = [await backend.notify(a_notification(), peer=YOOKASSA) for _ in range(20)]
        keys = await keys_of(redis, window)

    assert Counter(answer.status_code for answer in answers) == {403: 50, 429: 1450}
    assert answers[-1].json()["error"]["details"] == {"scope": "billing_webhook_strangers"}
    assert len(lines) == 50
    assert len(keys) == 1 + 50 + 1
    assert asked_by_strangers == 2 * 50
    assert Counter(answer.status_code for answer in authentic) == {200: 20}
    assert window.asked == 20


async def test_an_unreadable_address_is_counted_with_all_other_strangers(services: Services) -> None:
    trust: dict[str, Any] = {"webhook_trust_xff": True, "webhook_trusted_proxies": (ip_network(PROXY),)}
    together: dict[str, Any] = {"rate_limit_webhook_strangers": parse_rate("1/hour")}
    async with limited(services, **trust, **together) as backend:
        answers = [
            await backend.notify(a_notification(), peer=PROXY, X_Forwarded_For="garbage"),
            await backend.notify(a_notification(), peer=PROXY, X_Forwarded_For=STRANGER),
        ]

    assert [answer.status_code for answer in answers] == [403, 429]
