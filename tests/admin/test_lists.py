"""Lists: the newest first, on from where the page before ended, found by what is typed whole, and never counted."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from pgqueuer import PgQueuer

from billing_service import timetable
from billing_service.admin import site
from billing_service.admin.listing import Listing
from billing_service.admin.listing_queries import PAGE, Asked, _select, question
from billing_service.admin.search import BY_REQUEST, BY_UUID
from billing_service.admin.today_queries import WAITING
from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.user_overviews.queries import STANDING
from billing_service.user_overviews.service import SHOWN
from billing_service.webhooks.events import USED
from billing_service.wording.alarm_advice import ADVICE
from billing_service.wording.jobs import JOBS, SCHEDULES
from billing_service.wording.statuses import YOOKASSA_EVENT
from billing_service.wording.words import ACTIONS, ALARMS
from billing_service.worker import register_jobs
from tests.admin.visitor import Person
from tests.ledger import value
from tests.stage import USER, MainBackend

# Many rows of each, laid down at once; nobody asks the triggers about them.
FILL = """
    SET LOCAL session_replication_role = replica;
    INSERT INTO subscriptions (user_id) SELECT generate_series(5001, 5100);
    INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, status,
        shop_id, is_test, caller, route, request_fingerprint, return_url, created_at, yookassa_payment_id)
    SELECT gen_random_uuid(), 5001 + g % 100, 'PRO_MONTHLY', 299, 'RUB', 30, 'PRO', 'PLAN',
        CASE WHEN g % 1000 = 7 THEN 'FAILED' ELSE 'CANCELED' END, '100500', true, 'c', 'r', 'f', 'u',
        now() - g / 2 * interval '1 minute', gen_random_uuid()::text
    FROM generate_series(1, {many}) g;
    INSERT INTO refunds (id, payment_id, amount, currency, shop_id, is_test, reason, created_at, status)
    SELECT gen_random_uuid(), id, 1, 'RUB', '100500', true, 'r', created_at, 'SUCCEEDED' FROM payments;
    INSERT INTO refund_requests (id, payment_id, reason, created_at, answer_by, concluded_at, refused_by, refusal)
    SELECT id, id, 'r', created_at - interval '1 year', created_at,
        CASE WHEN g > {many} / 100 THEN now() END, CASE WHEN g > {many} / 100 THEN 'a' END,
        CASE WHEN g > {many} / 100 THEN 'r' END
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS g FROM payments) p;
    INSERT INTO webhook_logs (event_id, event_type, payment_id, raw_payload, client_ip, trace_id, status)
    SELECT 'e' || g, 'payment.canceled', gen_random_uuid(), '{{}}', '1', md5(g::text), 'SUCCESS'
    FROM generate_series(1, {many}) g;
    INSERT INTO audit_log (caller, author, reason, action, user_id, request_id)
    SELECT 'c', 'a', 'r', 'grant.given', 5001 + g % 100, md5(g::text) FROM generate_series(1, {many}) g;
    INSERT INTO alarms (kind, subject, facts, last_at)
    SELECT 'late_success', g::text, '{{}}', now() - g * interval '1 min'
    FROM generate_series(1, {many}) g
"""
MANY = 6000
BY_NAME = {listing.name: listing for listing in site.LISTINGS}
# What grows with users and payments; the others are as long as there are plans, people and mishaps.
GROWING = ["payments", "refunds", "refund-requests", "notifications", "audit", "alarms"]


async def fill(database: Database, many: int) -> None:
    async with database.engine.begin() as connection:
        for statement in FILL.format(many=many).split(";"):
            await connection.exec_driver_sql(statement)
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql(
            "VACUUM ANALYZE payments, refunds, refund_requests, webhook_logs, audit_log, alarms"
        )


def ids(page: str, listing: str) -> list[str]:
    return re.findall(rf'href="/admin/{listing}/([^"]+)">Открыть', page)


async def walk(person: Person, path: str, listing: str) -> list[str]:
    """Every row, page after page."""
    found: list[str] = []
    while True:
        page = (await person.open(path)).text
        found += ids(page, listing)
        onwards = re.search(r'href="/admin([^"]+)" rel="next"', page)
        if onwards is None:
            return found
        path = onwards[1].replace("&amp;", "&")


@pytest.mark.parametrize("name", GROWING)
async def test_page_after_page_shows_each_row_once_the_newest_first(
    support: Person, database: Database, name: str
) -> None:
    """Two rows a time of the same instant, so that the order goes on inside it."""
    await fill(database, 2 * PAGE + 7)

    found = await walk(support, f"/{name}", name)

    there = await value(database, f"SELECT count(*) FROM {BY_NAME[name].source.partition(' ')[0]}")  # noqa: S608
    assert len(found) == len(set(found)) == there > 2 * PAGE


async def test_what_comes_in_meanwhile_moves_nothing(support: Person, database: Database) -> None:
    await fill(database, PAGE + 1)
    first = (await support.open("/notifications")).text
    onwards = re.search(r'href="/admin([^"]+)" rel="next"', first)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO webhook_logs (event_id, event_type, payment_id, raw_payload, client_ip, trace_id) "
            "VALUES ('new', 'payment.canceled', 'x', '{}', '1', 't')"
        )

    assert onwards
    second = ids((await support.open(onwards[1])).text, "notifications")

    assert second == ["1"]


async def test_a_cursor_that_is_none_of_ours_is_a_page_that_there_is_not(support: Person) -> None:
    cursors = ("x", "W10", "WyJhIl0", "WzFd", "bnVsbA", "WyIyMDI2LTAxLTAxIiwiYiJd", "%00", "Wy" * 500)
    for name in ("payments", "notifications"):
        for after in cursors:
            assert (await support.open(f"/{name}?after={after}")).status_code == 404, (name, after)


async def test_what_there_is_not_is_a_page_that_says_so(support: Person) -> None:
    for path in (
        *("/payments/1", "/payments/x'", f"/payments/{uuid4()}", "/notifications/99999999999999999999"),
        *("/notifications/x", "/alarms/x", "/alarms/late_success:", "/plans/pro", "/users/0", "/users/x"),
        *(
            "/users/9223372036854775808",
            "/users/1?after=x",
            "/acts/refund?subject=x",
            "/acts/none",
            "/nowhere",
        ),
    ):
        page = await support.open(path)
        assert page.status_code in {403, 404}, path
        assert "<h1>" in page.text, path


async def test_a_payment_is_found_by_every_number_it_has(
    support: Person, paid: dict[str, Any], database: Database
) -> None:
    refund_id = uuid4()
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO refunds (id, payment_id, amount, currency, shop_id, is_test, reason, yookassa_refund_id) "
            "SELECT $1::uuid, id, 1, 'RUB', shop_id, is_test, 'x', $2::text FROM payments",
            (str(refund_id), f"ab{str(refund_id)[2:]}"),
        )
    request_id = await value(database, "SELECT trace_id FROM webhook_logs")
    payment = f"/admin/payments/{paid['payment_id']}"
    leads = {
        str(USER): f"/admin/users/{USER}",
        paid["payment_id"]: payment,
        paid["payment_id"].upper(): payment,
        paid["yookassa_payment_id"]: payment,
        str(refund_id): f"/admin/refunds/{refund_id}",
        f"ab{str(refund_id)[2:]}": f"/admin/refunds/{refund_id}",
        request_id: payment,
    }

    assert {typed: (await support.open(f"/search?q={typed}")).headers["location"] for typed in leads} == leads
    for typed in ("", "nothing", str(uuid4()), "<b>", "%27 OR 1=1", "0", "99999999999999999999"):
        assert "location" not in (await support.open(f"/search?q={typed}")).headers
    for typed in (paid["payment_id"], paid["yookassa_payment_id"], str(USER)):
        assert ids((await support.open(f"/payments?q={typed}")).text, "payments") == [paid["payment_id"]]
    assert "Так здесь не ищут" in (await support.open("/payments?q=Anna")).text


async def test_the_request_of_an_operator_leads_to_the_user(support: Person, api: MainBackend) -> None:
    given = await api.http.post(
        f"/internal/v1/users/{USER}/grants/",
        json={"plan_code": "PRO_MONTHLY", "days": 3, "author": "x1", "reason": "x1"},
        headers={"Idempotency-Key": "one", "X-Request-ID": "desk-2-4711"},
    )

    assert given.status_code == 201
    assert (await support.open("/search?q=desk-2-4711")).headers["location"] == f"/admin/users/{USER}"


@pytest.mark.usefixtures("paid")
async def test_what_somebody_else_wrote_is_text_wherever_it_is_shown(
    owner: Person, api: MainBackend, panel: Services, database: Database
) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}"
    body = {"plan_code": "PRO_MONTHLY", "days": 3, "author": evil, "reason": evil}
    headers = {"Idempotency-Key": "evil"}
    await api.http.post(f"/internal/v1/users/{USER}/grants/", json=body, headers=headers)
    async with panel.statements.transaction() as tx:
        await alarms.raise_once(tx, Alarm.LATE_SUCCESS, evil, payment_id=evil)
        await tx.execute("UPDATE webhook_logs SET error_message = $1, client_ip = $1", evil)
        await tx.execute("UPDATE payments SET description = $1, cancellation_reason = $1", evil)
    entry = await value(database, "SELECT max(id) FROM audit_log")
    payment = await value(database, "SELECT id FROM payments")
    paths = (f"/users/{USER}", "/audit", f"/audit/{entry}", "/alarms", "/notifications", "/notifications/1")

    for path in (*paths, f"/payments/{payment}", f"/search?q={evil}", f"/payments?q={evil}", "/"):
        page = (await owner.open(path)).text
        assert "<img" not in page, path
        assert "<script>alert" not in page, path
        assert "49" not in re.findall(r"{{7\*7}}|'49", page), path


def conditions(listing: Listing) -> list[tuple[str, Asked]]:
    """The list itself, each choice of its filters, and each way to search it."""
    typed = {"USER": "5001", "UUID": str(uuid4()), "text": "a" * 32}
    asked = [("all", Asked({}, "", ""))]
    for one in listing.filters:
        asked += [(f"{one.name}={name}", Asked({one.name: name}, "", "")) for name in one.choices]
    return asked + [
        (f"q={name}", Asked({}, text, ""))
        for name, text in typed.items()
        if any(re.fullmatch(search.pattern, text) for search in listing.searches)
    ]


async def test_no_page_of_a_growing_list_reads_the_table_or_counts_it(
    panel: Services, database: Database
) -> None:
    """Read from the database's own counters: whatever is asked for, at most a few pages' worth of rows is touched."""
    await fill(database, MANY)
    touched = {}
    for name in GROWING:
        for what, asked in conditions(BY_NAME[name]):
            touched[f"{name} {what}"] = await _rows_read(panel, BY_NAME[name], asked)

    # Of the rare ones the index holds no more than there are; resolved alarms are read until a page is full or none is.
    allowed = {"alarms state=taken", "alarms state=resolved", "audit action=refunds", "audit action=plans"}
    allowed |= {"audit action=charging", "audit action=staff"}
    greedy = {name: read for name, read in touched.items() if read > 8 * PAGE and name not in allowed}
    assert greedy == {}


async def test_what_a_person_did_is_found_without_reading_the_log(
    panel: Services, database: Database
) -> None:
    await fill(database, MANY)

    for one in BY_NAME["people"].related:
        statement = _select(one.listing, one.listing.columns, [one.sql], PAGE)
        async with panel.statements.transaction() as tx:
            plan = await tx.value(f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {statement}", "owner")
        assert _touched(json.loads(plan)) < PAGE, one.title


async def test_the_alarms_about_a_user_are_found_among_those_about_everybody(
    panel: Services, database: Database
) -> None:
    await fill(database, MANY)

    async with panel.statements.transaction() as tx:
        plan = await tx.value(
            f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {STANDING}", 5001, SHOWN, list(Alarm)
        )

    assert _touched(json.loads(plan)) < PAGE


async def _rows_read(panel: Services, listing: Listing, asked: Asked) -> int:
    meant = question(listing, asked)
    assert meant is not None
    async with panel.statements.transaction() as tx:
        plan = await tx.value(f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {meant.statement}", *meant.values)
    return _touched(json.loads(plan))


def _touched(plans: list[dict[str, Any]]) -> int:
    """The rows that all scans of a plan read, those that they threw away too."""

    def of(node: dict[str, Any]) -> int:
        own = 0
        if "Scan" in node["Node Type"]:
            thrown = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            own = int((node["Actual Rows"] + thrown) * node["Actual Loops"])
        return own + sum(of(child) for child in node.get("Plans", []))

    return sum(of(one["Plan"]) for one in plans)


def test_no_statement_of_the_panel_counts_without_a_bound() -> None:
    for listing in site.LISTINGS:
        sql = " ".join(
            [listing.source, *(column.sql for column in (*listing.columns, *listing.details))]
            + [choice.sql for one in listing.filters for choice in one.choices.values()]
        )
        assert "count(" not in sql.lower()
    assert WAITING.count("count(*)") - WAITING.count("LIMIT 1000") == 2  # workers, and findings of one audit
    assert "count(" not in BY_UUID + BY_REQUEST


def test_every_alarm_and_every_deed_has_its_russian_name(repository: Any) -> None:  # noqa: ANN401 (a path)
    assert set(ALARMS) == set(Alarm)
    assert set(ADVICE) == set(Alarm)
    assert all(re.fullmatch(r"[А-ЯЮ].{40,}\.", said) for said in ADVICE.values())
    source = "".join(path.read_text() for path in (repository / "src" / "billing_service").rglob("*.py"))
    recorded = set(re.findall(r'audit\.record\(\s*tx,\s*"([a-z_.]+)"', source))
    recorded |= set(re.findall(r'(?:_write_down|_record)\(\s*tx,\s*"([a-z_.]+)"', source))
    recorded |= set(re.findall(r'\nACTION = "([a-z_.]+)"', source))
    assert recorded >= {"grant.given", "staff.added", "user.erased", "payment.resolved"}
    assert recorded - set(ACTIONS) == set()


async def test_every_job_and_every_schedule_has_its_russian_name(services: Services) -> None:
    queue = PgQueuer.in_memory()
    register_jobs(queue, services)

    assert JOBS.keys() == queue.qm.entrypoint_registry.keys()
    assert SCHEDULES.keys() == timetable.SCHEDULES.keys()
    names = [*JOBS.values(), *SCHEDULES.values()]
    assert all(re.match("[А-Я][а-я]", name) for name in names)
    assert len(names) == len(set(names))


def test_whatever_yookassa_tells_of_has_its_word() -> None:
    assert YOOKASSA_EVENT.keys() == USED.keys()
