"""A restart forgets nothing, a crash leaves a whole file, the same seed tells the same story."""

from pathlib import Path

import httpx2 as httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.model.state import UnreadableState
from tests.sandbox.shop import Json, Listener, Shop, a_request


def started(path: Path, listener: Listener) -> Sandbox:
    return Sandbox(
        notify_url="http://shop/", state_file=path, notify_transport=httpx.ASGITransport(app=listener)
    )


async def test_a_killed_sandbox_goes_on_where_it_stopped(tmp_path: Path, listener: Listener) -> None:
    """The first one is never closed, as if killed after its last answer."""
    listener.status = 500
    killed = started(tmp_path / "state.json", listener)
    async with Shop(killed) as shop:
        await shop.order("/clock", freeze=True, set="2026-05-05T00:00:00Z")
        await shop.spoil({"operation": "get_me", "fault": "error_500", "count": 3})
        await shop.get("/me")
        first = (await shop.post("/payments", a_request(save_payment_method=True), key="k")).json()
        pending = await shop.a_payment()
        await shop.pay(first)
        await killed.delivered()
        before = await everything(shop)
    listener.status = 200

    restarted = started(tmp_path / "state.json", listener)

    async with Shop(restarted) as shop:
        assert await everything(shop) == before
        assert (await shop.post("/payments", a_request(save_payment_method=True), key="k")).json() == first
        await shop.wait(hours=1)
        assert (await shop.payment(pending["id"]))["status"] == "canceled"
        assert listener.events == ["payment.succeeded", "payment.succeeded", "payment.canceled"]
        another = (await shop.post("/payments", a_request(), key="another")).json()
        assert another["id"] not in {first["id"], pending["id"]}
    await restarted.aclose()


async def everything(shop: Shop) -> Json:
    rooms = ("payments", "payment_methods", "notifications", "faults", "clock", "shop", "requests")
    return {room: await shop.look(f"/{room}") for room in rooms}


async def test_what_an_answer_says_is_already_written(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    sandbox = Sandbox(notify_url=None, state_file=path)
    written_at_answers: list[str] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def look(message: Message) -> None:
            if message["type"] == "http.response.start":
                written_at_answers.append(path.read_text())
            await send(message)

        await sandbox.app(scope, receive, look)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=watched), auth=("100500", "test_sandbox")
    ) as client:
        response = await client.post(
            "http://sandbox/v3/payments", json=a_request(), headers={"Idempotence-Key": "k"}
        )

    assert response.json()["id"] in written_at_answers[0]


async def test_what_was_done_is_written_although_the_answer_got_lost(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    async with Shop(Sandbox(notify_url=None, state_file=path)) as shop:
        await shop.spoil({"operation": "create_payment", "fault": "lost_after"})
        with pytest.raises(httpx.RemoteProtocolError):
            await shop.a_payment()

    async with Shop(Sandbox(notify_url=None, state_file=path)) as shop:
        assert len((await shop.look("/payments"))["results"]) == 1


def test_a_foreign_file_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"payments": 3}')

    with pytest.raises(UnreadableState, match=r"state\.json is not the state of this sandbox"):
        Sandbox(notify_url=None, state_file=path)


async def test_no_full_card_number_is_ever_written_down(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    sandbox = Sandbox(notify_url=None, state_file=path)
    async with Shop(sandbox) as shop:
        payment = await shop.a_payment()
        await shop.browser.post(f"/pay/{payment['id']}", data={"card": "5555555555554477"})
        asked = path.read_text()
        await shop.browser.post(f"/pay/{payment['id']}/3ds", data={"answer": "confirm"})

    assert "555555" in asked
    assert "4477" in asked
    assert "5555555555554477" not in asked + path.read_text()


async def a_busy_day(seed: int) -> Json:
    """Payments, refunds and losses by chance; what everybody saw."""
    listener = Listener()
    sandbox = Sandbox(
        notify_url="http://shop/", seed=seed, notify_transport=httpx.ASGITransport(app=listener)
    )
    async with Shop(sandbox) as shop:
        await shop.order("/clock", freeze=True, set="2026-01-11T12:00:00Z")
        await shop.spoil(
            {"operation": "create_refund", "fault": "error_500", "probability": 0.4},
            {"operation": "create_payment", "fault": "decline", "reason": "call_issuer", "probability": 0.3},
            {"operation": "notification", "fault": "reorder", "probability": 0.3},
            {"operation": "notification", "fault": "lose", "probability": 0.2},
        )
        for number in range(12):
            payment = await shop.pay(await shop.a_payment(metadata={"n": str(number)}))
            await shop.post("/refunds", {"payment_id": payment["id"], "amount": payment["amount"]})
            await sandbox.delivered()
            await shop.wait(minutes=7)
        story = await everything(shop)
    await sandbox.aclose()
    return story | {"heard": listener.heard}


async def test_the_same_seed_and_calls_give_the_same_history() -> None:
    assert await a_busy_day(7) == await a_busy_day(7)


async def test_another_seed_gives_another_history() -> None:
    assert (await a_busy_day(7))["heard"] != (await a_busy_day(8))["heard"]


async def test_reset_begins_anew(sandbox: Sandbox, shop: Shop) -> None:
    first = await shop.a_payment()
    await shop.spoil({"fault": "error_500"})
    await shop.change_shop(recurring=False)

    shown = await shop.order("/reset")

    assert shown["frozen"] is False
    assert (await shop.look("/payments"))["results"] == []
    assert (await shop.look("/shop"))["recurring"] is True
    assert (await shop.look("/shop"))["notify_url"] == "http://shop/notifications"
    sandbox.yookassa.clock.freeze()
    await shop.order("/clock", set="2026-01-11T12:00:00Z")
    assert (await shop.a_payment())["id"] == first["id"]
