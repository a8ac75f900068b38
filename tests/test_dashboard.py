"""The Grafana dashboard beside the alerts shows figures that exist, in PromQL that Prometheus takes."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml  # type: ignore[import-untyped]

from billing_service.heartbeats.queries import upsert_heartbeat
from billing_service.kit.db import Database
from tests.stage import MainBackend

FIGURE = re.compile(r"\b(?:billing|process)_[a-z_]+\b")
Panel = dict[str, Any]


@pytest.fixture
def dashboard(repository: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((repository / "docs" / "dashboard.json").read_text())
    return loaded


@pytest.fixture
def panels(dashboard: dict[str, Any]) -> list[Panel]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions(panels: list[Panel]) -> list[str]:
    return [target["expr"] for panel in panels for target in panel["targets"]]


async def test_every_figure_on_it_is_shown_by_the_service(
    api: MainBackend, database: Database, panels: list[Panel]
) -> None:
    await api.buy()
    async with database.begin() as session:
        await upsert_heartbeat(session, uuid4(), host="here", pid=1, version="0")
    shown = (await api.http.get("/metrics")).text
    families = set(re.findall(r"^# TYPE (\w+) ", shown, re.MULTILINE))

    for expression in expressions(panels):
        named = FIGURE.findall(expression)
        assert named, expression
        assert {name for name in named if re.sub(r"_(bucket|count|sum)$", "", name) not in families} == set()


def test_it_shows_money_notifications_the_provider_the_queue_and_the_limits(
    dashboard: dict[str, Any],
) -> None:
    rows = [panel["title"] for panel in dashboard["panels"] if panel["type"] == "row"]

    assert rows == [
        "Money",
        "Notifications",
        "YooKassa",
        "Queue and workers",
        "Limits",
        "API and processes",
    ]


def test_every_panel_explains_itself_and_asks_the_chosen_prometheus(
    dashboard: dict[str, Any], panels: list[Panel]
) -> None:
    (chosen,) = dashboard["templating"]["list"]

    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    for panel in panels:
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        asked = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert all(source == {"type": "prometheus", "uid": f"${{{chosen['name']}}}"} for source in asked)


def test_no_two_panels_lie_on_one_place(dashboard: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        covered = {
            (x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24, panel["title"]
        assert not covered & taken, panel["title"]
        taken |= covered


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_accepts_every_expression(panels: list[Panel], tmp_path: Path) -> None:
    rules = [
        {"record": f"dashboard:{number}", "expr": expression.replace("$__rate_interval", "5m")}
        for number, expression in enumerate(expressions(panels))
    ]
    written = tmp_path / "rules.yml"
    written.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))

    checked = subprocess.run(
        ["promtool", "check", "rules", written], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
