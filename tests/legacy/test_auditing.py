"""The audit of a day on which the old service still sold, and this one sold too."""

from datetime import UTC, datetime, timedelta

from billing_service.operations import daily_audit
from billing_service.services import Services
from tests.events.told import publish
from tests.legacy.conftest import AtTheProvider, Move
from tests.legacy.old import OldService, days
from tests.stage import BackOffice, Clock, MainBackend, work_off


async def test_the_day_of_the_move_is_audited_clean(
    api: MainBackend,
    clock: Clock,
    office: BackOffice,
    old: OldService,
    services: Services,
    move: Move,
    at_the_provider: AtTheProvider,
) -> None:
    now = datetime.now(UTC)
    await old.user(1, "PRO_MONTHLY", starts=now, ends=now + days(30))
    sold_there = await at_the_provider(1)
    await old.payment(1, at=now, yookassa_payment_id=sold_there)
    returned = await at_the_provider(2)
    went_back = await old.payment(2, at=now, status="REFUNDED", yookassa_payment_id=returned)
    refund = await office.refund({"yookassa_payment_id": returned}, "100.00")
    await old.refund(went_back, "100.00", yookassa_refund_id=refund["id"], completed_at=now)
    await move()
    bought = await api.buy(user=3)
    await office.pay(bought)
    await work_off(services)
    await publish(services)
    await clock.advance(days=1)
    await office.call("POST", "/clock", {"advance_seconds": timedelta(days=1).total_seconds()})

    report = await daily_audit.audit(services, day=None, is_full=True, tell=lambda _: None)

    assert report.findings == {}
    assert (report.paid_theirs, report.paid_ours) == ("897.00", "897.00")
    assert (report.returned_theirs, report.returned_ours) == ("100.00", "100.00")
