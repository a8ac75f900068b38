"""Answers that are lost, late or refusals: never a second payment, never a guess."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from billing_service.app import create_app
from billing_service.kit.crypto import Vault
from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.checkout import start
from billing_service.payments.orders import Order
from billing_service.provider_calls.kinds import record
from billing_service.provider_calls.sending import send
from billing_service.services import Services
from tests.gates import behind_a_gate
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, api_with_a_rotated_key
from tests.stories.silence import as_sent

MONTH = {"plan_code": "PRO_MONTHLY"}
REFUSED = {"operation": "create_payment", "fault": "refusal"}
ON_ITS_WAY = "SELECT outcome_unknown, send_lease_until > billing_now() AS leased FROM payments"


async def test_an_answer_lost_after_the_effect_is_one_payment_in_the_end(
    api: MainBackend, office: BackOffice
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_after", "count": 1}])

    created = await api.buy("PRO_MONTHLY")

    keys = {one["idempotence_key"] for one in await office.creations()}
    assert keys == {created["payment_id"]}
    assert len(await office.payments()) == 1


async def test_a_provider_that_stays_down_is_a_503_and_asking_again_continues_the_same_payment(
    api: MainBackend, office: BackOffice, database: Database
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "error_500"}])
    response = await api.post("create-payment/", MONTH, Idempotency_Key="k1")
    await office.call("PUT", "/faults", [])

    again = await api.buy("PRO_MONTHLY", Idempotency_Key="k1")

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (503, "YOOKASSA_UNAVAILABLE")
    assert int(response.headers["Retry-After"]) > 0
    assert error["details"]["payment_id"] == again["payment_id"]
    assert await value(database, "SELECT count(*) FROM payments") == 1
    assert len(await office.payments()) == 1


async def test_repeats_send_the_same_bytes_under_the_same_key_though_plan_and_name_changed(
    api: MainBackend, office: BackOffice, database: Database
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "error_500"}])
    await api.post("create-payment/", MONTH, Idempotency_Key="k1")
    await office.call("PUT", "/faults", [])
    await _set_plan(database, price=399, name="Другое имя")
    try:
        await api.buy("PRO_MONTHLY", Idempotency_Key="k1")
    finally:
        await _set_plan(database, price=299, name="PRO месяц")

    bodies = [str(one["body"]) for one in await office.creations()]
    assert len(set(bodies)) == 1


async def test_a_refusal_after_a_doubtful_request_decides_nothing(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_after"}])
    await api.post("create-payment/", MONTH, Idempotency_Key="k1")
    await office.call("PUT", "/faults", [])

    async with api_with_a_rotated_key(services, office) as refused:
        response = await refused.post("create-payment/", MONTH, Idempotency_Key="k1")

    assert response.status_code == 503
    assert await rows(database, "SELECT status, outcome_unknown FROM payments") == [
        {"status": "PENDING", "outcome_unknown": True}
    ]


async def test_nothing_is_posted_again_after_twenty_hours(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "error_500"}])
    await api.post("create-payment/", MONTH)
    payment_id = await value(database, "SELECT id FROM payments")
    await clock.advance(hours=19, minutes=59)
    in_time = await send(services, PAYMENTS, payment_id)
    posted = len(await office.creations())

    await clock.advance(minutes=2)

    assert in_time is True
    assert await send(services, PAYMENTS, payment_id) is False
    assert len(await office.creations()) == posted


async def test_only_one_sender_posts_at_a_time(api: MainBackend, office: BackOffice) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "slow", "seconds": 0.3}])

    created = await asyncio.gather(*(api.buy("PRO_MONTHLY") for _ in range(5)))

    assert len({one["payment_id"] for one in created}) == 1
    assert len(await office.creations()) == 1


async def test_a_sender_that_died_is_followed_by_another_once_its_lease_is_over(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "error_500"}])
    await api.post("create-payment/", MONTH)
    await office.call("PUT", "/faults", [])
    payment_id = await value(database, "SELECT id FROM payments")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE payments SET send_lease_until = billing_now() + interval '45 s', outcome_unknown = true"
        )

    while_alive = await send(services, PAYMENTS, payment_id)
    await clock.advance(seconds=46)
    after_its_lease = await send(services, PAYMENTS, payment_id)

    assert (while_alive, after_its_lease) == (False, True)
    assert len(await office.payments()) == 1


async def test_a_refusal_that_comes_after_the_lease_decides_nothing(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    payment_id = await _a_payment_never_sent(api, office, database)
    async with (
        behind_a_gate(services, office, secret_key="test_rotated") as (refused, late_refusal),
        behind_a_gate(services, office) as (next_sender, answer),
    ):
        first = asyncio.create_task(send(refused, PAYMENTS, payment_id))
        await late_refusal.reached.wait()
        await clock.advance(seconds=46)
        second = asyncio.create_task(send(next_sender, PAYMENTS, payment_id))
        await answer.reached.wait()

        late_refusal.opened.set()
        await first
        meanwhile = await rows(
            database,
            "SELECT status, outcome_unknown, send_lease_until > billing_now() AS leased FROM payments",
        )
        answer.opened.set()
        await second

    assert meanwhile == [{"status": "PENDING", "outcome_unknown": True, "leased": True}]
    assert await value(database, "SELECT yookassa_payment_id FROM payments") is not None


async def test_a_refusal_of_the_request_that_comes_after_the_lease_decides_nothing(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    """The next sender's request may have been taken: one refusal does not speak of the other."""
    payment_id = await _a_payment_never_sent(api, office, database)
    await office.call("PUT", "/faults", [REFUSED | {"count": 1}])
    async with (
        behind_a_gate(services, office) as (refused, late_refusal),
        behind_a_gate(services, office) as (next_sender, answer),
    ):
        first = asyncio.create_task(send(refused, PAYMENTS, payment_id))
        await late_refusal.reached.wait()
        await clock.advance(seconds=46)
        second = asyncio.create_task(send(next_sender, PAYMENTS, payment_id))
        await answer.reached.wait()

        late_refusal.opened.set()
        await first
        meanwhile = await rows(database, "SELECT status, outcome_unknown FROM payments")
        answer.opened.set()
        await second

    assert meanwhile == [{"status": "PENDING", "outcome_unknown": True}]
    assert await value(database, "SELECT yookassa_payment_id FROM payments") is not None


async def test_a_refusal_that_comes_after_the_object_was_seen_decides_nothing(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment_id = await _a_payment_never_sent(api, office, database)
    await office.call("PUT", "/faults", [REFUSED | {"count": 1}])
    async with behind_a_gate(services, office) as (refused, late_refusal):
        sending = asyncio.create_task(send(refused, PAYMENTS, payment_id))
        await late_refusal.reached.wait()
        seen = await services.yookassa.create_payment(as_sent(payment_id), idempotence_key="another")
        await record(services, PAYMENTS, payment_id, seen)

        late_refusal.opened.set()
        await sending

    assert await rows(database, "SELECT status, yookassa_payment_id FROM payments") == [
        {"status": "PENDING", "yookassa_payment_id": seen.id}
    ]


async def test_a_refusal_of_a_repeat_ends_nothing_that_an_earlier_request_may_have_begun(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_after"}])
    await api.post("create-payment/", MONTH)
    await office.call("PUT", "/faults", [REFUSED])

    await send(services, PAYMENTS, await value(database, "SELECT id FROM payments"))

    assert await rows(database, "SELECT status, outcome_unknown FROM payments") == [
        {"status": "PENDING", "outcome_unknown": True}
    ]


async def test_while_a_request_is_on_its_way_the_row_says_that_it_may_have_left(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    """So whatever is killed from here on leaves the truth."""
    payment_id = await _a_payment_never_sent(api, office, database)
    async with behind_a_gate(services, office) as (sender, answer):
        sending = asyncio.create_task(send(sender, PAYMENTS, payment_id))
        await answer.reached.wait()
        repeated = await rows(database, ON_ITS_WAY)
        answer.opened.set()
        await sending
    async with (
        behind_a_gate(services, office) as (buyer, answer),
        MainBackend.calling(create_app(buyer.settings, buyer)) as backend,
    ):
        buying = asyncio.create_task(backend.post("create-payment/", MONTH, 1002))
        await answer.reached.wait()
        first = await rows(database, f"{ON_ITS_WAY} WHERE user_id = 1002")
        answer.opened.set()
        await buying

    assert repeated == first == [{"outcome_unknown": True, "leased": True}]


async def test_a_sending_goes_on_when_its_caller_stops_waiting(
    services: Services, office: BackOffice, database: Database
) -> None:
    order = Order(
        caller="main-backend",
        user_id=USER,
        plan_code="PRO_MONTHLY",
        return_url=None,
        save_payment_method=False,
        idempotency_key=None,
    )
    async with behind_a_gate(services, office) as (slow, answer):
        buying = asyncio.create_task(start(slow, order))
        await answer.reached.wait()

        buying.cancel()
        await asyncio.wait([buying])
        answer.opened.set()
        await services.background.drain(5)

    assert buying.cancelled()
    assert await value(database, "SELECT yookassa_payment_id FROM payments") is not None


async def _a_payment_never_sent(api: MainBackend, office: BackOffice, database: Database) -> UUID:
    """The provider was too busy to take it: nothing happened there, certainly."""
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "too_many"}])
    await api.post("create-payment/", MONTH)
    await office.call("PUT", "/faults", [])
    payment_id: UUID = await value(database, "SELECT id FROM payments WHERE NOT outcome_unknown")
    return payment_id


async def _set_plan(database: Database, *, price: int, name: str) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE subscription_plans SET price = $1, display_name = $2 WHERE code = 'PRO_MONTHLY'",
            (price, name),
        )


async def test_a_request_that_no_key_opens_is_alarmed_and_continues_when_the_key_is_back(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "error_500"}])
    await api.post("create-payment/", MONTH, Idempotency_Key="k1")
    await office.call("PUT", "/faults", [])
    payment_id = await value(database, "SELECT id FROM payments")

    other_keys = replace(services, vault=Vault([SecretStr(Fernet.generate_key().decode())]))
    await send(other_keys, PAYMENTS, payment_id)
    alarmed = "unreadable_request" in capsys.readouterr().out
    again = await api.buy("PRO_MONTHLY", Idempotency_Key="k1")

    assert alarmed
    assert again["payment_id"] == str(payment_id)
    assert len(await office.payments()) == 1


async def test_a_payment_in_doubt_is_never_posted_to_another_shop(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_after"}])
    await api.post("create-payment/", MONTH, Idempotency_Key="k1")
    await office.call("PUT", "/faults", [])
    posted = len(await office.creations())
    await clock.advance(minutes=2)

    async with _after_the_shop_was_changed(services) as elsewhere:
        again = await elsewhere.post("create-payment/", MONTH, Idempotency_Key="k1")

    assert (again.status_code, again.json()["error"]["code"]) == (503, "YOOKASSA_UNAVAILABLE")
    assert not await send(
        _in_another_shop(services), PAYMENTS, await value(database, "SELECT id FROM payments")
    )
    assert len(await office.creations()) == posted


async def test_a_link_to_another_shop_is_not_given_out_again(api: MainBackend, services: Services) -> None:
    payment = await api.buy("PRO_MONTHLY", Idempotency_Key="k1")

    async with _after_the_shop_was_changed(services) as elsewhere:
        again = await elsewhere.post("create-payment/", MONTH, Idempotency_Key="k1")

    assert again.status_code == 503
    assert (await api.buy("PRO_MONTHLY", Idempotency_Key="k1")) == payment


def _in_another_shop(services: Services) -> Services:
    return replace(
        services, settings=services.settings.model_copy(update={"yookassa_shop_id_test": "200600"})
    )


@asynccontextmanager
async def _after_the_shop_was_changed(services: Services) -> AsyncIterator[MainBackend]:
    moved = _in_another_shop(services)
    async with MainBackend.calling(create_app(moved.settings, moved)) as backend:
        yield backend
