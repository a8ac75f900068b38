"""By whatever way a fact comes, its event is written with it: once, whole, and fit for the schema of its kind."""

import asyncio
from datetime import UTC, datetime

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.refunds.calls import REFUNDS
from billing_service.schema import shop
from billing_service.services import Services
from billing_service.subscriptions.service import tell_ends
from billing_service.webhooks import dispatch
from tests.events.told import kinds, told
from tests.ledger import rows, value
from tests.scratch import execute
from tests.stage import USER, BackOffice, Clock, MainBackend, buy_and_pay, work_off
from tests.stories.silence import LOSE_EVERY_NOTIFICATION, pass_time, walk_to_the_end

PAID = ["subscription.activated", "payment.succeeded"]
GIFT = {"plan_code": "PRO_MONTHLY", "days": 3, "author": "support", "reason": "сбой"}


async def bought(api: MainBackend, office: BackOffice, services: Services) -> dict[str, str]:
    key = f"wish-{len(await office.payments())}"
    return await buy_and_pay(api, office, services, Idempotency_Key=key)


async def test_a_purchase_that_was_notified_is_told_with_what_it_brought(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await bought(api, office, services)
    activated, paid = await told(services)

    assert kinds([activated, paid]) == PAID
    assert (activated["feed_no"], activated["user_seq"], activated["user_id"]) == (1, 1, USER)
    assert activated["data"]["payment_id"] == paid["data"]["payment_id"] == payment["payment_id"]
    assert (paid["data"]["amount"], paid["data"]["is_test"]) == ("299.00", True)
    me = await api.me()
    assert paid["state"]["plan"] == me["plan_code"]
    assert paid["state"]["access_until"] == activated["data"]["ends"] == me["expires_at"]


async def test_a_notification_that_is_repeated_tells_nothing_more(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await bought(api, office, services)
    for _ in range(2):
        await office.claim(payment, "payment.succeeded")
        await work_off(services)

    assert kinds(await told(services)) == PAID


async def test_a_purchase_of_which_only_the_ladder_heard_is_told(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(await api.buy())
    await pass_time(clock, office, services, minutes=1)

    assert kinds(await told(services)) == PAID


async def test_a_purchase_that_only_the_list_showed_is_told(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(await api.buy())
    await walk_to_the_end(services, PAYMENTS)

    assert kinds(await told(services)) == PAID


async def test_a_second_purchase_extends(api: MainBackend, office: BackOffice, services: Services) -> None:
    for _ in range(2):
        await bought(api, office, services)
    events = await told(services)

    assert kinds(events) == [*PAID, "subscription.extended", "payment.succeeded"]
    assert len(events[-1]["state"]["spans"]) == 2


async def test_a_declined_card_is_told_with_the_reason(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    await office.decline(await api.buy(), "insufficient_funds")
    await work_off(services)
    (canceled,) = await told(services)

    assert canceled["type"] == "payment.canceled"
    assert canceled["data"]["cancellation"]["reason"] == "insufficient_funds"
    assert (canceled["state"]["plan"], canceled["state"]["access_until"]) == ("FREE", None)


async def test_money_that_an_operator_sends_back_is_told_after_what_it_took(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    payment = await bought(api, office, services)
    await clock.advance(days=10)
    await api.refund(payment, "149.50", access="cut_prorata")
    shortened, refunded = (await told(services))[2:]

    assert kinds([shortened, refunded]) == ["subscription.shortened", "payment.refunded"]
    assert shortened["data"]["seconds"] == refunded["data"]["seconds_cut"] == 15 * 86400
    assert shortened["data"]["payment_id"] == payment["payment_id"]
    assert refunded["data"]["refunded_amount"] == "149.50"
    assert not refunded["data"]["is_full"]
    assert refunded["state"]["access_until"] == (await api.me())["expires_at"]


async def test_money_sent_back_in_the_cabinet_that_only_the_list_showed_is_told(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await bought(api, office, services)
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.refund(payment)
    await walk_to_the_end(services, REFUNDS)
    await work_off(services)
    events = (await told(services))[2:]

    assert kinds(events) == ["subscription.shortened", "payment.refunded"]
    assert events[-1]["data"]["is_full"]
    assert events[-1]["state"]["plan"] == "FREE"


async def test_a_gift_and_its_taking_back_are_told(api: MainBackend, services: Services) -> None:
    path = f"/internal/v1/users/{USER}/grants/"
    given = (await api.http.post(path, json=GIFT, headers={"Idempotency-Key": "one"})).json()
    taken = {"author": "owner", "reason": "по ошибке"}
    for _ in range(2):
        await api.internal("POST", f"grants/{given['grant_id']}/revoke/", taken)
    await tell_ends(services)
    activated, shortened, ended = await told(services)

    assert kinds([activated, shortened, ended]) == [
        *("subscription.activated", "subscription.shortened", "subscription.ended")
    ]
    assert (activated["data"]["cause"], activated["data"]["payment_id"]) == ("grant", None)
    assert ended["state"]["plan"] == "FREE"


async def test_the_end_of_access_is_told_once_however_many_look_for_it(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await bought(api, office, services)
    await clock.advance(days=29, hours=23)
    early = await tell_ends(services)
    await clock.advance(hours=1, seconds=1)

    looks = await asyncio.gather(*(tell_ends(services) for _ in range(3)))

    ended = (await told(services))[-1]
    assert (early, sum(looks), await tell_ends(services)) == (0, 1, 0)
    assert kinds(await told(services)) == [*PAID, "subscription.ended"]
    assert ended["data"]["ended_at"] == ended["state"]["access_until"]
    assert (ended["state"]["plan"], ended["state"]["spans"]) == ("FREE", [])


async def test_whoever_buys_in_time_has_no_end_between(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    for _ in range(2):
        await bought(api, office, services)
    await clock.advance(days=31)

    assert await tell_ends(services) == 0


async def test_an_end_that_somebody_buys_away_at_that_moment_is_not_told(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await bought(api, office, services)
    await clock.advance(days=31)
    await office.call("POST", "/clock", {"advance_seconds": 31 * 86400})
    await bought(api, office, services)

    await tell_ends(services)

    # Access was over and begins anew; the end that was due is not told any more.
    assert kinds(await told(services)) == [*PAID, *PAID]


async def test_the_last_photo_of_a_day_is_told_once_and_by_whoever_took_it(
    api: MainBackend, services: Services, database: Database
) -> None:
    await asyncio.gather(*(api.consume(amount=1) for _ in range(6)))
    await api.internal("POST", f"users/{USER}/usage/reset", {"author": "support", "reason": "жалоба"})
    for _ in range(4):
        await api.consume(amount=1)
    (reached,) = await told(services)

    assert reached["type"] == "usage.limit_reached"
    assert (reached["data"]["plan"], reached["data"]["daily_limit"]) == ("FREE", 3)
    resets_at = datetime.fromisoformat((await api.me())["resets_at"])
    assert datetime.fromisoformat(reached["data"]["resets_at"]) == resets_at
    assert "state" not in reached
    assert await value(database, "SELECT count(*) FROM subscriptions") == 0


async def test_the_photo_before_the_last_tells_nothing(api: MainBackend, services: Services) -> None:
    await api.consume(amount=2)

    assert await told(services) == []


async def test_a_commit_of_yesterday_tells_nothing_of_today(
    api: MainBackend, services: Services, clock: Clock
) -> None:
    await api.consume(amount=2)
    await api.reserve("late", ttl_seconds=3600)
    seconds = (datetime.fromisoformat((await api.me())["resets_at"]) - datetime.now(UTC)).total_seconds()
    await clock.advance(seconds=seconds + 1)
    await api.consume(amount=3)
    before = len(await told(services))

    late = await api.commit("late")

    assert (late.status_code, before, len(await told(services))) == (200, 1, 1)


async def test_the_last_photo_is_told_when_its_analysis_has_come_to_an_end(
    api: MainBackend, services: Services, clock: Clock
) -> None:
    for name in ("one", "two", "three"):
        await api.reserve(name)
    held = kinds(await told(services))
    for name in ("one", "two", "three", "three"):
        await api.commit(name)
    today = kinds(await told(services))
    await clock.advance(days=1)
    await api.consume(amount=3)

    assert (held, today) == ([], ["usage.limit_reached"])
    assert kinds(await told(services)) == ["usage.limit_reached"] * 2


async def test_an_alarm_is_told_to_the_owner_and_again_only_when_it_says_something_new(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await api.buy()
    await office.misreport(payment, amount={"value": "1.00", "currency": "RUB"})
    await office.pay(payment)
    for _ in range(2):
        await office.claim(payment, "payment.succeeded")
        await walk_to_the_end(services, PAYMENTS)
    (alarm,) = await told(services)

    assert (alarm["type"], alarm["user_id"]) == ("billing.alarm", None)
    assert alarm["data"]["alarm"] == "reported_object_mismatch"
    assert alarm["data"]["facts"]["reported"] == "1.00 RUB"


async def test_an_alarm_that_is_too_long_to_send_stands_in_nobodys_way(services: Services) -> None:
    await execute(
        services.settings.database_url,
        """INSERT INTO alarms (kind, subject, facts)
        VALUES ('unmatched_object', repeat('x', 5000), jsonb_build_object('x', repeat('x', 50000)))""",
    )
    (alarm,) = await told(services)

    assert (len(alarm["data"]["subject"]), alarm["data"]["facts"]) == (200, {})


async def test_days_of_a_test_shop_end_for_the_main_backend_too_when_a_live_one_is_in_force(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await bought(api, office, services)
    async with database.engine.begin() as connection:
        await shop.change(connection, is_test=False)
    await tell_ends(services)
    events = (await told(services))[2:]

    assert kinds(events) == ["subscription.shortened", "subscription.ended"]
    assert events[0]["state"]["plan"] == "FREE"
    assert events[0]["state"]["access_until"] is None


async def test_an_undone_settlement_tells_nothing(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await execute(
        services.settings.database_url,
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON payments DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.status = 'SUCCEEDED') EXECUTE FUNCTION refuse()""",
    )
    try:
        payment = await api.buy()
        await office.pay(payment)
        (log_id,) = (one["id"] for one in await rows(database, "SELECT id FROM webhook_logs"))
        try:
            await dispatch.look(services, log_id)
        except Exception as error:  # noqa: BLE001 (whatever the driver calls it)
            failed = str(error)
    finally:
        await execute(services.settings.database_url, "DROP FUNCTION refuse() CASCADE")

    assert failed == "no"
    assert await told(services) == []
