"""`python -m mutants`, or `make mutants`."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from billing_service.dev.errors import CannotStart
from billing_service.dev.interruptions import signals_interrupt
from billing_service.dev.servers import embedded_servers
from mutants.change import Change, chosen, load
from mutants.results import Results
from mutants.run import Run
from mutants.running import ALL_PASSED, Pytest
from mutants.tree import Tree
from mutants.trial import passes_unchanged, try_out

ROOT = Path(__file__).parents[1]
SURVIVED, CANNOT_TELL = 1, 2


def main(
    only: Annotated[
        list[str] | None, typer.Option(help="This change, or those of these files; repeatable.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many at once, each in a copy of its own.")] = 1,
    json_file: Annotated[Path, typer.Option("--json", help="Who noticed what, as far as tried.")] = ROOT
    / ".mutants.json",
    resume: Annotated[
        bool, typer.Option("--continue", help="Leave out what that file knows of this code.")
    ] = False,
) -> None:
    """Try changes that must not go unseen, one at a time, in a copy of the tree: does a test notice each?

    Exit code 1 if one survived, 2 if that cannot be told: the list is out of date, or a test fails without any change.
    """
    try:
        changes = chosen(load(), only or [])
    except LookupError as error:
        raise typer.BadParameter(f"there is no change {error}", param_hint="--only") from None
    stale = [f"{change.name}: {reason}" for change in changes for reason in change.stale(ROOT)]
    if stale:
        typer.echo("\n".join(stale), err=True)
        raise typer.Exit(CANNOT_TELL)
    try:
        survivors = _survivors(changes, jobs, json_file, resume=resume)
    except CannotStart as error:
        raise SystemExit(f"mutants: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit("mutants: interrupted; --continue goes on from here") from None
    typer.echo(f"\n{len(changes) - len(survivors)} of {len(changes)} changes were noticed")
    for change in survivors:
        typer.echo(f"SURVIVED {change.name}: nothing tests that {change.promise}")
    raise typer.Exit(SURVIVED if survivors else 0)


def _survivors(changes: Sequence[Change], jobs: int, json_file: Path, *, resume: bool) -> Sequence[Change]:
    with signals_interrupt(), TemporaryDirectory(prefix="mutants-") as folder:
        trees = [Tree(ROOT, Path(folder) / f"tree-{number}") for number in range(jobs)]
        results = Results(json_file, trees[0].fingerprint())
        if resume and not results.resume():
            typer.echo("nothing is known of this state of the code: all changes are tried")
        left = [change for change in changes if change.name not in results.verdicts]
        if left:
            with embedded_servers(Path(folder) / "servers", throwaway=True) as servers:
                asyncio.run(_run(Run(servers, trees, left, results, try_out)))
    return [change for change in changes if results.verdicts[change.name].noticed_by is None]


async def _run(run: Run) -> None:
    await _unchanged(run)
    await run.try_all()


async def _unchanged(run: Run) -> None:
    """Only a test that passes without the change can notice it."""
    tests = sorted({test for change in run.changes for test in change.noticed_by})
    typer.echo(f"{len(run.changes)} changes; first their tests on the code as it is")
    async with Pytest.of(run.trees[0]) as pytest:
        ran = await passes_unchanged(pytest, run.servers, tests)
    if ran.status != ALL_PASSED:
        typer.echo(ran.output[-4000:], err=True)
        raise typer.Exit(CANNOT_TELL)


if __name__ == "__main__":
    typer.run(main)
