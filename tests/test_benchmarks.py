"""The benchmark still measures what the service answers. No figure is asserted: a shared machine proves no speed."""

import asyncio
import inspect
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.__main__ import FAIRNESS, SETTLED
from benchmarks.load import Figures
from benchmarks.report import Row, middle, table
from benchmarks.scenarios import SCENARIOS
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from billing_service.app import ROUTERS
from billing_service.config import Settings
from billing_service.kit.db import Database
from tests.ledger import value

# A minute on an idle machine.
BUSY_SECONDS = 400


@pytest.fixture
def wrk() -> None:
    """The load tool. Without it these tests are skipped, but never in CI."""
    if shutil.which("wrk") is None:
        reason = "wrk is not installed (on Debian: apt-get install wrk)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def bench(
    repository: Path, *arguments: str, path: str = os.environ["PATH"]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=repository,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=BUSY_SECONDS,
        check=False,
    )


@pytest.mark.timeout(BUSY_SECONDS + 10)
@pytest.mark.usefixtures("wrk")
async def test_every_scenario_of_two_builds_is_answered_as_expected_and_written_down(
    repository: Path, tmp_path: Path, settings: Settings, database: Database
) -> None:
    """In one run, since each takes a minute: in databases on a server that is named, which are dropped."""
    file, every = tmp_path / "figures.json", [scenario.name for scenario in SCENARIOS]
    brief = ("--seconds", "0.3", "--rounds", "1", "--json", str(file))
    ours = str(Path(sys.executable).with_name("billing-service"))
    names = (
        "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname NOT LIKE 'scratch%'"
    )
    databases = await value(database, names)

    ran = await asyncio.to_thread(
        bench,
        repository,
        *(*brief, "--before", ours, "--database-url", settings.database_url),
        *(f"--only={name}" for name in (*every, SETTLED, FAIRNESS)),
    )

    assert ran.returncode == 0, ran.stderr
    written = json.loads(file.read_text())
    assert list(written["scenarios"]) == every
    for scenario in written["scenarios"].values():
        assert scenario["ours"]["median"]["requests_per_second"] > 0
        assert scenario["ours_to_bare"] > 0
        assert scenario["ours_to_before"] > 0
    assert written["settled_per_second"]["ours"][0] > 0
    assert written["settled_per_second"]["before"][0] > 0
    assert "times those of before" in ran.stdout
    assert written["fairness"]["p99_growth"] > 0
    assert written["denied_to_allowed"] > 0
    assert f"measuring on PostgreSQL {written['conditions']['postgresql']}" in ran.stdout
    assert written["conditions"]["postgresql"] == await value(database, "SHOW server_version")
    assert await value(database, names) == databases


@pytest.mark.usefixtures("wrk")
def test_a_server_that_cannot_be_reached_is_said_in_one_line(repository: Path) -> None:
    ran = bench(repository, "--database-url", "postgresql://billing@127.0.0.1:1/billing")

    assert ran.returncode == 1
    assert ran.stderr.startswith("benchmark: no database can be made on that server: ")
    assert ran.stderr.count("\n") == 1


def test_without_the_load_tool_one_line_says_how_to_get_it(repository: Path, tmp_path: Path) -> None:
    ran = bench(repository, path=str(tmp_path))

    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "benchmark: wrk is not installed: on Debian and Ubuntu apt-get install wrk, on macOS brew install wrk"
    ]


def test_an_unknown_scenario_is_refused(repository: Path) -> None:
    ran = bench(repository, "--only", "nonsense")

    assert ran.returncode == 2
    assert "there is no scenario nonsense" in ran.stderr


def test_the_figures_shown_are_medians_and_their_ratios() -> None:
    def runs(*rates: float) -> list[Figures]:
        return [Figures(rate, 1.0, 2.0) for rate in rates]

    row = Row("me", empty=runs(100, 400, 900), bare=runs(50, 200, 800), ours=runs(10, 150, 700))

    assert middle(row.ours) == Figures(150, 1.0, 2.0)
    assert table([row]).splitlines()[-1].split()[:6] == ["me", "400", "200", "150", "0.75", "0.38"]


def test_no_dependency_of_a_route_is_sent_to_a_thread() -> None:
    """FastAPI does that with plain functions; it costs more than the statement of a hot path."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]

    called = {one.call for route in routes for one in _all(route.dependant)}

    assert [call for call in called if not inspect.iscoroutinefunction(call)] == []


def _all(dependant: Dependant) -> list[Dependant]:
    return [dependant, *(deeper for one in dependant.dependencies for deeper in _all(one))]


@pytest.mark.timeout(BUSY_SECONDS + 10)
@pytest.mark.usefixtures("wrk")
def test_a_grown_database_is_measured_beside_an_empty_one(repository: Path) -> None:
    brief = ("--seconds", "0.3", "--rounds", "1", "--only", "me")

    ran = bench(repository, *brief, "--grown", "--users", "1000")

    assert ran.returncode == 0, ran.stderr
    assert "empty/grown" in ran.stdout
    for name in ("payments.ask_due", "webhooks.close_settled", "retention.forget_old", "what is overdue"):
        assert f"\n{name} " in ran.stdout
    assert "ours/before" in ran.stdout
