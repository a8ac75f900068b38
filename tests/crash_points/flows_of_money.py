"""Money that comes and goes: purchases, what the provider tells of them, refunds, receipts."""

import asyncio

from billing_service.audit.service import Deed
from billing_service.kit.together import AT_ONCE
from billing_service.kit.transaction import Transaction
from billing_service.operations import daily_audit
from billing_service.payments.returned import look_at_refund
from billing_service.provider_calls.walking import enqueue_walk
from billing_service.receipts import registration, shop
from billing_service.webhooks import dispatch
from billing_service.webhooks import service as webhooks
from billing_service.worker import WITH_RECEIPTS
from tests.crash_points.world import DEED, Flow, World
from tests.ledger import rows
from tests.payments.test_capture import a_held_payment
from tests.receipts.till import EMAIL
from tests.stage import USER
from tests.stories.silence import LOSE_EVERY_NOTIFICATION, walk_to_the_end

THREE = tuple(range(USER, USER + 3))
MONTH = {"plan_code": "PRO_MONTHLY"}
ONE_MONTH = {"paid": {(USER, "299.00"): 1}, "days": {(USER, "30"): 1}, "charged there": {"succeeded": 1}}
SENT = {"reason": DEED["reason"], "author": DEED["author"], "amount": "149.50", "access": "cut_prorata"}
HALF_BACK = {"returned": {(USER, "149.50 cut_prorata"): 1}, "days": {(USER, "15"): 1}}
ALL_BACK = {"returned": {(USER, "299.00 cut_all"): 1}, "days": {(USER, "0"): 1}}


async def nothing(_world: World) -> None:
    """Nobody has done anything yet."""


async def in_silence(world: World) -> None:
    await world.office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)


async def ordered(world: World) -> None:
    await in_silence(world)
    world.facts["payment"] = await world.api.buy(Idempotency_Key="one")


async def walked(world: World) -> None:
    """Until now nothing was in the lists."""
    await walks(world)


async def ordered_after_a_walk(world: World) -> None:
    await walked(world)
    await paid_in_silence(world)


async def ordered_into_the_void(world: World, fault: str) -> None:
    """The answer, or the request itself, was lost; nobody knows which."""
    lost = {"operation": "create_payment", "fault": fault}
    await world.office.call("PUT", "/faults", [lost, *LOSE_EVERY_NOTIFICATION])
    await world.ask("POST", "create-payment/", MONTH, ok=(503,), Idempotency_Key="one")
    await in_silence(world)
    await world.clock.advance(minutes=20)


async def nobody_was_answered(world: World) -> None:
    await ordered_into_the_void(world, "lost_after")


async def nothing_arrived(world: World) -> None:
    """Two days ago, so that it may not be sent again: only the lists can tell."""
    await ordered_into_the_void(world, "lost_before")
    for _ in range(2):
        await world.clock.advance(hours=24)
        await world.office.call("POST", "/clock", {"advance_seconds": 24 * 3600})


async def the_provider_is_down(world: World) -> None:
    await in_silence(world)
    await world.office.call(
        "PUT", "/faults", [{"operation": "create_payment", "fault": "error_500", "count": 3}]
    )


async def the_provider_refuses(world: World) -> None:
    await in_silence(world)
    refused = {"operation": "create_payment", "fault": "refusal", "count": 1}
    await world.office.call("PUT", "/faults", [refused, *LOSE_EVERY_NOTIFICATION])


async def buys_in_vain(world: World) -> None:
    await world.ask("POST", "create-payment/", MONTH, ok=(201, 400, 503), Idempotency_Key="one")


async def refund_unanswered(world: World) -> None:
    await paid(world)
    lost = {"operation": "create_refund", "fault": "lost_after"}
    await world.office.call("PUT", "/faults", [lost, *LOSE_EVERY_NOTIFICATION])
    payment = world.facts["payment"]["payment_id"]
    await world.say("POST", f"payments/{payment}/refunds", SENT, ok=(503,), Idempotency_Key="one")
    await in_silence(world)
    await world.clock.advance(minutes=20)


async def paid_in_silence(world: World) -> None:
    await ordered(world)
    await world.office.pay(world.facts["payment"])
    await world.keep_notifications()


async def paid(world: World) -> None:
    await paid_in_silence(world)
    await world.notified()
    await world.jobs()


async def three_have_paid(world: World) -> None:
    await in_silence(world)
    for user in THREE:
        await world.office.pay(await world.api.buy(user=user))
    await world.keep_notifications()


async def told_of_all_and_looked_together(world: World) -> None:
    """No place is free before each of them waits for one, so that all go in one transaction; their jobs come later."""
    await world.notified()
    together, are_there = world.services.statements.together, asyncio.Event()

    async def stay(_tx: Transaction) -> None:
        await are_there.wait()

    staying = [asyncio.create_task(together.take_or_queue(f"guest {n}", stay)) for n in range(AT_ONCE)]
    await asyncio.sleep(0)
    told = await rows(world.database, "SELECT id FROM webhook_logs ORDER BY id")
    looks = [asyncio.create_task(dispatch.look(world.services, row["id"])) for row in told]
    while len(together._waiting) + sum(look.done() for look in looks) < len(looks):  # noqa: ASYNC110, SLF001
        await asyncio.sleep(0.01)
    are_there.set()
    await asyncio.gather(*staying, *looks)


async def buys(world: World) -> None:
    await world.ask("POST", "create-payment/", MONTH, Idempotency_Key="one")


async def buys_and_pays(world: World) -> None:
    """Whoever was not answered asks again with his key, and pays what he is shown."""
    bought = await world.ask("POST", "create-payment/", MONTH, ok=(201, 503), Idempotency_Key="one")
    if (open_one := bought.get("yookassa_payment_id")) and await _can_be_paid(world, open_one):
        await world.office.call("POST", f"/payments/{open_one}/pay", {})


async def _can_be_paid(world: World, payment: str) -> bool:
    """Whoever opens the link of what he has paid is told so by the provider."""
    there = await world.office.call("GET", f"/payments/{payment}")
    return bool(there["status"] == "pending")


async def asks_again_for_what_was_paid(world: World) -> None:
    """The checkout is handed out again, once it is known whether it was paid."""
    await world.clock.advance(seconds=30)
    await world.ask("POST", "create-payment/", MONTH, Idempotency_Key="one")


async def walks(world: World) -> None:
    for kind in WITH_RECEIPTS:
        await walk_to_the_end(world.services, kind)
    await world.jobs()


async def told_and_looked(world: World) -> None:
    await world.notified()
    await world.jobs()


async def asked_in_time(world: World) -> None:
    await paid_in_silence(world)
    await world.clock.advance(minutes=20)


async def held(world: World) -> None:
    await a_held_payment(world.api, world.office, world.services, world.database)
    await world.clock.advance(minutes=20)


async def declined_in_silence(world: World) -> None:
    await ordered(world)
    await world.office.decline(world.facts["payment"], "insufficient_funds")
    await world.keep_notifications()


async def refunds(world: World) -> None:
    payment = world.facts["payment"]["payment_id"]
    await world.say("POST", f"payments/{payment}/refunds", SENT, Idempotency_Key="one")


async def refunded_in_the_cabinet(world: World) -> None:
    await paid(world)
    await world.office.refund(world.facts["payment"])
    await world.keep_notifications()


async def refunded_in_the_cabinet_unheard(world: World) -> None:
    await paid(world)
    await walks(world)
    await world.office.refund(world.facts["payment"])


async def wants_his_money_back(world: World) -> None:
    payment = world.facts["payment"]["payment_id"]
    await world.ask("POST", f"payments/{payment}/refund-request/", {"reason": "не пользуюсь"})


async def asked_for_his_money(world: World) -> None:
    await paid(world)
    await wants_his_money_back(world)
    await world.know("case", "SELECT id FROM refund_requests")


async def is_not_given_it(world: World) -> None:
    await world.say("POST", f"refund-requests/{world.facts['case']}/refuse/", DEED)


async def refund_known_by_number(world: World) -> None:
    await refunded_in_the_cabinet_unheard(world)
    world.facts["refund"] = (await world.office.call("GET", "/refunds"))["results"][0]["id"]


async def looks_at_a_refund(world: World) -> None:
    await look_at_refund(world.services, world.facts["refund"])


async def enqueues_walks(world: World) -> None:
    for kind in WITH_RECEIPTS:
        await enqueue_walk(world.services, kind)
    await world.jobs()


async def told_and_settled_otherwise(world: World) -> None:
    """Nobody looks at what was told, for its job is gone; a question has settled the payment."""
    await paid_in_silence(world)
    await world.notified()
    await world.services.statements.fetch("DELETE FROM pgqueuer")
    await world.clock.advance(minutes=20)
    await world.asks()
    await world.services.statements.fetch("DELETE FROM pgqueuer")
    told = "UPDATE webhook_logs SET status = 'RECEIVED', processed_at = NULL"
    await world.services.statements.fetch(told)


async def closes_notifications(world: World) -> None:
    await dispatch.close_settled(world.services)
    await dispatch.give_up_overdue(world.services)


async def given_up(world: World) -> None:
    await paid_in_silence(world)
    await world.notified()
    await world.services.statements.fetch(
        "UPDATE webhook_logs SET status = 'GIVEN_UP', error_message = 'too late'"
    )
    await world.services.statements.fetch("DELETE FROM pgqueuer")
    await world.know("log", "SELECT id FROM webhook_logs")


async def looks_once_more(world: World) -> None:
    deed = Deed("cli", DEED["author"], DEED["reason"], "")
    await webhooks.replay(world.services, int(world.facts["log"]), deed)
    await world.jobs()


async def with_receipts(world: World) -> None:
    await world.office.call("PUT", "/shop", {"fiscalization": True})
    await shop.ask(world.services)
    await in_silence(world)
    answer = await world.api.post("create-payment/", MONTH | {"receipt_contact": EMAIL})
    world.facts["payment"] = answer.json()
    await world.office.pay(world.facts["payment"])
    await world.keep_notifications()
    await told_and_looked(world)
    payment = world.facts["payment"]["payment_id"]
    await world.say("POST", f"payments/{payment}/refunds", SENT, Idempotency_Key="one")
    await world.jobs()
    await world.clock.advance(minutes=2)
    await world.office.call("POST", "/clock", {"advance_seconds": 120})


async def follows_receipts(world: World) -> None:
    for kind in WITH_RECEIPTS:
        await registration.enqueue_due(world.services, kind)
    await world.jobs()


async def asks_the_shop(world: World) -> None:
    await shop.ask_when_due(world.services)


async def a_day_is_over(world: World) -> None:
    await paid(world)
    await refunds(world)
    await world.clock.advance(hours=30)
    await world.office.call("POST", "/clock", {"advance_seconds": 30 * 3600})


async def audits(world: World) -> None:
    while await daily_audit.audit_due(world.services):
        pass


FLOWS = (
    Flow("a purchase", in_silence, buys_and_pays, ONE_MONTH),
    Flow(
        "a purchase, asked for again after it was paid",
        paid_in_silence,
        asks_again_for_what_was_paid,
        ONE_MONTH,
    ),
    Flow("a notification of a payment, and the look", paid_in_silence, told_and_looked, ONE_MONTH),
    Flow(
        "notifications that are settled in one transaction",
        three_have_paid,
        told_of_all_and_looked_together,
        {"paid": {(user, "299.00"): 1 for user in THREE}, "days": {(user, "30"): 1 for user in THREE}},
    ),
    Flow(
        "a notification of a refusal, and the look",
        declined_in_silence,
        told_and_looked,
        {"paid": {}, "declined": {(USER, "insufficient_funds"): 1}},
    ),
    Flow("the question about an open payment", asked_in_time, World.asks, ONE_MONTH),
    Flow("the walk of a list with a payment in it", ordered_after_a_walk, enqueues_walks, ONE_MONTH),
    Flow("a purchase while the provider is down", the_provider_is_down, buys_in_vain, {"paid": {}}),
    Flow(
        "a purchase that is refused",
        the_provider_refuses,
        buys_in_vain,
        {"paid": {}},
        # In doubt after a death, a refusal decides nothing: a checkout is opened that nobody pays.
        grows=frozenset({"declined", "charged there", "told"}),
    ),
    Flow(
        "the question about a payment of which nobody was answered",
        nobody_was_answered,
        World.asks,
        {"paid": {}},
    ),
    Flow("the question about a payment that never arrived", nothing_arrived, World.asks, {"paid": {}}),
    Flow(
        "the question about a refund of which nobody was answered", refund_unanswered, World.asks, HALF_BACK
    ),
    Flow("the look at a refund", refund_known_by_number, looks_at_a_refund, ALL_BACK),
    Flow("notifications are closed", told_and_settled_otherwise, closes_notifications, ONE_MONTH),
    Flow(
        "a notification is looked at once more",
        given_up,
        looks_once_more,
        ONE_MONTH,
        grows=frozenset({"audited"}),
    ),
    Flow("held money", held, World.asks, ONE_MONTH),
    Flow("a refund", paid, refunds, HALF_BACK),
    Flow("a refund of the cabinet, and the look", refunded_in_the_cabinet, told_and_looked, ALL_BACK),
    Flow("the walk of a list with a refund in it", refunded_in_the_cabinet_unheard, walks, ALL_BACK),
    Flow("a request for a refund", paid, wants_his_money_back, ONE_MONTH | {"cases": {(USER, "True"): 1}}),
    Flow(
        "a request for a refund is refused",
        asked_for_his_money,
        is_not_given_it,
        {"cases": {(USER, "False"): 1}},
    ),
    Flow(
        "the registration of receipts",
        with_receipts,
        follows_receipts,
        HALF_BACK | {"receipts": {(USER, "succeeded"): 1}},
    ),
    Flow("the question about the shop", nothing, asks_the_shop, {"heard of the shop": {(None, "1"): 1}}),
    Flow("the audit of a day", a_day_is_over, audits, HALF_BACK),
)
