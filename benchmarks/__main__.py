"""`python -m benchmarks`, or `make bench`."""

import json
import os
from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.growth import fill, measure_sweeps
from benchmarks.load import CannotMeasure, find_wrk
from benchmarks.measuring import measure_fairness, measure_scenarios
from benchmarks.pouring import measure_pouring
from benchmarks.renewing import measure_renewing
from benchmarks.report import Fairness, Row, Settled, as_json, denied_to_allowed, sentence, table
from benchmarks.scenarios import SCENARIOS
from benchmarks.settling import measure_settling
from benchmarks.stage import COMMAND, stage
from billing_service.dev.interruptions import signals_interrupt

SETTLED, FAIRNESS = "settled", "fairness"


def main(
    *,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each run lasts.")] = 2,
    rounds: Annotated[int, typer.Option(min=1, help="How many runs the medians are of.")] = 5,
    only: Annotated[list[str] | None, typer.Option(help="This scenario; may be repeated.")] = None,
    database_url: Annotated[
        str | None, typer.Option(help="Measure on this PostgreSQL, in a database made for it and dropped.")
    ] = None,
    before: Annotated[
        Path | None,
        typer.Option(exists=True, help="Measure beside this `billing-service` of another installation."),
    ] = None,
    grown: Annotated[
        bool,
        typer.Option(
            "--grown",
            help="Measure each call and sweep on a database of three years, beside an empty one in place of --before.",
        ),
    ] = False,
    users: Annotated[
        int, typer.Option(min=1000, help="Of the grown database; ten payments for three.")
    ] = 300_000,
    pour: Annotated[
        list[int] | None,
        typer.Option(help="And notifications pouring in at so many a second; may be repeated."),
    ] = None,
    pour_seconds: Annotated[int, typer.Option(min=1, help="How long each of these pours.")] = 20,
    workers: Annotated[int, typer.Option(min=1, help="Who settle what pours in.")] = 1,
    renewals: Annotated[
        int | None, typer.Option(min=100, help="And so many renewals that are due at one instant.")
    ] = None,
    in_flight: Annotated[int, typer.Option(min=1, max=20, help="How many of them at a time.")] = 8,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every figure here.")] = None,
) -> None:
    """Measure the service beside an empty and a bare endpoint, on throwaway servers unless another is named."""
    wanted = _wanted(only, is_alone=not grown) if only or not (pour or renewals) else ()
    beside = COMMAND if grown else str(before.absolute()) if before else None
    try:
        find_wrk()
        typer.echo("starting PostgreSQL, Valkey, a provider, the service and the yardstick")
        history = partial(fill, users=users) if grown else None
        with signals_interrupt(), stage(database_url, beside, history) as here:
            typer.echo(f"measuring on PostgreSQL {here.postgresql}")
            chosen = [scenario for scenario in SCENARIOS if scenario.name in wanted]
            rows = measure_scenarios(here, chosen, seconds=seconds, rounds=rounds, tell=typer.echo)
            times = rounds if SETTLED in wanted else 0
            settled = measure_settling(here, seconds=seconds, rounds=times, tell=typer.echo)
            fairness = measure_fairness(
                here, seconds=seconds, rounds=rounds if FAIRNESS in wanted else 0, tell=typer.echo
            )
            sweeps = measure_sweeps(here, rounds=rounds, tell=typer.echo) if grown else None
            for rate in pour or ():
                measure_pouring(here, workers=workers, rate=rate, seconds=pour_seconds, tell=typer.echo)
            if renewals:
                measure_renewing(here, number=renewals, in_flight=in_flight, tell=typer.echo)
            server = here.postgresql
    except CannotMeasure as error:
        raise SystemExit(f"benchmark: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit("benchmark: interrupted") from None
    if sweeps:
        typer.echo(f"\nours: the grown database; before: an empty one\n{sweeps.table()}")
    _say(rows, settled, fairness, server)
    if json_file:
        figures = as_json(
            rows,
            fairness,
            settled,
            seconds=seconds,
            rounds=rounds,
            processors=os.cpu_count(),
            postgresql=server,
        )
        json_file.write_text(json.dumps(figures, indent=2) + "\n")


def _say(rows: list[Row], settled: Settled, fairness: Fairness, server: str) -> None:
    if rows:
        typer.echo(f"\nPostgreSQL {server}\n{table(rows)}\n")
    if denied := denied_to_allowed(rows):
        typer.echo(f"denied consume is {denied:.2f} of the allowed one")
    if settled.ours:
        typer.echo(settled.sentence())
    if fairness.alone:
        typer.echo(sentence(fairness))


def _wanted(only: Collection[str] | None, *, is_alone: bool) -> Collection[str]:
    """What is measured: all there is, if nothing is said; a worker's rate and fairness of one database alone."""
    known = {scenario.name for scenario in SCENARIOS} | ({SETTLED, FAIRNESS} if is_alone else set())
    wanted = set(only or known)
    if unknown := wanted - known:
        raise typer.BadParameter(f"there is no scenario {', '.join(sorted(unknown))}", param_hint="--only")
    return wanted


if __name__ == "__main__":
    typer.run(main)
