"""The id of the shop was changed while a renewal was in flight: nobody asks about it any more."""

import pytest

from tests.ledger import rows
from tests.renewals.actors import Renewals
from tests.renewals.test_saying_no import charge_and_lose_the_answer
from tests.stage import USER, work_off

# As if it had been charged before the shop became what it is.
IN_ANOTHER_SHOP = """
    BEGIN; SET CONSTRAINTS ALL DEFERRED;
    UPDATE payment_methods SET shop_id = '100400';
    UPDATE payments SET shop_id = '100400' WHERE status = 'PENDING';
    COMMIT;
"""


async def left_in_another_shop(renewals: Renewals) -> None:
    await charge_and_lose_the_answer(renewals)
    connection = await renewals.services.statements._pool.acquire()  # noqa: SLF001 (several statements)
    await connection.execute(IN_ANOTHER_SHOP)
    await renewals.services.statements._pool.release(connection)  # noqa: SLF001
    await renewals.office.call("PUT", "/faults", [])


async def test_the_period_that_may_have_been_paid_there_is_not_charged_here(renewals: Renewals) -> None:
    await left_in_another_shop(renewals)
    await renewals.bind_a_card()

    for _ in range(4):
        await renewals.pass_time(days=1)
        await renewals.tell_all()

    assert [charge["status"] for charge in await renewals.charges()] == ["PENDING"]
    assert (await renewals.shown())["no_charge_because"] == "RENEWAL_IN_PROGRESS"


async def test_the_next_period_is_renewed_all_the_same(renewals: Renewals) -> None:
    await left_in_another_shop(renewals)
    await renewals.bind_a_card()
    await renewals.clock.advance(minutes=11)
    await renewals.office.pay(await renewals.api.buy())
    await work_off(renewals.services)

    await renewals.pass_time(days=25)
    await renewals.tell(USER)
    await renewals.pass_time(days=5, hours=12)

    charges = await renewals.charges()
    assert [charge["status"] for charge in charges] == ["PENDING", "SUCCEEDED"]
    assert charges[1]["surplus_of"] is None
    assert await rows(renewals.database, "SELECT id FROM refunds") == []
    assert await renewals.pro_days_left() == pytest.approx(30.5, abs=1)
