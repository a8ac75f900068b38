"""A charge whose money YooKassa only holds, as is never asked for: taken while it is wanted, let go if it is not."""

import json
from uuid import UUID

from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask
from tests.ledger import value
from tests.payment_methods.cards import refuse
from tests.renewals.actors import Renewals
from tests.stage import work_off

NOTHING_ARRIVES = [{"operation": "create_payment", "fault": "lost_before"}]


async def a_held_charge(renewals: Renewals) -> UUID:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.office.call("PUT", "/faults", NOTHING_ARRIVES)
    await renewals.pass_time(hours=2)
    await renewals.office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    open_charge = "FROM payments WHERE payment_method_id IS NOT NULL AND status = 'PENDING'"
    charge: UUID = await value(renewals.database, f"SELECT id {open_charge}")
    sealed = await value(renewals.database, f"SELECT request_body {open_charge}")
    two_stages = json.loads(renewals.services.vault.open(sealed)) | {"capture": False}
    await renewals.services.yookassa.create_payment(
        json.dumps(two_stages).encode(), idempotence_key=str(charge)
    )
    return charge


async def learn_of_it(renewals: Renewals, charge: UUID) -> str:
    await renewals.services.statements.fetch(
        "UPDATE payments SET yookassa_payment_id = $2 WHERE id = $1",
        charge,
        (await renewals.office.payments())[0]["id"],
    )
    await ask(renewals.services, PAYMENTS, charge)
    await work_off(renewals.services)
    return str((await renewals.office.payments())[0]["status"])


async def test_it_is_taken_while_it_is_wanted(renewals: Renewals) -> None:
    charge = await a_held_charge(renewals)

    assert await learn_of_it(renewals, charge) == "succeeded"
    assert await renewals.pro_days_left() > 30


async def test_of_a_card_that_was_refused_meanwhile_nothing_is_taken(renewals: Renewals) -> None:
    charge = await a_held_charge(renewals)
    assert (await refuse(renewals.api))["charge_in_flight"] is not None

    assert await learn_of_it(renewals, charge) == "canceled"
    requests = (await renewals.office.call("GET", "/requests?limit=1000"))["results"]
    assert [one for one in requests if one["operation"] in {"capture", "create_refund"}] == []
    assert await renewals.pro_days_left() < 1
    assert await renewals.events("subscription.renewal_failed") == []
