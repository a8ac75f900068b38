"""An act asks why, shows what it will do, does that and only that, once, and stands in the log by a name."""

import asyncio
import re
from typing import Any

import pytest

from billing_service.admin import site
from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.staff.once import LEASE
from tests.admin.visitor import Person, shown_in
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

GIFT = {"plan_code": "PRO_MONTHLY", "days": "3"}


async def written(database: Database) -> list[dict[str, Any]]:
    """What the audit log says was done at the panel."""
    found = await rows(database, "SELECT action, author, caller, reason, user_id FROM audit_log ORDER BY id")
    return [dict(one) for one in found if one["caller"] == "panel"]


async def spans(database: Database) -> int:
    count: int = await value(database, "SELECT count(*) FROM subscription_periods")
    return count


@pytest.mark.usefixtures("paid")
async def test_a_gift_is_shown_with_the_numbers_that_it_then_has(
    finance: Person, api: MainBackend, database: Database
) -> None:
    page, form = await finance.preview("give-days", str(USER), **GIFT)
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page.text))
    before = await spans(database)
    done = await finance.post("/acts/give-days", form)
    result = await finance.http.get(done.headers["location"])

    assert (shown["Подарок"], shown["В журнале от имени"], before) == (
        "3 дня тарифа PRO_MONTHLY",
        "finance",
        1,
    )
    assert shown["Доступ станет до"] in result.text
    assert (await api.me())["is_active"]
    assert await written(database) == [
        {
            "action": "grant.given",
            "author": "finance",
            "caller": "panel",
            "reason": "так решили",
            "user_id": USER,
        }
    ]


async def test_a_look_at_what_would_be_done_does_nothing(finance: Person, database: Database) -> None:
    before = await value(database, "SELECT count(*) FROM outbox_events")
    await finance.preview("give-days", str(USER), **GIFT)

    assert await spans(database) == 0
    assert await value(database, "SELECT count(*) FROM audit_log WHERE caller = 'panel'") == 0
    assert await value(database, "SELECT count(*) FROM outbox_events") == before
    assert await value(database, "SELECT count(*) FROM subscriptions") == 0


async def test_a_double_click_and_a_page_loaded_again_do_it_once(finance: Person, database: Database) -> None:
    _, form = await finance.preview("give-days", str(USER), **GIFT)

    clicks = await asyncio.gather(*(finance.post("/acts/give-days", form) for _ in range(5)))
    later = await finance.post("/acts/give-days", form)

    assert {click.status_code for click in [*clicks, later]} == {303}
    assert len({click.headers["location"] for click in [*clicks, later]}) == 1
    for _ in range(2):
        assert "подарено: 3 дня" in (await finance.http.get(later.headers["location"])).text
    assert await spans(database) == 1
    assert len(await written(database)) == 1


async def test_an_act_whose_process_was_killed_is_done_by_the_next_click(
    finance: Person, panel: Services, clock: Clock, database: Database
) -> None:
    """Killed after the deed and before its outcome was written down, or before the deed: the same."""
    _, form = await finance.preview("give-days", str(USER), **GIFT)
    done = await finance.post("/acts/give-days", form)
    async with panel.statements.transaction() as tx:
        await tx.execute("UPDATE staff_acts SET done_at = NULL, outcome = NULL")
    await clock.advance(seconds=LEASE.total_seconds() + 1)

    again = await finance.post("/acts/give-days", form)

    assert (done.status_code, again.status_code) == (303, 303)
    assert (await spans(database), len(await written(database))) == (1, 1)
    assert "подарено: 3 дня" in (await finance.http.get(again.headers["location"])).text


async def test_while_somebody_is_at_it_a_second_click_waits_and_is_told_so(
    finance: Person, panel: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing_service.staff.once.PATIENCE_SECONDS", 0.3)
    _, form = await finance.preview("give-days", str(USER), **GIFT)
    done = await finance.post("/acts/give-days", form)
    async with panel.statements.transaction() as tx:
        await tx.execute("UPDATE staff_acts SET done_at = NULL, outcome = NULL")

    second = await finance.post("/acts/give-days", form)

    assert (second.status_code, "ещё выполняется" in second.text) == (409, True)
    assert "Ещё выполняется" in (await finance.http.get(done.headers["location"])).text


@pytest.mark.parametrize(
    "changed",
    [{"days": "30"}, {"reason": "другая"}, {"subject": "2002"}, {"plan_code": "PRO_YEARLY"}],
)
async def test_a_form_that_was_done_with_other_words_is_refused(
    finance: Person, database: Database, changed: dict[str, str]
) -> None:
    _, form = await finance.preview("give-days", str(USER), **GIFT)
    await finance.post("/acts/give-days", form)

    assert (await finance.post("/acts/give-days", form | changed)).status_code in {409, 422}
    assert await spans(database) == 1


async def test_what_was_not_shown_is_not_done(finance: Person, api: MainBackend, database: Database) -> None:
    """Somebody else gives days in between: the end that was shown is no longer the one that would be."""
    _, form = await finance.preview("give-days", str(USER), **GIFT)
    other = await api.http.post(
        f"/internal/v1/users/{USER}/grants/",
        json={"plan_code": "PRO_MONTHLY", "days": 10, "author": "x1", "reason": "x1"},
        headers={"Idempotency-Key": "one"},
    )
    stale = await finance.post("/acts/give-days", form)
    anew = shown_in(stale, 'action="/admin/acts/give-days"')

    assert (other.status_code, stale.status_code) == (201, 409)
    assert "Ничего не сделано" in stale.text
    assert await spans(database) == 1
    assert (await finance.post("/acts/give-days", anew)).status_code == 303
    assert await spans(database) == 2


async def test_what_another_did_is_shown_to_him_alone(finance: Person, owner: Person) -> None:
    _, form = await finance.preview("give-days", str(USER), **GIFT)
    done = await finance.post("/acts/give-days", form)

    assert (await owner.http.get(done.headers["location"])).status_code == 404
    taken = await owner.post("/acts/give-days", form | {"csrf": await owner.csrf()})
    assert taken.status_code == 422


async def test_without_a_reason_nothing_is_shown_nor_done(finance: Person) -> None:
    for reason in ("", "   ", "---", "x" * 2001):
        page, form = await finance.preview("give-days", str(USER), **GIFT, reason=reason)
        assert (page.status_code, form) == (422, {})
        assert "Напишите причину" in page.text


async def test_what_cannot_be_given_is_said_at_its_field(finance: Person) -> None:
    for plan, days in (
        *(("PRO_MONTHLY", days) for days in ("0", "-3", "три", "99999999999999999999")),
        *(("FREE", "3"), ("<script>alert(1)</script>", "3"), ("", "")),
    ):
        page, _ = await finance.preview("give-days", str(USER), plan_code=plan, days=days)
        assert page.status_code == 422, (plan, days)
        assert 'class="wrong"' in page.text
        assert "<script>alert" not in page.text


async def test_days_that_were_given_can_be_taken_back(
    finance: Person, api: MainBackend, database: Database
) -> None:
    await finance.do("give-days", str(USER), **GIFT)
    grant_id = str(await value(database, "SELECT id FROM grants"))
    user = await finance.open(f"/users/{USER}")

    done = await finance.do("revoke-days", grant_id)
    again, _ = await finance.preview("revoke-days", grant_id)

    assert f"/admin/acts/revoke-days?subject={grant_id}" in user.text
    assert "Неиспользованные дни отозваны" in done.text
    assert (await api.me())["plan_code"] == "FREE"
    assert (again.status_code, "уже отозваны" in again.text) == (409, True)


@pytest.mark.usefixtures("paid")
async def test_money_goes_back_once_with_its_effect_on_access(
    finance: Person, services: Services, api: MainBackend, database: Database
) -> None:
    payment_id = str(await value(database, "SELECT id FROM payments"))
    page, form = await finance.preview("refund", payment_id, amount="", access="", email="")
    clicks = await asyncio.gather(*(finance.post("/acts/refund", form) for _ in range(3)))
    await work_off(services)
    too_much, _ = await finance.preview("refund", payment_id, amount="1", access="", email="")

    assert "299\u00a0₽" in page.text
    assert "снимаются все дни" in page.text
    assert {click.status_code for click in clicks} == {303}
    assert [one["action"] for one in await written(database)] == ["refund.started"]
    assert await value(database, "SELECT sum(amount) FROM refunds WHERE status = 'SUCCEEDED'") == 299
    assert (await api.me())["plan_code"] == "FREE"
    assert (too_much.status_code, "REFUND_TOO_LARGE" in too_much.text) == (409, True)
    refund_id = await value(database, "SELECT id FROM refunds")
    assert "finance" in (await finance.open(f"/refunds/{refund_id}")).text


async def test_money_is_offered_back_where_there_is_any_left(
    finance: Person, paid: dict[str, Any], api: MainBackend, office: BackOffice, services: Services
) -> None:
    declined = await api.buy(user=1002)
    await office.decline(declined, "insufficient_funds")
    await work_off(services)
    of_paid, of_declined = [
        (await finance.open(f"/payments/{one['payment_id']}")).text for one in (paid, declined)
    ]
    before = (await finance.open(f"/users/{USER}")).text
    await finance.do("refund", paid["payment_id"], amount="", access="", email="")
    await work_off(services)
    returned = (await finance.open(f"/payments/{paid['payment_id']}")).text
    after = (await finance.open(f"/users/{USER}")).text

    offered = ["/acts/refund" in page for page in (of_paid, of_declined, returned, before, after)]
    assert offered == [True, False, False, True, False]
    assert "Возвращено" in returned
    assert ("не хватает денег" in of_declined, "insufficient_funds" in of_declined) == (True, False)


async def test_what_is_on_its_way_back_is_not_offered_once_more(
    finance: Person, paid: dict[str, Any], office: BackOffice
) -> None:
    path = f"/payments/{paid['payment_id']}"
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "lost_after", "count": 3}])

    await finance.do("refund", paid["payment_id"], amount="99", access="keep", email="")
    a_part = (await finance.open(path)).text
    await finance.do("refund", paid["payment_id"], amount="", access="", email="")
    all_of_it = (await finance.open(path)).text

    assert ["/acts/refund" in page for page in (a_part, all_of_it)] == [True, False]
    assert "Возвращается</dt>" in all_of_it


@pytest.mark.usefixtures("paid")
async def test_while_yookassa_is_silent_a_refund_says_that_it_goes_on(
    finance: Person, office: BackOffice, database: Database
) -> None:
    payment_id = str(await value(database, "SELECT id FROM payments"))
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "lost_after", "count": 3}])

    done = await finance.do("refund", payment_id, amount="99,50", access="keep", email="")

    assert "повторять не нужно" in done.text
    assert await value(database, "SELECT amount::text FROM refunds") == "99.50"


async def test_a_card_is_refused_for_good_with_the_persons_name(finance: Person, database: Database) -> None:
    await finance.do("give-days", str(USER), **GIFT)
    done = await finance.do("refuse-card", str(USER))
    timeline = (await finance.open(f"/users/{USER}")).text

    assert "больше ничего не спишется" in done.text
    assert await value(database, "SELECT count(*) FROM payment_method_refusals") == 1
    assert [one["action"] for one in await written(database)] == ["grant.given", "payment_method.refused"]
    assert "оператор выполнил действие payment_method.refused" not in timeline


async def test_the_owner_stops_and_starts_all_charging(owner: Person, database: Database) -> None:
    first = await owner.open("/")
    stopped = await owner.do("stop-charging")
    twice, _ = await owner.preview("stop-charging")
    second = await owner.open("/")
    started = await owner.do("start-charging")

    assert ("Остановить списания" in first.text, "Возобновить списания" in second.text) == (True, True)
    assert "остановлены для всех" in stopped.text
    assert (twice.status_code, "уже остановлены" in twice.text) == (409, True)
    assert "возобновлены" in started.text
    assert [one["action"] for one in await written(database)] == ["charging.stopped", "charging.started"]


async def test_a_plan_is_changed_in_what_was_written_anew_and_nothing_else(
    finance: Person, database: Database
) -> None:
    form = await finance.open("/acts/change-plan?subject=PRO_MONTHLY")
    (row,) = await rows(
        database, "SELECT display_name, description FROM subscription_plans WHERE code = 'PRO_MONTHLY'"
    )
    now = dict(row)
    said = {
        **now,
        "price": "349,00",
        "old_price": "399",
        "duration_days": "30",
        "daily_photo_limit": "",
        "daily_limits": "",
        "history_days": "180",
        "is_active": "true",
        "ai_recognition": "true",
        "advanced_stats": "true",
        "priority_support": "true",
        "vat_code": "",
    }
    page, _ = await finance.preview("change-plan", "PRO_MONTHLY", **said)
    await finance.do("change-plan", "PRO_MONTHLY", **said)
    nothing, _ = await finance.preview("change-plan", "PRO_MONTHLY", **said)
    wrong, _ = await finance.preview("change-plan", "PRO_MONTHLY", **said | {"price": "дорого"})
    unfit, unfit_form = await finance.preview("change-plan", "PRO_MONTHLY", **said | {"old_price": "1"})
    history = await finance.open("/plans/PRO_MONTHLY")

    assert "299\u00a0₽ → 349\u00a0₽" in page.text
    assert "Фото в день" not in page.text
    assert (
        await value(
            database, "SELECT price::text || old_price FROM subscription_plans WHERE code = 'PRO_MONTHLY'"
        )
        == "349.00399.00"
    )
    assert "Ничего не изменено" in nothing.text
    assert (wrong.status_code, "Цена" in wrong.text) == (409, True)
    assert unfit.status_code == 200
    assert (await finance.post("/acts/change-plan", unfit_form)).status_code == 422
    assert "Тариф изменён" in history.text
    assert 'value="299.00"' in form.text


@pytest.mark.usefixtures("paid")
async def test_a_notification_is_looked_at_again(support: Person, database: Database) -> None:
    log_id = await value(database, "SELECT id FROM webhook_logs")
    _, form = await support.preview("replay-notification", str(log_id))
    await asyncio.gather(*(support.post("/acts/replay-notification", form) for _ in range(3)))

    assert await value(database, "SELECT count(*) FROM pgqueuer WHERE status = 'queued'") == 1
    assert [(one["action"], one["author"]) for one in await written(database)] == [
        ("webhook.replayed", "support")
    ]


async def test_a_job_that_was_given_up_runs_again(
    support: Person, panel: Services, database: Database
) -> None:
    async with panel.statements.transaction() as tx:
        await tx.execute(
            "INSERT INTO pgqueuer (priority, entrypoint, payload, status, attempts, dedupe_key) "
            "VALUES (0, 'refund.look', 'abc', 'failed', 1440, 'one')"
        )
    job = str(await value(database, "SELECT id FROM pgqueuer"))
    shown = await support.open("/jobs")
    named, _ = await support.preview("run-job-again", job)
    await support.do("run-job-again", job)
    after, _ = await support.preview("run-job-again", job)

    name = "Разобрать возврат, платёж которого не найден"
    assert name in shown.text
    assert f"{job}: {name}" in named.text
    assert [
        tuple(one.values()) for one in await rows(database, "SELECT status::text, attempts FROM pgqueuer")
    ] == [("queued", 0)]
    assert (after.status_code, [one["action"] for one in await written(database)]) == (409, ["job.run_again"])
    async with panel.statements.transaction() as tx:
        await tx.execute("DELETE FROM pgqueuer")


async def test_people_are_sent_away_let_in_and_given_another_role_by_the_owner(
    owner: Person, panel: Services
) -> None:
    async with Person.at(panel) as support:
        await support.sign_in("support")
        await owner.do("disable-account", "support")
        out = (await support.open("/")).status_code
        await owner.do("enable-account", "support")
        await owner.do("change-role", "support", role="finance")
        again = (await support.sign_in("support")).status_code
        may = (await support.open(f"/acts/give-days?subject={USER}")).status_code
    last, form = await owner.preview("disable-account", "owner")

    assert (out, again, may) == (303, 303, 200)
    assert last.status_code == 200
    refused = await owner.post("/acts/disable-account", form)
    assert (refused.status_code, "Последний владелец" in refused.text) == (409, True)


def test_every_act_that_a_list_or_a_page_offers_is_there() -> None:
    named = {act.name for act in site.ACTS}

    assert len(named) == len(site.ACTS)
    for listing in site.LISTINGS:
        assert {*listing.acts, *listing.acts_of_all} <= named


async def test_an_alarm_is_taken_in_hand_and_to_be_seen_anew_once_it_has_changed(
    support: Person, panel: Services, database: Database
) -> None:
    async def meet(was: str) -> None:
        async with panel.statements.transaction() as tx:
            await alarms.raise_once(tx, Alarm.LATE_SUCCESS, "one:two", was=was)

    async def state() -> tuple[bool, bool]:
        open_, taken = [(await support.open(f"/alarms?state={name}")).text for name in ("open", "taken")]
        return "one:two" in open_, "one:two" in taken

    await meet("CANCELED")
    before = await state()
    done = await support.do("acknowledge-alarm", "late_success:one:two")
    taken = await state()
    await meet("CANCELED")
    again = await state()
    await meet("FAILED")

    assert "взята в работу" in done.text
    assert (before, taken, again, await state()) == (
        (True, False),
        (False, True),
        (False, True),
        (True, False),
    )
    assert [(one["action"], one["author"]) for one in await written(database)] == [
        ("alarm.acknowledged", "support")
    ]


@pytest.mark.usefixtures("paid")
async def test_a_notification_that_led_to_nothing_is_closed_and_one_that_did_is_not(
    support: Person, panel: Services, database: Database
) -> None:
    settled = str(await value(database, "SELECT id FROM webhook_logs"))
    refused, _ = await support.preview("close-notification", settled)
    async with panel.statements.transaction() as tx:
        await tx.execute("UPDATE webhook_logs SET status = 'GIVEN_UP', processed_at = NULL")

    done = await support.do("close-notification", settled)

    assert (refused.status_code, "Закрывать нечего" in refused.text) == (409, True)
    assert "Уведомление закрыто" in done.text
    assert await value(database, "SELECT status FROM webhook_logs") == "CLOSED"
    assert [one["action"] for one in await written(database)] == ["webhook.closed"]
