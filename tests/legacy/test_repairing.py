"""Who paid and did not get is found by asking the provider, named, and given what he paid for, once."""

import pytest

from billing_service.audit.service import Deed
from billing_service.kit.db import Database
from billing_service.legacy.findings import Finding
from billing_service.legacy.repairing import repair
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.owed import give_days
from billing_service.provider_calls.kinds import settle
from billing_service.services import Services
from billing_service.yookassa import schemas as yookassa
from tests.ledger import rows, value
from tests.legacy.conftest import AtTheProvider, Move
from tests.legacy.old import NOW, OldService, days
from tests.legacy.ours import access, violations
from tests.stage import BackOffice, MainBackend
from tests.user_moves.moving import moved

DEED = Deed("cli", "owner", "the move", "test")


async def found(services: Services, deed: Deed | None = None) -> list[Finding]:
    return [one async for one in repair(services, deed)]


async def test_each_loss_is_named_and_mended_once(
    services: Services,
    database: Database,
    old: OldService,
    move: Move,
    office: BackOffice,
    at_the_provider: AtTheProvider,
) -> None:
    # Success after the local clean-up.
    late = await at_the_provider(1)
    await old.user(1)
    await old.payment(1, status="CANCELED", yookassa_payment_id=late)
    # Canceled by a notification, and paid after all.
    after_all = await at_the_provider(2)
    await old.payment(2, status="CANCELED", webhook_processed_at=NOW, yookassa_payment_id=after_all)
    # Killed between the provider's answer and the commit: nothing is here but the provider's object.
    lost = await at_the_provider(3, "PRO_YEARLY", payment_id="11111111-2222-4333-8444-555555555555")
    # Two paid at one moment, one month given.
    twice = [await at_the_provider(4), await at_the_provider(4)]
    await old.user(4, "PRO_MONTHLY", starts=NOW - days(0.01), ends=NOW + days(30))
    for one in twice:
        await old.payment(4, at=NOW - days(0.01), yookassa_payment_id=one)
    # All is well; and one whose refund the old service never learned of.
    await old.user(5, "PRO_MONTHLY", starts=NOW - days(0.01), ends=NOW + days(30))
    well = await at_the_provider(5)
    await old.payment(5, at=NOW - days(0.01), yookassa_payment_id=well)
    await old.user(6, "PRO_MONTHLY", starts=NOW - days(0.01), ends=NOW + days(30))
    returned = await at_the_provider(6)
    await old.payment(6, at=NOW - days(0.01), yookassa_payment_id=returned)
    await office.refund({"yookassa_payment_id": returned}, "50.00")
    # Of another system, and never paid.
    await at_the_provider(7, without="user_id plan_code")
    never = await at_the_provider(8, paid=False)
    await old.payment(8, status="CANCELED", yookassa_payment_id=never)
    await move()
    ends = await access(database)

    proposed = await found(services)

    assert {(one.kind, one.user_id, one.yookassa_payment_id) for one in proposed} == {
        ("paid_open", 1, late),
        ("paid_open", 2, after_all),
        ("paid_lost", 3, lost),
        ("days_lost", 4, next(one.yookassa_payment_id for one in proposed if one.kind == "days_lost")),
        ("returned_unknown", 6, returned),
    }
    assert await access(database) == ends
    [owed] = [one for one in proposed if one.kind == "days_lost"]
    assert owed.payment_id
    assert owed.seen
    async with services.statements.transaction() as tx:
        for otherwise in ({"status": "canceled"}, {"account_id": "200600"}):
            seen = owed.seen.model_copy(update=otherwise)
            assert not await give_days(tx, owed.payment_id, seen)
    assert await access(database) == ends

    applied = await found(services, DEED)

    assert [one.done for one in applied] == [True] * 5
    assert await value(database, "SELECT count(*) FROM audit_log WHERE action = 'legacy.repaired'") == 5
    assert await rows(
        database,
        "SELECT user_id, sum(days) AS days FROM subscription_periods GROUP BY user_id ORDER BY user_id",
    ) == [
        {"user_id": 1, "days": 30},
        {"user_id": 2, "days": 30},
        {"user_id": 3, "days": 365},
        {"user_id": 4, "days": 31 + 30},
        {"user_id": 5, "days": 31},
        {"user_id": 6, "days": 31},
    ]
    assert (await access(database))[4] == ends[4] + days(30)
    assert await value(database, "SELECT sum(amount)::text FROM refunds") == "50.00"
    assert await value(database, "SELECT id::text FROM payments WHERE user_id = 3") == (
        "11111111-2222-4333-8444-555555555555"
    )
    assert await violations(database) == {}

    assert await found(services, DEED) == []
    [given] = [one for one in applied if one.kind == "days_lost"]
    assert given.payment_id
    assert given.seen
    async with services.statements.transaction() as tx:
        assert not await give_days(tx, given.payment_id, given.seen)
    again = await move()
    assert again.proof.is_whole
    assert await found(services, DEED) == []


async def test_what_nobody_can_tell_is_named_and_left(
    services: Services, database: Database, old: OldService, move: Move, at_the_provider: AtTheProvider
) -> None:
    await old.user(1, "PRO_MONTHLY", starts=NOW - days(1), ends=NOW + days(12))
    await old.payment(1, at=NOW - days(1), yookassa_payment_id=await at_the_provider(1))
    await old.user(2)
    await old.payment(2)
    await at_the_provider(3, without="plan_code")
    await move()
    before = await access(database)

    applied = await found(services, DEED)

    assert sorted((one.kind, one.user_id or 0, one.because.partition(" of ")[0]) for one in applied) == [
        ("cannot_tell", 0, "it does not say whose it is, or what for"),
        ("cannot_tell", 1, "17 days, 0:00:00"),
        ("cannot_tell", 2, "YooKassa has no such payment in this shop"),
    ]
    assert await access(database) == before


@pytest.mark.parametrize("is_known_here", [True, False])
async def test_what_went_back_after_the_question_leaves_no_days(
    services: Services,
    database: Database,
    old: OldService,
    move: Move,
    office: BackOffice,
    at_the_provider: AtTheProvider,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_known_here: bool,
) -> None:
    lost = await at_the_provider(1)
    await old.user(1)
    await old.payment(1, at=NOW, yookassa_payment_id=lost)
    await move()
    [owed] = await found(services)
    assert owed.kind == "days_lost"
    assert owed.payment_id
    ask = services.yookassa.get_payment
    asked = []

    async def asked_too_early(object_id: str) -> yookassa.Payment:
        seen = await ask(object_id)
        asked.append(object_id)
        if len(asked) == 1:
            await office.refund({"yookassa_payment_id": lost}, "299.00")
            if is_known_here:
                await settle(services, PAYMENTS, owed.payment_id, await ask(lost))  # type: ignore[arg-type]
        return seen

    monkeypatch.setattr(services.yookassa, "get_payment", asked_too_early)

    [applied] = await found(services, DEED)

    assert applied.done is not is_known_here
    left = "SELECT coalesce(sum(upper(span) - greatest(lower(span), billing_now())), '0') < '1 minute' {}"
    assert await value(database, left.format("FROM subscription_periods WHERE user_id = 1"))
    assert (
        await value(database, "SELECT sum(amount)::text FROM refunds WHERE applied_at IS NOT NULL")
        == "299.00"
    )
    assert await violations(database) == {}
    assert await found(services, DEED) == []


async def test_who_has_become_another_number_gets_no_days_twice_and_what_he_lost(
    api: MainBackend,
    services: Services,
    database: Database,
    old: OldService,
    move: Move,
    at_the_provider: AtTheProvider,
) -> None:
    await old.user(1, "PRO_MONTHLY", starts=NOW - days(0.01), ends=NOW + days(30))
    await old.payment(1, at=NOW - days(0.01), yookassa_payment_id=await at_the_provider(1))
    lost = await at_the_provider(1, "PRO_YEARLY")
    await move()
    await moved(api, 1, 9)

    applied = await found(services, DEED)

    assert [(one.kind, one.yookassa_payment_id, one.done) for one in applied] == [("paid_lost", lost, True)]
    given = "SELECT user_id, sum(days) AS days FROM subscription_periods GROUP BY user_id"
    assert await rows(database, given) == [{"user_id": 9, "days": 31 + 365}]
    assert await violations(database) == {}
    assert await found(services, DEED) == []
