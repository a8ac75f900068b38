"""What changes between a notice and its charge: the setting, the end of access, what the payer has bought by hand."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from billing_service.charging import service as charging
from billing_service.renewals import looking
from tests.ledger import value
from tests.renewals.actors import Renewals
from tests.renewals.test_saying_no import learn_of_it
from tests.stage import USER
from tests.stories.silence import LOSE_EVERY_ANSWER, LOSE_EVERY_NOTIFICATION


def setting(renewals: Renewals, **settings: object) -> Renewals:
    """The same worker with other settings."""
    services = renewals.services
    changed = replace(services, settings=services.settings.model_copy(update=settings))
    return replace(renewals, services=changed)


async def test_who_was_just_looked_at_while_renewals_went_off_is_charged_once_they_are_on(
    renewals: Renewals,
) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await charging.follow_setting(setting(renewals, billing_recurring_enabled=False).services)
    await looking.look(renewals.services, USER)
    await charging.follow_setting(renewals.services)

    await renewals.pass_time(hours=2)

    assert [charge["status"] for charge in await renewals.charges()] == ["SUCCEEDED"]


async def test_whose_access_a_refund_has_ended_is_told_anew_and_charged_within_his_grace(
    renewals: Renewals,
) -> None:
    await renewals.subscribe()
    await renewals.pass_time(days=23, hours=1)
    await renewals.tell()
    bought = await value(renewals.database, "SELECT id::text FROM payments")
    await renewals.api.refund({"payment_id": bought}, "200.00", access="cut_prorata")

    await renewals.work()
    promised = datetime.fromisoformat((await renewals.shown())["next_charge"]["charge_at"])
    await renewals.tell()
    await renewals.pass_time(days=4, hours=1)

    [charge] = await renewals.charges()
    notices = "SELECT array_agg(charge_at ORDER BY created_at) FROM renewal_notices"
    first, second = await value(renewals.database, notices)
    assert second < first
    assert promised - second < timedelta(minutes=1)
    assert (charge["status"], (await renewals.shown())["is_active"]) == ("SUCCEEDED", True)


@pytest.mark.parametrize(("days", "hours", "written"), [(4, 24, 7), (14, 24, 17), (4, 72, 9), (30, 72, 29)])
async def test_a_notice_is_written_early_enough_for_the_days_that_a_payer_is_told_before(
    renewals: Renewals, days: int, hours: int, written: int
) -> None:
    renewals = setting(renewals, renewal_notice_days=days, renewal_window_hours=hours)
    await renewals.subscribe()
    await renewals.pass_time(days=30 - written, hours=1)
    await renewals.tell()

    await renewals.pass_time(days=written - hours // 24, hours=-2)
    before = await renewals.charges()
    await renewals.pass_time(days=days + 4 - written if days == 30 else 0, hours=2)

    assert (before, [charge["status"] for charge in await renewals.charges()]) == ([], ["SUCCEEDED"])


async def test_who_has_paid_by_hand_reads_of_no_other_try_of_a_charge_that_was_declined_after_it(
    renewals: Renewals,
) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.declines("insufficient_funds")
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await renewals.pass_time(hours=2)
    await renewals.clock.advance(minutes=11)
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await renewals.office.pay(await renewals.api.buy())

    await learn_of_it(renewals)

    [failed] = await renewals.events("subscription.renewal_failed")
    assert (failed["next_try_at"], "Больше мы не пробуем" in failed["text"]) == (None, True)
