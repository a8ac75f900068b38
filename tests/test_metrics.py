"""What an operator sees at /metrics: each figure moves when, and only when, its thing happened."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from starlette.types import Message
from structlog.testing import capture_logs

from billing_service.app import create_app
from billing_service.heartbeats.queries import upsert_heartbeat
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.statement_pool import StatementPool
from billing_service.observability.metrics import PAYMENTS as COUNTED
from billing_service.observability.metrics import served
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.kinds import record
from billing_service.provider_calls.walking import walk
from billing_service.services import Services
from billing_service.webhooks.events import INVENTED_AT_MOST, UNUSED
from tests.ports import free_port
from tests.stage import BackOffice, Clock, MainBackend, WebApp, in_process, work_off

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(shown: str) -> Figures:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(shown)
        for sample in family.samples
    }


class Scrape:
    """Everything that is shown now, and how much of a figure was added since the scrape before."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.before: Figures = {}
        self.now: Figures = {}

    async def take(self) -> None:
        answer = await self.http.get("/metrics")
        assert answer.status_code == 200
        self.before, self.now = self.now, parsed(answer.text)

    def value(self, name: str, **labels: str) -> float | None:
        return self.now.get((name, frozenset(labels.items())))

    def added(self, name: str, **labels: str) -> float:
        return (self.value(name, **labels) or 0) - self.before.get((name, frozenset(labels.items())), 0)


@pytest.fixture
async def scrape(api: MainBackend) -> Scrape:
    scrape = Scrape(api.http)
    await scrape.take()
    return scrape


async def test_a_purchase_is_counted_at_every_step(
    api: MainBackend, office: BackOffice, services: Services, scrape: Scrape
) -> None:
    await office.pay(await api.buy())
    await work_off(services)
    await scrape.take()

    assert scrape.added("billing_payments_total", status="SUCCEEDED", purpose="PLAN") == 1
    assert scrape.added("billing_notifications_total", outcome="look") == 1
    assert scrape.added("billing_looks_total", outcome="SUCCESS") == 1
    assert scrape.added("billing_notification_settled_seconds_count") == 1
    for operation in ("create_payment", "get_payment"):
        asked = {"operation": operation, "outcome": "answered"}
        assert scrape.added("billing_yookassa_seconds_count", **asked) == 1, operation


async def test_the_time_to_settle_is_that_since_the_notification_was_taken_in(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, scrape: Scrape
) -> None:
    await office.pay(await api.buy())
    await clock.advance(minutes=7)
    await work_off(services)
    await scrape.take()

    assert 420 <= scrape.added("billing_notification_settled_seconds_sum") < 480


async def test_a_payment_that_is_settled_again_is_counted_once(
    api: MainBackend, office: BackOffice, services: Services, scrape: Scrape
) -> None:
    payment = await api.buy()
    await office.pay(payment)
    seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])
    for _ in range(3):
        await record(services, PAYMENTS, UUID(payment["payment_id"]), seen)
    await scrape.take()

    assert scrape.added("billing_payments_total", status="SUCCEEDED", purpose="PLAN") == 1


async def test_a_repeated_notification_is_known_and_settles_nothing_more(
    api: MainBackend, office: BackOffice, services: Services, scrape: Scrape
) -> None:
    payment = await api.buy()
    await office.pay(payment)
    await work_off(services)
    await scrape.take()
    await office.claim(payment, "payment.succeeded")
    await work_off(services)
    await scrape.take()

    assert scrape.added("billing_notifications_total", outcome="known") == 1
    assert scrape.added("billing_notification_settled_seconds_count") == 0
    assert scrape.added("billing_payments_total", status="SUCCEEDED", purpose="PLAN") == 0


async def test_who_leaves_in_the_middle_of_a_request_is_counted_and_is_no_crash(
    web: WebApp, scrape: Scrape
) -> None:
    path = "/api/v1/billing/webhooks/yookassa"
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 40000),
    }

    async def leave() -> Message:
        return {"type": "http.disconnect"}

    async def answer_nobody(message: Message) -> None:
        raise AssertionError(message)

    with capture_logs() as lines:
        await web(scope, leave, answer_nobody)
    await scrape.take()

    assert scrape.added("billing_http_requests_total", method="POST", route=path, status="499") == 1
    assert lines == []


async def test_an_event_without_use_is_counted_as_ignored_by_its_word(
    api: MainBackend, scrape: Scrape
) -> None:
    for event in (
        "deal.closed",
        "payout.succeeded",
        "payout.succeeded",
        "x4000.0000.0000.0002",
        "live_token",
    ):
        await api.notify({"type": "notification", "event": event, "object": {"id": "dl-285e5ee7"}})
    await scrape.take()

    assert scrape.added("billing_notifications_total", outcome="ignored") == 5
    assert scrape.added("billing_ignored_notifications_total", event="deal.closed") == 1
    assert scrape.added("billing_ignored_notifications_total", event="payout.succeeded") == 2
    assert scrape.added("billing_ignored_notifications_total", event="other") == 2


async def test_invented_events_make_a_bounded_number_of_figures_and_lines_with_words_only(
    api: MainBackend, scrape: Scrape
) -> None:
    invented = [f"invented.{'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}" for n in range(60)]
    with capture_logs() as lines:
        for event in invented:
            await api.notify({"type": "notification", "event": event, "object": {"id": "in-1"}})
    await scrape.take()

    shown = [labels for name, labels in scrape.now if name == "billing_ignored_notifications_total"]
    told = {line["event_type"] for line in lines if line["event"] == "webhook.ignored"}
    assert scrape.added("billing_notifications_total", outcome="ignored") == 60
    assert len(shown) <= len(UNUSED) + INVENTED_AT_MOST + 1
    assert len(told) <= INVENTED_AT_MOST + 1


async def test_an_object_we_cannot_name_is_counted(api: MainBackend, scrape: Scrape) -> None:
    await api.notify({"type": "notification", "event": "payment.succeeded", "object": {"id": "dl-1"}})
    await scrape.take()

    assert scrape.added("billing_notifications_total", outcome="unreadable") == 1
    assert scrape.added("billing_notifications_total", outcome="ignored") == 0


async def test_a_declined_payment_is_counted_as_canceled(
    api: MainBackend, office: BackOffice, services: Services, scrape: Scrape
) -> None:
    await office.decline(await api.buy(), "insufficient_funds")
    await work_off(services)
    await scrape.take()

    assert scrape.added("billing_payments_total", status="CANCELED", purpose="PLAN") == 1


async def test_what_is_undone_is_not_counted(statements: StatementPool, scrape: Scrape) -> None:
    async def pay(then: str) -> None:
        async with statements.transaction() as tx:
            tx.once_committed(COUNTED.labels("SUCCEEDED", "PLAN").inc)
            await tx.execute(then)

    with pytest.raises(asyncpg.DivisionByZeroError):
        await pay("SELECT 1 / 0")
    await pay("SELECT 1")
    await scrape.take()

    assert scrape.added("billing_payments_total", status="SUCCEEDED", purpose="PLAN") == 1


async def test_every_kind_of_alarm_is_shown_from_the_start_and_counted(scrape: Scrape) -> None:
    for kind in Alarm:
        raise_alarm(kind)
    before = {kind: scrape.value("billing_alarms_total", kind=kind.value) for kind in Alarm}
    await scrape.take()

    assert None not in before.values()
    assert {scrape.added("billing_alarms_total", kind=kind.value) for kind in Alarm} == {1}


async def test_requests_are_counted_by_route_and_never_by_path(api: MainBackend, scrape: Scrape) -> None:
    payment = (await api.buy())["payment_id"]
    for _ in range(3):
        await api.payment(payment)
    await scrape.take()

    route = "/api/v1/billing/payments/{payment_id}/"
    assert scrape.added("billing_http_requests_total", method="GET", route=route, status="200") == 3
    assert scrape.added("billing_http_seconds_count", method="GET", route=route) == 3
    assert payment not in str(scrape.now)


async def test_a_missing_slash_is_the_same_route(api: MainBackend, scrape: Scrape) -> None:
    await api.get("me")
    await scrape.take()

    route = "/api/v1/billing/me/"
    assert scrape.added("billing_http_requests_total", method="GET", route=route, status="200") == 1


async def test_invented_paths_and_methods_make_no_new_figures(api: MainBackend, scrape: Scrape) -> None:
    await api.http.request("INVENTED", "/invented")
    await scrape.take()
    shown = scrape.now.keys()
    for number in range(5):
        await api.http.request(f"INVENTED{number}", f"/invented/{number}")
    await scrape.take()

    assert scrape.now.keys() == shown
    assert scrape.added("billing_http_requests_total", method="OTHER", route="none", status="404") == 5


async def test_what_crashes_is_counted_with_the_status_that_was_sent(services: Services) -> None:
    nowhere = StatementPool("postgresql://billing@127.0.0.1:1/x", pool_size=2)
    app = create_app(services.settings, replace(services, statements=nowhere))
    async with MainBackend.calling(app) as api:
        scrape = Scrape(api.http)
        await scrape.take()
        await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})
        await scrape.take()
    await nowhere.close()

    route = "/api/v1/billing/create-payment/"
    assert scrape.added("billing_http_requests_total", method="POST", route=route, status="503") == 1


async def test_open_payments_are_shown_by_age_and_doubt(
    api: MainBackend, clock: Clock, database: Database, scrape: Scrape
) -> None:
    await api.buy()
    await clock.advance(hours=2)
    await api.buy(user=1002)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE payments SET outcome_unknown = true WHERE user_id = 1002"))
    await scrape.take()

    assert scrape.value("billing_open_payments", age="1h-1d", in_doubt="false") == 1
    assert scrape.value("billing_open_payments", age="0-10m", in_doubt="true") == 1


async def test_a_payment_of_another_shop_is_not_ours_to_wait_for(
    api: MainBackend, database: Database, scrape: Scrape
) -> None:
    await api.buy()
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE payments SET shop_id = 'another'"))
    await scrape.take()

    assert scrape.value("billing_open_payments", age="0-10m", in_doubt="false") is None


async def test_an_open_notification_and_its_job_grow_old_until_somebody_looks(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, scrape: Scrape
) -> None:
    await office.pay(await api.buy())
    await clock.advance(minutes=5)
    await scrape.take()

    assert scrape.value("billing_queue_jobs", entrypoint="webhook.look", status="queued") == 1
    assert 300 <= (scrape.value("billing_oldest_open_notification_seconds") or 0) < 360

    await work_off(services)
    await scrape.take()

    assert scrape.value("billing_queue_jobs", entrypoint="webhook.look", status="queued") is None
    assert scrape.value("billing_oldest_open_notification_seconds") == 0


async def test_how_old_the_last_comparison_of_a_list_is(
    services: Services, clock: Clock, scrape: Scrape
) -> None:
    assert (scrape.value("billing_list_compared_seconds_ago", list="payments") or 9999) < 3600
    while not (await walk(services, PAYMENTS)).to_now:
        pass
    await clock.advance(hours=2)

    await scrape.take()

    assert 7200 <= (scrape.value("billing_list_compared_seconds_ago", list="payments") or 0) < 7260


async def test_without_a_database_the_counters_are_still_shown_and_say_what_is_missing(
    services: Services,
) -> None:
    nowhere = Database("postgresql://billing@127.0.0.1:1/x", pool_size=2)
    app = create_app(services.settings, replace(services, db=nowhere))
    async with httpx.AsyncClient(transport=in_process(app), base_url="http://billing") as platform:
        scrape = Scrape(platform)
        await scrape.take()
    await nowhere.close()

    assert scrape.value("billing_database_figures") == 0
    assert scrape.value("billing_oldest_open_notification_seconds") is None
    assert scrape.value("billing_alarms_total", kind="double_purchase") is not None


async def test_a_database_that_does_not_answer_costs_a_scrape_two_seconds(
    database: Database, scrape: Scrape
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("LOCK TABLE webhook_logs"))
        async with asyncio.timeout(5):
            await scrape.take()

    assert scrape.value("billing_database_figures") == 0


async def test_a_worker_shows_its_counters_on_a_port_of_its_own_while_it_runs() -> None:
    port = free_port()
    async with httpx.AsyncClient() as http:
        with served(port):
            shown = parsed((await http.get(f"http://127.0.0.1:{port}/metrics")).text)
        with pytest.raises(httpx.ConnectError):
            await http.get(f"http://127.0.0.1:{port}/metrics")

    assert ("billing_alarms_total", frozenset({("kind", "job_given_up")})) in shown


async def test_workers_are_counted_by_their_heartbeats(database: Database, scrape: Scrape) -> None:
    before = scrape.value("billing_workers_alive")
    async with database.begin() as session:
        for host in ("one", "two"):
            await upsert_heartbeat(session, uuid4(), host=host, pid=1, version="0")
    await scrape.take()

    assert before == 0
    assert scrape.value("billing_workers_alive") == 2
    assert 0 <= (scrape.value("billing_worker_seen_seconds_ago") or 0) < 30
