"""The operators' page keeps up with the service: every alarm, alert and figure is on it, and its statements run."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from billing_service.heartbeats.queries import upsert_heartbeat
from billing_service.kit.alarms import Alarm
from billing_service.kit.db import Database
from billing_service.operations import daily_audit, overdue
from billing_service.services import Services
from tests.stage import MainBackend

FIGURE = re.compile(
    r"\bbilling_(?!webhook\b|webhook_trusted\b|webhook_strangers\b|runbooks\b|owner\b|service\b)[a-z_]+\b"
)
RUNBOOK = re.compile(
    r"""runbook_url: '\{\{ or \$externalLabels\.billing_runbooks "docs/operations\.md" \}\}#([^']+)'"""
)
STATEMENT = re.compile(r"```sql\n(.+?)```", re.DOTALL)


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "docs" / "operations.md").read_text()


@pytest.fixture
def rules(repository: Path) -> str:
    return (repository / "docs" / "alerts.yml").read_text()


def headings(page: str) -> set[str]:
    """As links name them."""
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    }


def test_every_kind_of_alarm_says_what_to_do(page: str) -> None:
    assert {alarm.value for alarm in Alarm} <= headings(page)


def test_every_alert_leads_to_what_to_do(page: str, rules: str) -> None:
    """On the forge, or wherever the operator keeps the page; an alarm leads to its own heading, see above."""
    links = RUNBOOK.findall(rules)

    assert len(links) == rules.count("- alert: ") == rules.count("annotations:")
    assert set(links) - {"{{ $labels.kind }}"} <= headings(page)


async def test_every_figure_of_the_page_and_the_rules_is_shown(
    api: MainBackend, services: Services, database: Database, page: str, rules: str
) -> None:
    await api.buy()
    await daily_audit.audit(services, day=None, is_full=False, tell=lambda _: None)
    async with database.begin() as session:
        await upsert_heartbeat(session, uuid4(), host="here", pid=1, version="0")
    await api.notify({"type": "notification", "event": "payment.succeeded", "object": {"id": "0" * 8}})
    shown = (await api.http.get("/metrics")).text
    named = set(FIGURE.findall(page)) | set(FIGURE.findall(rules))
    families = set(re.findall(r"^# TYPE (\w+) ", shown, re.MULTILINE))

    assert len(named) > 15
    assert {name for name in named if re.sub(r"_(bucket|count|sum)$", "", name) not in families} == set()


def test_the_doctor_and_the_alerts_draw_the_line_at_the_same_place(rules: str) -> None:
    def bound(figure: str) -> float:
        (seconds,) = re.findall(rf"{figure}\)? > (\d+)", rules)
        return float(seconds)

    (doubt,) = re.findall(r'in_doubt="true", age=~"([^"]+)"', rules)
    assert bound("billing_oldest_open_notification_seconds") == overdue.NOTIFICATION_WAITS.total_seconds()
    assert bound("billing_list_compared_seconds_ago") == overdue.LIST_IS_OLD.total_seconds()
    assert {age.replace("\\\\", "") for age in doubt.split("|")} == overdue.LONG_IN_DOUBT


async def test_every_statement_of_the_page_runs(database: Database, page: str) -> None:
    statements = STATEMENT.findall(page)

    assert len(statements) >= 6
    for statement in statements:
        async with database.engine.connect() as connection:
            await connection.execute(text(statement.rstrip().rstrip(";").replace(":", r"\:")))


async def test_what_support_asks_about_one_user_or_payment_is_found_by_an_index(
    database: Database, page: str
) -> None:
    asked = [one for one in STATEMENT.findall(page) if re.search(r"WHERE (user_id|payment_id) =", one)]

    assert len(asked) >= 3
    for statement in asked:
        async with database.engine.connect() as connection:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            explain = f"EXPLAIN {statement.rstrip().rstrip(';')}"
            plan = "\n".join((await connection.execute(text(explain))).scalars())
        assert "Seq Scan" not in plan, plan
