"""Time that runs, stands still, jumps."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.model.clock import Clock, Dial
from tests.sandbox.shop import Listener, Shop


class Wall:
    """Real time for a test."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


def test_by_default_it_shows_real_time_in_milliseconds() -> None:
    wall = Wall()
    wall.time += timedelta(microseconds=123_456)

    assert Clock(Dial(), wall).now() == datetime(2026, 1, 1, microsecond=123_000, tzinfo=UTC)


def test_a_turned_clock_goes_on_running() -> None:
    wall = Wall()
    clock = Clock(Dial(), wall)
    clock.turn_to(datetime(2027, 5, 5, tzinfo=UTC))

    wall.time += timedelta(hours=1)

    assert clock.now() == datetime(2027, 5, 5, 1, tzinfo=UTC)


def test_a_frozen_clock_stands_and_goes_on_from_there() -> None:
    wall = Wall()
    clock = Clock(Dial(), wall)
    clock.freeze()
    wall.time += timedelta(hours=5)
    frozen = clock.now()

    clock.unfreeze()
    wall.time += timedelta(hours=1)

    assert frozen == datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.now() == datetime(2026, 1, 1, 1, tzinfo=UTC)


async def test_it_is_set_frozen_and_advanced_in_one_order(shop: Shop) -> None:
    shown = await shop.order("/clock", freeze=True, set="2026-03-01T00:00:00+03:00", advance_seconds=60)

    assert shown == {"now": "2026-02-28T21:01:00.000Z", "frozen": True}


@pytest.mark.parametrize("far", ["0001-01-01T00:00:00+14:00", "1999-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_it_is_not_turned_out_of_the_calendar(shop: Shop, far: str) -> None:
    response = await shop.control.post("/clock", json={"set": far})

    assert response.status_code == 409
    assert (await shop.look("/clock"))["now"] == "2026-01-11T12:00:00.000Z"


async def test_it_can_be_set_back_and_nothing_happens(shop: Shop) -> None:
    payment = await shop.a_payment()

    shown = await shop.order("/clock", set="2025-01-01T00:00:00Z")

    assert shown["now"] == "2025-01-01T00:00:00.000Z"
    assert (await shop.payment(payment["id"]))["status"] == "pending"


async def test_what_falls_due_on_the_way_happens_at_its_moment(shop: Shop, listener: Listener) -> None:
    """A hold ends after a payment has expired, however far the clock is turned at once."""
    held = await shop.pay(await shop.a_payment(capture=False))
    pending = await shop.a_payment()

    await shop.wait(days=30)

    history = {
        line["id"]: (line["history"][-1]["at"], line["history"][-1]["why"])
        for line in (await shop.look("/payments"))["results"]
    }
    assert history[pending["id"]] == ("2026-01-11T13:00:00.000Z", "yoo_money: expired_on_confirmation")
    assert history[held["id"]] == ("2026-01-18T12:00:00.000Z", "yoo_money: expired_on_capture")
    told = [(message["object"]["id"], message["event"]) for message in listener.heard[-2:]]
    assert told == [(pending["id"], "payment.canceled"), (held["id"], "payment.canceled")]


async def test_a_running_clock_lets_payments_expire_by_itself() -> None:
    wall = Wall()
    async with Shop(Sandbox(notify_url=None, real=wall)) as shop:
        payment = await shop.a_payment()
        wall.time += timedelta(hours=1)

        assert (await shop.payment(payment["id"]))["status"] == "canceled"


@pytest.mark.parametrize("ticks", range(4))
async def test_who_stops_at_the_very_moment_of_a_wake_is_not_kept_waiting(ticks: int) -> None:
    sandbox = Sandbox(notify_url=None)
    async with asyncio.timeout(5) as patience, Shop(sandbox) as shop, sandbox:
        # It expires in an hour, until when the sandbox sleeps.
        await shop.a_payment()
        await asyncio.sleep(0.01)
        await shop.wait(seconds=1)
        for _ in range(ticks):
            await asyncio.sleep(0)

    assert not patience.expired()
