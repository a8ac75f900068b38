"""A payment is decided only by what the provider answers to our own credentials, and only if it agrees with our row."""

import json

import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.webhooks.dispatch import look
from billing_service.yookassa.errors import YookassaError
from tests.ledger import days_granted, rows, value
from tests.stage import USER, BackOffice, MainBackend, work_off


async def test_a_claim_about_a_pending_payment_grants_nothing_and_the_genuine_one_is_applied(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.claim(payment, "payment.succeeded")
    await work_off(services)
    believed_too_early = await days_granted(database, USER)

    await office.pay(payment)
    await work_off(services)

    assert believed_too_early == 0
    assert await days_granted(database, USER) == 30
    assert await rows(database, "SELECT event_type, status, attempts FROM webhook_logs") == [
        {"event_type": "payment.succeeded", "status": "SUCCESS", "attempts": 2}
    ]


async def test_a_success_after_a_claimed_cancellation_is_applied(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.claim(payment, "payment.canceled")
    await work_off(services)

    await office.pay(payment)
    await work_off(services)

    assert await days_granted(database, USER) == 30


@pytest.mark.parametrize(
    ("lie", "wrong"),
    [
        ({"amount": {"value": "1.00", "currency": "RUB"}}, "amount"),
        ({"amount": {"value": "299.00", "currency": "USD"}}, "currency"),
        ({"account_id": "999999"}, "shop"),
        ({"test": False}, "test"),
    ],
)
async def test_a_payment_reported_otherwise_than_ours_grants_nothing_and_raises_an_alarm(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
    lie: dict[str, object],
    wrong: str,
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.misreport(payment, **lie)

    await office.pay(payment)
    await work_off(services)

    assert await days_granted(database, USER) == 0
    assert (await api.payment(payment["payment_id"]))["status"] == "pending"
    output = capsys.readouterr().out
    assert "reported_object_mismatch" in output
    assert wrong in await value(database, "SELECT error_message FROM webhook_logs")


async def test_a_mismatch_that_is_put_right_is_applied_by_the_next_copy(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.misreport(payment, account_id="999999")
    await office.pay(payment)
    await work_off(services)

    await office.misreport(payment, account_id="100500")
    await office.claim(payment, "payment.succeeded")
    await work_off(services)

    assert await days_granted(database, USER) == 30


async def test_a_payment_of_another_system_in_the_same_shop_is_left_alone(
    api: MainBackend,  # noqa: ARG001 (listens for the notification)
    office: BackOffice,
    services: Services,
    database: Database,
) -> None:
    foreign = await services.yookassa.create_payment(
        b'{"amount":{"value":"10.00","currency":"RUB"},"capture":true,'
        b'"confirmation":{"type":"redirect","return_url":"https://shop.example/"}}',
        idempotence_key="another-system",
    )

    await office.pay({"yookassa_payment_id": foreign.id})
    await work_off(services)

    assert await value(database, "SELECT status FROM webhook_logs") == "FOREIGN"
    assert await value(database, "SELECT count(*) FROM payments") == 0


async def test_a_cancellation_never_takes_back_a_success(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    await work_off(services)

    await office.claim(payment, "payment.canceled")
    await work_off(services)

    assert (await api.payment(payment["payment_id"]))["status"] == "succeeded"
    assert await days_granted(database, USER) == 30


async def test_held_money_is_taken_in_full_at_once(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment_id = await _hold_money(api, office, services, database)

    await work_off(services)

    assert (await api.payment(payment_id))["status"] == "succeeded"
    assert await days_granted(database, USER) == 30


async def test_held_money_is_shown_as_pending_until_it_is_taken(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment_id = await _hold_money(api, office, services, database)
    await office.call("PUT", "/faults", [{"operation": "capture", "fault": "error_500"}])
    with pytest.raises(YookassaError):
        await look(services, await value(database, "SELECT id FROM webhook_logs"))

    shown = await api.payment(payment_id)

    assert await value(database, "SELECT status FROM payments") == "WAITING_FOR_CAPTURE"
    assert (shown["status"], shown["confirmation_url"]) == ("pending", None)


async def _hold_money(api: MainBackend, office: BackOffice, services: Services, database: Database) -> str:
    """Our payment, paid at the provider in two stages, which we never ask for."""
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "error_500"}])
    await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})
    await office.call("PUT", "/faults", [])
    payment_id = str(await value(database, "SELECT id FROM payments"))
    two_stage = json.dumps(
        {
            "amount": {"value": "299.00", "currency": "RUB"},
            "capture": False,
            "confirmation": {"type": "redirect", "return_url": "https://app.eatfit24.ru/"},
            "metadata": {"billing_payment_id": payment_id},
        }
    )
    held = await services.yookassa.create_payment(two_stage.encode(), idempotence_key="two-stage")
    await office.pay({"yookassa_payment_id": held.id})
    return payment_id
