"""Cards that are kept, refused and charged: saving, binding, refusing, notices, charges, and what goes back."""

from billing_service.renewals import looking
from tests.crash_points.flows_of_money import in_silence, told_and_looked
from tests.crash_points.world import Flow, World
from tests.payment_methods.cards import CONSENT, SAVING
from tests.renewals.crowds import a_crowd_is_due
from tests.stage import USER
from tests.stories.silence import LOSE_EVERY_ANSWER, LOSE_EVERY_NOTIFICATION

POOR = USER + 1
NO_MONEY = "insufficient_funds"
KEPT = {"methods": {(USER, "ACTIVE"): 1}}


async def buys_and_keeps(world: World) -> None:
    body = SAVING | {"consent": CONSENT}
    bought = await world.ask("POST", "create-payment/", body, ok=(201, 503), Idempotency_Key="one")
    world.facts["payment"] = bought


async def at_a_shop_that_keeps_no_cards(world: World) -> None:
    await in_silence(world)
    await world.office.call("PUT", "/shop", {"recurring": False})


async def paid_to_keep(world: World) -> None:
    await in_silence(world)
    await buys_and_keeps(world)
    await world.office.pay(world.facts["payment"])
    await world.keep_notifications()


async def agreed(world: World) -> None:
    await in_silence(world)
    await world.ask("POST", "consents/", CONSENT | {"plan_code": "PRO_MONTHLY"})


async def agrees(world: World) -> None:
    await world.ask("POST", "consents/", CONSENT | {"plan_code": "PRO_MONTHLY"})


async def binds(world: World) -> None:
    await world.ask("POST", "bind-card/start/", {}, ok=(201, 503), Idempotency_Key="one")


async def bound_unheard(world: World) -> None:
    await agreed(world)
    await binds(world)
    method = (await world.office.call("GET", "/payment_methods"))["results"][0]["id"]
    await world.office.call("POST", f"/payment_methods/{method}/confirm", {})
    await world.keep_notifications()
    await world.clock.advance(minutes=20)


async def bound(world: World) -> None:
    await bound_unheard(world)


async def kept(world: World) -> None:
    await paid_to_keep(world)
    await told_and_looked(world)


async def switches_on(world: World) -> None:
    await world.ask("POST", "subscription/autorenew/", {"enabled": True})


async def renewing(world: World) -> None:
    await kept(world)
    await switches_on(world)
    await world.know("consent", "SELECT id FROM consents")


async def refuses(world: World) -> None:
    await world.ask("DELETE", "payment-method/")


async def withdraws(world: World) -> None:
    await world.ask("DELETE", f"consents/{world.facts['consent']}/")


async def a_notice_is_due(world: World) -> None:
    await renewing(world)
    await world.deliver()
    await _goes_by(world, days=23, hours=1)


async def notified_of_it(world: World) -> None:
    await a_notice_is_due(world)
    await looks(world)
    await world.know("notice", "SELECT id FROM renewal_notices")
    await world.know(
        "now", "SELECT to_char(billing_now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    )


async def is_told(world: World) -> None:
    told = {"channel": "telegram", "at": world.facts["now"]}
    await world.say("POST", f"notices/{world.facts['notice']}/delivered/", told)


async def looks(world: World) -> None:
    while await looking.enqueue_due(world.services):
        await world.jobs()


async def two_are_due(world: World) -> None:
    await a_crowd_is_due(world, 2)
    [bought] = [one for one in await world.office.payments() if one["metadata"]["user_id"] == str(POOR)]
    await world.office.call("PATCH", f"/payment_methods/{bought['id']}", {"decline_reason": NO_MONEY})
    await in_silence(world)


async def one_is_due(world: World) -> None:
    await a_crowd_is_due(world, 1)
    await in_silence(world)


async def one_is_due_whose_card_has_ended(world: World) -> None:
    await one_is_due(world)
    for method in (await world.office.call("GET", "/payment_methods"))["results"]:
        await world.office.call("PATCH", f"/payment_methods/{method['id']}", {"available": False})


async def unwanted(world: World) -> None:
    """The charge has left and nobody knows what became of it, when the payer switches renewal off."""
    await a_crowd_is_due(world, 1)
    await world.office.call("PUT", "/faults", [*LOSE_EVERY_ANSWER, *LOSE_EVERY_NOTIFICATION])
    await looks(world)
    await world.ask("POST", "subscription/autorenew/", {"enabled": False})
    await in_silence(world)
    await _goes_by(world, minutes=11)


async def _goes_by(world: World, **by: float) -> None:
    await world.clock.advance(**by)
    seconds = by.get("days", 0) * 86400 + by.get("hours", 0) * 3600 + by.get("minutes", 0) * 60
    await world.office.call("POST", "/clock", {"advance_seconds": seconds})


FLOWS = (
    Flow("a purchase that keeps the card", in_silence, buys_and_keeps, {"paid": {}}),
    Flow(
        "a purchase at a shop that keeps no cards",
        at_a_shop_that_keeps_no_cards,
        buys_and_keeps,
        {"paid": {}},
        # In doubt after a death, a refusal decides nothing: a later purchase opens the checkout that nobody pays.
        grows=frozenset({"declined", "charged there", "told"}),
    ),
    Flow(
        "the look at a purchase that keeps the card",
        paid_to_keep,
        told_and_looked,
        KEPT | {"days": {(USER, "30"): 1}},
    ),
    Flow("a consent", in_silence, agrees, {"consents": {(USER, "True"): 2}}, grows=frozenset({"consents"})),
    Flow("a binding", agreed, binds, {"consents": {(USER, "True"): 1}}),
    Flow("the look at a binding", bound_unheard, told_and_looked, KEPT | {"bindings": {(USER, "ACTIVE"): 1}}),
    Flow(
        "the question about a binding", bound_unheard, World.asks, KEPT | {"bindings": {(USER, "ACTIVE"): 1}}
    ),
    Flow("auto-renewal is switched on", kept, switches_on, KEPT | {"renews": {(USER, "True"): 1}}),
    Flow(
        "a refusal",
        renewing,
        refuses,
        {"methods": {(USER, "REFUSED"): 1}, "renews": {(USER, "False"): 1}, "consents": {(USER, "False"): 1}},
    ),
    Flow("a consent is withdrawn", renewing, withdraws, KEPT | {"renews": {(USER, "False"): 1}}),
    Flow("a notice", a_notice_is_due, looks, {"notices": {(USER, "False"): 1}}),
    Flow("the word that the payer was told", notified_of_it, is_told, {"notices": {(USER, "True"): 1}}),
    Flow(
        "the charges of a renewal, one of them declined",
        two_are_due,
        looks,
        {"paid": {(POOR, "299.00"): 1, (USER, "299.00"): 2}, "days": {(POOR, "30"): 1, (USER, "60"): 1}},
        # In doubt for longer than a charge is sent again.
        later=(6.1, 30),
    ),
    Flow(
        "a charge of a card that has ended at its bank",
        one_is_due_whose_card_has_ended,
        looks,
        {"methods": {(USER, "ENDED"): 1}},
    ),
    Flow(
        "a charge that nobody wanted any more goes back",
        unwanted,
        World.asks,
        {"returned": {(USER, "299.00 cut_all"): 1}, "days": {(USER, "30"): 1}},
    ),
)
