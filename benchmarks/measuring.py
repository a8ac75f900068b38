"""The order of the runs: what is compared alternates, so that a busy moment of the machine meets all of it."""

import time
from collections.abc import Callable, Iterator, Sequence

from benchmarks.load import Figures, finish, measure, start
from benchmarks.report import Fairness, Row
from benchmarks.scenarios import CROWD, EMPTY, SOMEBODY, Scenario
from benchmarks.stage import Build, Stage

Told = Callable[[str], None]
EMPTY_SECONDS, FAIRNESS_SECONDS = 1.0, 2.0
# A crowd that arrives in one instant is another question than one that is there.
HEAD_START_SECONDS = 0.5


def measure_scenarios(
    stage: Stage, scenarios: Sequence[Scenario], *, seconds: float, rounds: int, tell: Told
) -> list[Row]:
    """In every round the empty endpoint once, then every scenario: bare, and before and ours in turns.

    Raises `CannotMeasure`.
    """
    rows = [Row(scenario.name, [], [], []) for scenario in scenarios]
    for number in range(rounds if rows else 0):
        empty = measure(stage.bare, EMPTY, seconds=min(seconds, EMPTY_SECONDS), run=f"{number:03x}e")
        for scenario, row in zip(scenarios, rows, strict=True):
            load = scenario.load
            row.empty.append(empty)
            row.bare.append(measure(stage.bare, load, seconds=seconds, run=f"{number:03x}b"))
            for build, runs in _in_turns(number, (stage.before, row.before), (stage.ours, row.ours)):
                there = _asked(scenario, build)
                runs.append(measure(there, load, seconds=seconds, run=f"{number:03x}c"))
            tell(f"round {number + 1} of {rounds}: {scenario.name:<18}{_last(row)}")
    return rows


def _in_turns(
    number: int, *builds: tuple[Build | None, list[Figures]]
) -> Iterator[tuple[Build, list[Figures]]]:
    """Who comes last meets what the others left to be written: each is the last in every second round."""
    for build, runs in builds if number % 2 == 0 else reversed(builds):
        if build:
            yield build, runs


def _asked(scenario: Scenario, build: Build) -> str:
    return build.beside_provider if scenario.at_provider else build.api


def _last(row: Row) -> str:
    named = {"empty": row.empty, "bare": row.bare, "before": row.before, "ours": row.ours}
    return "".join(f"{name} {runs[-1].requests_per_second:6.0f}/s   " for name, runs in named.items() if runs)


def measure_fairness(stage: Stage, *, seconds: float, rounds: int, tell: Told) -> Fairness:
    """One user's latency alone and beside 200 connections that hammer another user's row. Raises `CannotMeasure`."""
    fairness, each = Fairness([], [], []), min(seconds, FAIRNESS_SECONDS)
    for number in range(rounds):
        fairness.alone.append(measure(stage.ours.api, SOMEBODY, seconds=each, run=f"{number:03x}a"))
        crowd = start(stage.ours.api, CROWD, seconds=each + 1, run=f"{number:03x}f")
        time.sleep(HEAD_START_SECONDS)
        fairness.beside.append(measure(stage.ours.api, SOMEBODY, seconds=each, run=f"{number:03x}d"))
        fairness.crowd.append(finish(crowd, CROWD, stop_after=0))
        tell(
            f"round {number + 1} of {rounds}: fairness          "
            f"p99 alone {fairness.alone[-1].p99_ms:.1f} ms, beside the crowd {fairness.beside[-1].p99_ms:.1f} ms"
        )
    return fairness
