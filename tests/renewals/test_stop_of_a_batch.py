"""An operator stops charging while three workers charge a batch: no claim follows the answer, and nobody is lost."""

from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from billing_service.renewals import looking
from billing_service.sandbox.app import Sandbox
from tests.bad_days.processes import a_worker, listening
from tests.ledger import value
from tests.renewals.actors import Renewals
from tests.renewals.crowds import a_crowd_is_due, all_is_quiet, the_books_agree
from tests.renewals.multiplied import all_due_at_once
from tests.renewals.test_storms import STOP
from tests.stage import RENEWING
from tests.test_worker import until

START = STOP | {"charging": True}
DUE, BEGUN = 48, 10
SLOW = [
    {"operation": call, "fault": "slow", "seconds": 0.2} for call in ("create_payment", "get_payment_method")
]
# A claim is posted at once; a busy machine may let its process wait.
POSTED_WITHIN_SECONDS = 5
CHARGED = "SELECT count(*) >= {number} FROM payments WHERE is_recurring"
NOTHING_RUNS = "SELECT count(*) = 0 FROM pgqueuer WHERE entrypoint = 'renewal.look'"
LAST_CLAIM = "SELECT max(created_at) FROM payments WHERE is_recurring"


async def test_no_charge_is_claimed_after_the_answer_to_a_stop_and_none_is_lost(
    renewals: Renewals, sandbox: Sandbox, tmp_path: Path
) -> None:
    users = await all_due_at_once(renewals, DUE)
    await renewals.office.call("PUT", "/faults", SLOW)
    database = renewals.database
    async with AsyncExitStack() as stack:
        yookassa = await stack.enter_async_context(listening(sandbox))
        for name in ("one", "other", "third"):
            (tmp_path / name).mkdir()
            worker = a_worker(renewals.services.settings, yookassa, tmp_path / name, **RENEWING)
            await stack.enter_async_context(worker)
        await looking.enqueue_due(renewals.services)
        await until(database, CHARGED.format(number=BEGUN), True)

        assert (await renewals.api.internal("PUT", "charging/", STOP)).status_code == 200
        answered_at = await value(database, "SELECT billing_now()")

        await until(database, NOTHING_RUNS, True)
        charged = await renewals.charges()
        posts = {one["idempotence_key"]: one["at"] for one in await renewals.office.creations()}

    assert BEGUN <= len(charged) < DUE
    assert await value(database, LAST_CLAIM) <= answered_at
    assert {str(one["id"]) for one in charged} <= posts.keys()
    assert len(posts) == len(charged) + 1
    last = (max(datetime.fromisoformat(at) for at in posts.values()) - answered_at).total_seconds()
    print(f"{len(charged)} charged; the last request came {last:.3f} s after the answer")  # noqa: T201 (the figure)
    assert last <= POSTED_WITHIN_SECONDS

    assert (await renewals.api.internal("PUT", "charging/", START)).status_code == 200
    await renewals.pass_time(minutes=16)
    assert sorted(one["user_id"] for one in await renewals.charges()) == list(users)
    await all_is_quiet(renewals)
    await the_books_agree(renewals)


async def test_who_is_held_back_by_a_stop_until_hours_before_his_grace_ends_is_charged_after_the_start(
    renewals: Renewals,
) -> None:
    await a_crowd_is_due(renewals, 1)
    assert (await renewals.api.internal("PUT", "charging/", STOP)).status_code == 200
    await renewals.pass_time(days=5, hours=18)
    assert (await renewals.shown())["no_charge_because"] == "CHARGING_STOPPED"

    assert (await renewals.api.internal("PUT", "charging/", START)).status_code == 200
    await renewals.pass_time(minutes=16)

    assert [one["status"] for one in await renewals.charges()] == ["SUCCEEDED"]
