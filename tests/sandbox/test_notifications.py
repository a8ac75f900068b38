"""What the shop is told, how often, and when the sandbox gives up."""

import asyncio

import httpx2 as httpx
import pytest

from billing_service.sandbox.app import Sandbox
from tests.sandbox.serving import served
from tests.sandbox.shop import Listener, Shop


async def test_a_success_is_told_with_a_snapshot_of_the_payment(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    payment = await shop.a_payment()
    await shop.pay(payment)

    await sandbox.delivered()

    assert listener.heard == [
        {"type": "notification", "event": "payment.succeeded", "object": await shop.payment(payment["id"])}
    ]


async def test_nothing_is_signed(sandbox: Sandbox, shop: Shop, listener: Listener) -> None:
    await shop.pay(await shop.a_payment())

    await sandbox.delivered()

    assert set(listener.headers[0]) == {
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "user-agent",
    }


async def test_holds_refusals_and_expiry_are_told(shop: Shop, listener: Listener) -> None:
    await shop.pay(await shop.a_payment(capture=False))
    await shop.pay(await shop.a_payment(), card="5555555555554600")
    await shop.a_payment()

    await shop.wait(hours=1)

    assert listener.events == ["payment.waiting_for_capture", "payment.canceled", "payment.canceled"]
    assert listener.heard[2]["object"]["cancellation_details"]["reason"] == "expired_on_confirmation"


async def test_an_unheard_notification_is_repeated_seven_times_within_a_day(
    shop: Shop, listener: Listener
) -> None:
    listener.status = 503
    await shop.pay(await shop.a_payment())

    await shop.wait(days=2)

    (notification,) = (await shop.look("/notifications"))["results"]
    assert [attempt["at"] for attempt in notification["attempts"]] == [
        "2026-01-11T12:00:00.000Z",
        "2026-01-11T12:00:10.000Z",
        "2026-01-11T12:00:42.000Z",
        "2026-01-11T12:01:24.000Z",
        "2026-01-11T12:02:48.000Z",
        "2026-01-11T12:11:12.000Z",
        "2026-01-11T13:29:36.000Z",
        "2026-01-12T11:53:36.000Z",
    ]
    assert notification["state"] == "given_up"


async def test_only_200_counts_as_heard(sandbox: Sandbox, shop: Shop, listener: Listener) -> None:
    listener.status = 201
    await shop.pay(await shop.a_payment())
    await sandbox.delivered()
    listener.status = 200

    await shop.wait(seconds=10)

    (notification,) = (await shop.look("/notifications"))["results"]
    assert notification["state"] == "delivered"
    assert [attempt["outcome"] for attempt in notification["attempts"]] == ["201", "200"]


async def test_repeats_show_the_payment_as_it_was(shop: Shop, listener: Listener) -> None:
    listener.status = 500
    held = await shop.pay(await shop.a_payment(capture=False))
    await shop.wait(days=7)

    assert {
        message["object"]["status"] for message in listener.heard if message["event"] != "payment.canceled"
    } == {"waiting_for_capture"}
    assert (await shop.payment(held["id"]))["status"] == "canceled"


async def test_a_claim_is_sent_for_a_payment_that_is_still_pending(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    payment = await shop.a_payment()

    await shop.order(f"/payments/{payment['id']}/notify", event="payment.succeeded")
    await sandbox.delivered()

    assert listener.heard[0]["event"] == "payment.succeeded"
    assert listener.heard[0]["object"]["status"] == "succeeded"
    assert (await shop.payment(payment["id"]))["status"] == "pending"


async def test_the_provider_can_be_made_to_report_something_else(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    payment = await shop.a_payment()
    change = {"amount": {"value": "1.00", "currency": "USD"}, "account_id": "999", "test": False}

    await shop.control.patch(f"/payments/{payment['id']}", json=change)

    shown = await shop.payment(payment["id"])
    await sandbox.delivered()
    assert shown["amount"] == {"value": "1.00", "currency": "USD"}
    assert shown["recipient"]["account_id"] == "999"
    assert shown["test"] is False
    assert listener.heard == []


async def test_a_notification_can_be_sent_again(sandbox: Sandbox, shop: Shop, listener: Listener) -> None:
    await shop.pay(await shop.a_payment())
    await sandbox.delivered()

    await shop.order("/notifications/n1/resend")
    await sandbox.delivered()

    assert listener.heard[0] == listener.heard[1]


async def test_without_an_address_nothing_is_sent_and_everything_is_logged(
    shop: Shop, sandbox: Sandbox
) -> None:
    await shop.change_shop(notify_url=None)
    await shop.pay(await shop.a_payment())

    await sandbox.delivered()

    (notification,) = (await shop.look("/notifications"))["results"]
    assert (notification["state"], notification["attempts"]) == ("unaddressed", [])


async def test_a_shop_that_is_down_is_logged_by_the_name_of_the_failure() -> None:
    real_network = Sandbox(notify_url="http://127.0.0.1:9/")
    async with Shop(real_network) as shop, real_network:
        await shop.pay(await shop.a_payment())
        await real_network.delivered()

        (notification,) = (await shop.look("/notifications"))["results"]

    assert notification["attempts"][0]["outcome"] == "ConnectError"


async def test_an_address_where_nobody_can_live_does_not_stop_the_others() -> None:
    sandbox = Sandbox(notify_url="http://127.0.0.1:70000/")
    async with sandbox, Shop(sandbox) as shop:
        await shop.pay(await shop.a_payment())
        await sandbox.delivered()

        (notification,) = (await shop.look("/notifications"))["results"]

    assert notification["attempts"][0]["outcome"] == "OverflowError"


async def test_started_it_sends_by_itself_in_real_time(listener: Listener) -> None:
    listener.status = 500
    sandbox = Sandbox(
        notify_url="http://shop/", notify_transport=httpx.ASGITransport(app=listener), retry_scale=0.002
    )
    async with sandbox, Shop(sandbox) as shop:
        await shop.pay(await shop.a_payment())
        await asyncio.wait_for(listener.heard_at_least(3), 5)

    assert set(listener.events) == {"payment.succeeded"}


async def test_closing_leaves_no_task_behind(listener: Listener) -> None:
    before = asyncio.all_tasks()

    async with Sandbox(notify_url="http://shop/", notify_transport=httpx.ASGITransport(app=listener)):
        await asyncio.sleep(0)
        assert asyncio.all_tasks() != before

    assert asyncio.all_tasks() == before


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with served() as address:
        sandbox = Sandbox(notify_url=f"{address}/nobody-listens-here")
        async with Shop(sandbox) as shop, sandbox:
            await shop.pay(await shop.a_payment())
            await sandbox.delivered()

            (notification,) = (await shop.look("/notifications"))["results"]

    assert notification["attempts"][0]["outcome"] == "404"
