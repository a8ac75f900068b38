"""A payer's history tells what went back: how much of each payment, and each refund that has succeeded or may yet."""

from typing import Any

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import value
from tests.stage import BackOffice, MainBackend, buy_and_pay, work_off


async def listed(api: MainBackend) -> dict[str, Any]:
    [shown] = (await api.get("payments/")).json()["results"]
    return dict(shown)


async def test_nothing_went_back_of_what_was_just_paid(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await buy_and_pay(api, office, services)

    assert (await listed(api))["refunded_amount"] == 0
    shown = await api.payment(payment["payment_id"])
    assert (shown["status"], shown["refunded_amount"], shown["refunds"]) == ("succeeded", 0, [])


async def test_a_part_that_went_back_is_told_and_the_rest_makes_it_refunded(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await buy_and_pay(api, office, services)

    await api.refund(payment, "100.00", key="one")
    half = await api.payment(payment["payment_id"])
    await api.refund(payment, key="two")
    all_of_it = await api.payment(payment["payment_id"])

    assert (half["status"], half["refunded_amount"]) == ("succeeded", 100)
    assert (all_of_it["status"], all_of_it["refunded_amount"]) == ("refunded", 299)
    assert [(one["amount"], one["status"]) for one in all_of_it["refunds"]] == [
        (100, "succeeded"),
        (199, "succeeded"),
    ]
    of_the_list = await listed(api)
    assert of_the_list == {name: all_of_it[name] for name in of_the_list}


async def test_what_is_on_its_way_is_told_but_is_not_back_yet_and_what_was_canceled_is_not_told(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await buy_and_pay(api, office, services)
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "stay_pending"}])
    await api.refund(payment, "100.00", key="one")

    shown = await api.payment(payment["payment_id"])

    assert (shown["status"], shown["refunded_amount"]) == ("succeeded", 0)
    assert [(one["amount"], one["status"], one["completed_at"]) for one in shown["refunds"]] == [
        (100, "pending", None)
    ]
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "decline"}])
    await api.refund(payment, "50.00", key="two")
    assert await value(database, "SELECT count(*) FROM refunds") == 2
    assert (await api.payment(payment["payment_id"]))["refunds"] == shown["refunds"]


async def test_a_refund_of_the_cabinet_is_told_without_who_and_why(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await buy_and_pay(api, office, services)
    await office.refund(payment, "100.00")
    await work_off(services)

    shown = await api.payment(payment["payment_id"])

    assert shown["refunded_amount"] == 100
    assert [set(one) for one in shown["refunds"]] == [
        {"amount", "currency", "status", "created_at", "completed_at"}
    ]


async def test_a_payment_that_failed_or_waits_is_never_refunded(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    waits = await api.buy()
    await office.decline(waits, "insufficient_funds")
    await work_off(services)

    shown = await listed(api)

    assert (shown["status"], shown["refunded_amount"]) == ("canceled", 0)
