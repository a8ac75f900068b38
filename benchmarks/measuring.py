"""The order of the runs: what is compared alternates, so that a busy moment of the machine meets all of it."""

from collections.abc import Callable, Iterable, Sequence

from benchmarks.load import Figures, Load, finish, measure, start
from benchmarks.report import Fairness, Row
from benchmarks.scenarios import CROWD, EMPTY, SOMEBODY, Scenario
from benchmarks.stage import Stage

Told = Callable[[str], None]
FAIRNESS_SECONDS = 1


def measure_scenarios(
    stage: Stage, scenarios: Sequence[Scenario], *, seconds: int, rounds: int, tell: Told
) -> list[Row]:
    """Every scenario in every round: empty, bare, ours. Raises `CannotMeasure`."""
    rows = [Row(scenario.name, [], [], []) for scenario in scenarios]
    for number in range(rounds):
        for scenario, row in zip(scenarios, rows, strict=True):
            for runs, url, load, tag in _runs(stage, scenario, row):
                runs.append(measure(url, load, seconds=seconds, run=f"{number:03x}{tag}"))
            tell(f"round {number + 1} of {rounds}: {scenario.name:<18}{_last(row)}")
    return rows


def _runs(stage: Stage, scenario: Scenario, row: Row) -> Iterable[tuple[list[Figures], str, Load, str]]:
    """Where each run belongs, what it asks, and the mark that keeps its operations apart."""
    ours = stage.ours_beside_sandbox if scenario.at_provider else stage.ours
    yield row.empty, stage.bare, EMPTY, "e"
    yield row.bare, stage.bare, scenario.load, "b"
    yield row.ours, ours, scenario.load, "c"


def _last(row: Row) -> str:
    rates = (runs[-1].requests_per_second for runs in (row.empty, row.bare, row.ours))
    return "".join(
        f"{name} {rate:6.0f}/s   " for name, rate in zip(("empty", "bare", "ours"), rates, strict=True)
    )


def measure_fairness(stage: Stage, *, rounds: int, tell: Told) -> Fairness:
    """One user's latency alone and beside 200 connections that hammer another user's row. Raises `CannotMeasure`."""
    fairness = Fairness([], [], [])
    for number in range(rounds):
        fairness.alone.append(measure(stage.ours, SOMEBODY, seconds=FAIRNESS_SECONDS, run=f"{number:03x}a"))
        crowd = start(stage.ours, CROWD, seconds=FAIRNESS_SECONDS + 1, run=f"{number:03x}f")
        fairness.beside.append(measure(stage.ours, SOMEBODY, seconds=FAIRNESS_SECONDS, run=f"{number:03x}d"))
        fairness.crowd.append(finish(crowd, CROWD))
        tell(
            f"round {number + 1} of {rounds}: fairness          "
            f"p99 alone {fairness.alone[-1].p99_ms:.1f} ms, beside the crowd {fairness.beside[-1].p99_ms:.1f} ms"
        )
    return fairness
