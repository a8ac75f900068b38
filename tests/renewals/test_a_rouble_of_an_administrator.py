"""An administrator who tries the shop with a rouble while his own renewal is in flight buys nothing in its place."""

from uuid import UUID

import pytest

from billing_service.payments import checkout, live_shop_check
from tests.ledger import rows
from tests.renewals.actors import Renewals
from tests.renewals.test_saying_no import charge_and_lose_the_answer, learn_of_it
from tests.stage import USER, work_off


@pytest.mark.parametrize("renewal_first", [True, False])
async def test_it_sends_no_renewal_back_and_is_no_second_purchase(
    renewals: Renewals, *, renewal_first: bool
) -> None:
    await charge_and_lose_the_answer(renewals)
    await renewals.office.call("PUT", "/faults", [])
    order = live_shop_check.order(caller="dev", user_id=USER, return_url=None, idempotency_key=None)
    tried = (await checkout.start(renewals.services, order)).payment
    if renewal_first:
        await learn_of_it(renewals)
    await renewals.office.pay({"yookassa_payment_id": tried.yookassa_payment_id})
    await work_off(renewals.services)
    await learn_of_it(renewals)

    found = await rows(renewals.database, "SELECT id, status FROM payments ORDER BY created_at")
    assert [one["status"] for one in found] == ["SUCCEEDED"] * 3
    assert UUID(str(tried.id)) in {one["id"] for one in found}
    assert await rows(renewals.database, "SELECT id FROM refunds") == []
    assert await rows(renewals.database, "SELECT kind FROM alarms WHERE kind = 'double_purchase'") == []
