"""Whatever can go wrong on the way, on demand."""

from time import monotonic

import httpx2 as httpx
import pytest

from billing_service.sandbox.app import Sandbox
from tests.sandbox.shop import Json, Listener, Shop, a_request


async def create(shop: Shop, key: str = "k") -> httpx.Response:
    return await shop.post("/payments", a_request(), key=key)


async def made(shop: Shop) -> int:
    return len((await shop.look("/payments"))["results"])


@pytest.mark.parametrize(("fault", "made_meanwhile"), [("lost_before", 0), ("lost_after", 1), ("drop", 1)])
async def test_a_lost_answer_is_found_by_the_same_key(shop: Shop, fault: str, made_meanwhile: int) -> None:
    await shop.spoil({"operation": "create_payment", "fault": fault, "count": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        await create(shop)
    after_the_loss = await made(shop)

    repeated = await create(shop)

    assert repeated.status_code == 200
    assert (after_the_loss, await made(shop)) == (made_meanwhile, 1)


@pytest.mark.parametrize(("when", "made_meanwhile"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("fault", ["error_500", "html_502", "processing"])
async def test_a_broken_answer_comes_before_or_after_the_effect(
    shop: Shop, fault: str, when: str, made_meanwhile: int
) -> None:
    await shop.spoil({"operation": "create_payment", "fault": fault, "when": when, "count": 1})

    broken = await create(shop)

    assert broken.status_code == {"error_500": 500, "html_502": 502, "processing": 202}[fault]
    assert await made(shop) == made_meanwhile
    assert (await create(shop)).status_code == 200
    assert await made(shop) == 1


async def test_a_500_is_the_providers_and_a_502_is_a_page(shop: Shop) -> None:
    await shop.spoil({"fault": "error_500", "count": 1}, {"fault": "html_502", "count": 1})

    error, page = await create(shop), await create(shop)

    assert (error.json()["type"], error.json()["code"]) == ("error", "internal_server_error")
    assert page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("seconds", "header", "milliseconds"), [(2, "2", 2000), (None, None, None)])
async def test_too_many_requests_may_say_how_long_to_wait(
    shop: Shop, seconds: float | None, header: str | None, milliseconds: int | None
) -> None:
    rule: Json = {"operation": "create_payment", "fault": "too_many"}
    await shop.spoil(rule if seconds is None else rule | {"seconds": seconds})

    response = await create(shop)

    assert (response.status_code, response.json()["code"]) == (429, "too_many_requests")
    assert response.headers.get("Retry-After") == header
    assert response.json().get("retry_after") == milliseconds
    assert await made(shop) == 0


async def test_a_slow_answer_is_right_only_later(shop: Shop) -> None:
    await shop.spoil({"operation": "create_payment", "fault": "slow", "seconds": 0.2})
    started = monotonic()

    response = await create(shop)

    assert response.status_code == 200
    assert monotonic() - started >= 0.2


async def test_a_rule_strikes_as_often_as_it_says_and_only_where_it_says(shop: Shop) -> None:
    await shop.spoil({"operation": "create_payment", "fault": "error_500", "count": 2})

    statuses = [(await create(shop)).status_code for _ in range(3)]

    assert statuses == [500, 500, 200]
    assert (await shop.get("/me")).status_code == 200
    assert (await shop.look("/faults"))["results"][0]["used"] == 2


async def test_a_star_is_every_call(shop: Shop) -> None:
    await shop.spoil({"fault": "error_500"})

    statuses = [(await shop.get(path)).status_code for path in ("/me", "/payments", "/refunds/1")]

    assert statuses == [500, 500, 500]


async def test_probability_is_thrown_with_the_seed() -> None:
    async def statuses(seed: int) -> list[int]:
        async with Shop(Sandbox(notify_url=None, seed=seed)) as shop:
            await shop.spoil({"fault": "error_500", "probability": 0.5})
            return [(await shop.get("/me")).status_code for _ in range(64)]

    first, again, other = await statuses(1), await statuses(1), await statuses(2)

    assert first == again != other
    assert 16 < first.count(500) < 48


@pytest.mark.parametrize(
    "rule",
    [
        {"operation": "create_paymnet", "fault": "slow"},
        {"operation": "get_payment", "fault": "decline"},
        {"operation": "create_payment", "fault": "lose"},
        {"operation": "notification", "fault": "error_500"},
        {"operation": "create_payment", "fault": "slow", "secs": 3},
        {"operation": "create_payment", "fault": "explode"},
    ],
)
async def test_an_order_that_cannot_be_is_refused(shop: Shop, rule: Json) -> None:
    response = await shop.control.put("/faults", json=[rule])

    assert response.status_code == 422


async def test_the_rules_that_were_read_can_be_put_back(shop: Shop) -> None:
    await shop.spoil({"fault": "error_500", "count": 1})
    await create(shop)
    read = await shop.look("/faults")

    await shop.control.put("/faults", json=read)

    assert (await create(shop)).status_code == 500


async def test_the_log_names_the_fault(shop: Shop) -> None:
    await shop.spoil({"operation": "create_payment", "fault": "error_500"})
    await create(shop, key="named")

    (line,) = (await shop.look("/requests"))["results"]

    assert (line["operation"], line["idempotence_key"], line["fault"], line["status"]) == (
        "create_payment",
        "named",
        "error_500",
        500,
    )
    assert line["body"] == a_request()


async def tell(shop: Shop, sandbox: Sandbox, *rules: Json) -> Json:
    """A paid payment under these rules about notifications."""
    await shop.spoil(*({"operation": "notification"} | rule for rule in rules))
    payment = await shop.pay(await shop.a_payment())
    await sandbox.delivered()
    return payment


async def test_a_notification_can_be_lost_for_good(sandbox: Sandbox, shop: Shop, listener: Listener) -> None:
    await tell(shop, sandbox, {"fault": "lose"})

    await shop.wait(days=2)

    assert listener.heard == []


async def test_a_notification_can_come_twice(sandbox: Sandbox, shop: Shop, listener: Listener) -> None:
    await tell(shop, sandbox, {"fault": "double"})

    assert len(listener.heard) == 2
    assert listener.heard[0] == listener.heard[1]


async def test_a_notification_can_be_late(sandbox: Sandbox, shop: Shop, listener: Listener) -> None:
    await tell(shop, sandbox, {"fault": "delay", "seconds": 600})
    await shop.wait(seconds=599)
    before = len(listener.heard)

    await shop.wait(seconds=1)

    assert (before, len(listener.heard)) == (0, 1)


async def test_a_notification_can_be_overtaken(sandbox: Sandbox, shop: Shop, listener: Listener) -> None:
    payment = await tell(shop, sandbox, {"fault": "reorder", "count": 1})
    await shop.order(f"/payments/{payment['id']}/refund")

    await sandbox.delivered()

    assert listener.events == ["refund.succeeded", "payment.succeeded"]


async def test_a_notification_that_nothing_overtakes_comes_a_minute_later(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    await tell(shop, sandbox, {"fault": "reorder", "count": 1})

    await shop.wait(minutes=1)

    assert listener.events == ["payment.succeeded"]


async def test_a_notification_can_arrive_before_the_answer(shop: Shop, listener: Listener) -> None:
    saved = await shop.pay(await shop.a_payment(save_payment_method=True))
    await shop.wait(seconds=1)
    await shop.spoil(
        {"operation": "notification", "fault": "early"},
        {"operation": "create_payment", "fault": "lost_after"},
    )
    charge = {"amount": saved["amount"], "capture": True, "payment_method_id": saved["id"]}

    with pytest.raises(httpx.RemoteProtocolError):
        await shop.post("/payments", charge)

    assert listener.events == ["payment.succeeded", "payment.succeeded"]


async def test_a_notification_can_name_a_wrong_amount(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    payment = await tell(shop, sandbox, {"fault": "wrong_amount"})

    assert listener.heard[0]["object"]["amount"] == {"value": "1.23", "currency": "RUB"}
    assert (await shop.payment(payment["id"]))["amount"]["value"] == "299.00"


async def test_a_forged_notification_comes_before_the_true_one(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    payment = await tell(shop, sandbox, {"fault": "forge"})

    forged, true = (message["object"]["id"] for message in listener.heard)
    assert true == payment["id"]
    assert (await shop.get(f"/payments/{forged}")).status_code == 404


async def test_a_notification_can_bring_news_nobody_knows(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    await tell(shop, sandbox, {"fault": "unknown_fields", "count": 1}, {"fault": "unknown_event"})
    await tell(shop, sandbox, {"fault": "unknown_event"})

    assert "loyalty_points" in listener.heard[0]["object"]
    assert listener.heard[1]["event"] == "payment.reconsidered"


async def a_charge(shop: Shop, *rules: Json) -> Json:
    """A saved card charged under these rules."""
    saved = await shop.pay(await shop.a_payment(save_payment_method=True))
    await shop.spoil(*({"operation": "create_payment"} | rule for rule in rules))
    charge = {"amount": saved["amount"], "capture": True, "payment_method_id": saved["id"]}
    charged: Json = (await shop.post("/payments", charge)).json()
    return charged


async def test_a_method_may_not_be_saved_in_spite_of_the_request(shop: Shop) -> None:
    await shop.spoil({"operation": "create_payment", "fault": "not_saved"})

    paid = await shop.pay(await shop.a_payment(save_payment_method=True))

    assert paid["status"] == "succeeded"
    assert (paid["payment_method"]["saved"], paid["payment_method"]["status"]) == (False, "inactive")


@pytest.mark.parametrize(("reason", "status"), [(None, "succeeded"), ("insufficient_funds", "canceled")])
async def test_a_charge_may_stay_pending_and_settle_later(
    shop: Shop, listener: Listener, reason: str | None, status: str
) -> None:
    rule: Json = {"fault": "stay_pending", "seconds": 7200}
    charged = await a_charge(shop, rule if reason is None else rule | {"reason": reason})
    await shop.wait(seconds=7199)
    waiting = await shop.payment(charged["id"])

    await shop.wait(seconds=1)

    assert (charged["status"], waiting["status"]) == ("pending", "pending")
    assert "confirmation" not in charged
    assert (await shop.payment(charged["id"]))["status"] == status
    assert listener.events[-1] == f"payment.{status}"


async def test_a_charge_can_be_declined_by_a_rule(shop: Shop) -> None:
    declined = await a_charge(shop, {"fault": "decline", "reason": "call_issuer"})

    assert (declined["status"], declined["cancellation_details"]["reason"]) == ("canceled", "call_issuer")


async def test_what_a_payer_confirms_can_be_declined_or_late_too(shop: Shop) -> None:
    await shop.spoil(
        {"operation": "create_payment", "fault": "decline", "reason": "general_decline", "count": 1},
        {"operation": "create_payment", "fault": "stay_pending", "seconds": 7200, "count": 1},
    )
    declined = await shop.pay(await shop.a_payment())
    late = await shop.pay(await shop.a_payment())
    page = await shop.browser.get(f"/pay/{late['id']}")

    await shop.wait(hours=2)

    assert (declined["status"], late["status"]) == ("canceled", "pending")
    assert "Банк ещё не ответил" in page.text
    assert (await shop.payment(late["id"]))["status"] == "succeeded"
