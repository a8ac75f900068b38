"""`python -m simulation`."""

import gc
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from mutants.tree import Tree

from billing_service.dev.errors import CannotStart
from billing_service.dev.interruptions import signals_interrupt
from billing_service.dev.servers import embedded_servers
from simulation import planting, report
from simulation.history import History, Stage, application, live_through
from simulation.report import Part
from simulation.watching_logs import watch_logs

VIOLATED = 1
cli = typer.Typer(add_completion=False, invoke_without_command=True)


@cli.callback()
def main(
    context: typer.Context,
    *,
    seeds: Annotated[str, typer.Option(help="Such as 1-5 or 3,7.")] = "1-5",
    days: Annotated[int, typer.Option(min=1)] = 60,
    users: Annotated[int, typer.Option(min=1)] = 20,
    happy: Annotated[bool, typer.Option("--happy", help="Nothing goes wrong.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every history here.")] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Add what was run to simulation/runs.jsonl.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--continue", help="Leave out the seeds that were recorded for this commit.")
    ] = False,
    postgres: Annotated[
        str | None, typer.Option(help="Play on this server, in databases of our own.")
    ] = None,
    valkey: Annotated[str | None, typer.Option(help="The Valkey beside it.")] = None,
    processor: Annotated[
        int | None, typer.Option(min=0, help="Stay on this processor, with servers of our own.")
    ] = None,
) -> None:
    """Let worlds live: one seed, one world. Exit code 1 and the seed when anything happened that must not.

    Ctrl-C ends it; with --record every seed that came to its end is kept, and --continue goes on from there.
    """
    if context.invoked_subcommand is not None:
        return
    _be_repeatable()
    try:
        chosen = report.seeds_of(seeds)
    except ValueError:
        raise typer.BadParameter("such as 1-5 or 3,7", param_hint="--seeds") from None
    _stay_on(processor)
    part = Part(report.commit_of(), days, users)
    if resume:
        done = {seed for one in report.recorded() if one.commit == part.commit for seed in one.seeds}
        chosen = [seed for seed in chosen if seed not in done]
    violated = _run(part, chosen, (postgres, valkey), json_file, hostile=not happy, record=record)
    raise typer.Exit(VIOLATED if violated else 0)


@cli.command()
def figures() -> None:
    """Write into the README what simulation/runs.jsonl says."""
    report.README.write_text(report.with_figures(report.README.read_text(), report.recorded()))


@cli.command()
def planted(
    only: Annotated[list[str] | None, typer.Option(help="This fault; repeatable.")] = None,
    seeds: Annotated[str, typer.Option(help="Tried in this order.")] = f"1-{planting.AT_MOST}",
) -> None:
    """Plant one fault after the other in a copy of the code: is each found? Exit code 1 if one is not."""
    missed = False
    with (
        signals_interrupt(),
        TemporaryDirectory(prefix="planted-") as folder,
        _servers(None, None) as servers,
    ):
        tree = Tree(planting.ROOT, Path(folder) / "tree")
        for fault in planting.load():
            if only and fault.name not in only:
                continue
            try:
                found = planting.find(tree, fault, servers, report.seeds_of(seeds))
            except planting.NoHistory as error:
                missed, said = True, f"NO HISTORY: {error}"
            else:
                missed = missed or found is None
                said = f"seed {found.seed}: {found.findings[0]}" if found else "NOT FOUND"
            typer.echo(f"{fault.name}: {said}")
    raise typer.Exit(VIOLATED if missed else 0)


def _be_repeatable() -> None:
    """The order of a set of words is no matter of chance either."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(  # noqa: S606 (ourselves again)
            sys.executable,
            [sys.executable, "-m", "simulation", *sys.argv[1:]],
            os.environ | {"PYTHONHASHSEED": "0"},
        )


def _stay_on(processor: int | None) -> None:
    """Only one of us and our servers runs at a time: to wake another processor each time takes a quarter of it all."""
    if processor is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {processor % (os.cpu_count() or 1)})


def _collect_seldom() -> None:
    """What is there by now stays to the end, and what a world leaves behind is little beside what there is room for."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def _run(
    part: Part,
    seeds: list[int],
    servers: tuple[str | None, str | None],
    json_file: Path | None,
    *,
    hostile: bool,
    record: bool,
) -> bool:
    """Whether anything happened that must not. Ctrl-C is an end like another."""
    histories: list[History] = []
    try:
        with signals_interrupt(), _stage(*servers) as stage:
            app = application(stage)
            _collect_seldom()
            for seed in seeds:
                history = live_through(stage, app, seed, days=part.days, users=part.users, hostile=hostile)
                histories.append(history)
                part.add(history)
                if record and part.seeds:
                    report.record(part)
                _tell(history, part)
    except CannotStart as error:
        raise SystemExit(f"simulation: {error}") from None
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
    if json_file:
        json_file.write_text(json.dumps([history.as_dict() for history in histories], indent=1))
    if hostile and (silent := report.never_fired(part.happened)):
        typer.echo(f"never fired: {', '.join(silent)}")
    return any(history.findings for history in histories)


@contextmanager
def _stage(postgres: str | None, valkey: str | None) -> Iterator[Stage]:
    logging.disable(logging.CRITICAL)
    if find_spec("sniffio") is None:
        # The HTTP library asks for it before each call of an application, and Python looks through every folder again.
        sys.modules["sniffio"] = None  # type: ignore[assignment]
    watch_logs()
    with _servers(postgres, valkey) as servers, Stage.on(*servers) as stage:
        yield stage


@contextmanager
def _servers(postgres: str | None, valkey: str | None) -> Iterator[tuple[str, str]]:
    if postgres and valkey:
        yield postgres, valkey
        return
    with (
        TemporaryDirectory(prefix="simulation-") as folder,
        embedded_servers(Path(folder) / "servers", throwaway=True) as own,
    ):
        yield own.database_url, own.redis_url


def _tell(history: History, part: Part) -> None:
    figures = history.figures
    if figures is None or history.findings:
        typer.echo(f"seed {history.seed}: VIOLATED")
        for finding in history.findings[:10]:
            typer.echo(f"    {finding}")
        again = f"python -m simulation --seeds {history.seed} --days {part.days} --users {part.users}"
        typer.echo(f"    again: {again}")
        return
    faults = sum(count for what, count in history.happened.items() if what.startswith(report.FAULT))
    typer.echo(
        f"seed {history.seed}: {figures.digest}  {figures.purchases} purchases, {figures.renewals} renewals, "
        f"{figures.refunds} refunds, {figures.paid} in, {figures.returned} back; {faults} faults, "
        f"{history.happened['hours checked']} hours looked at ({history.seconds:.0f} s)"
    )


if __name__ == "__main__":
    cli()
