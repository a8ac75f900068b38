"""`python -m mutants.drawn`, or `make drawn`: changes made where a seed points, and how many go unseen."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from billing_service.dev.errors import CannotStart
from billing_service.dev.interruptions import signals_interrupt
from billing_service.dev.servers import Servers, embedded_servers
from mutants.change import Change
from mutants.drawing import ROOMS, SOURCE, Place, draw, places
from mutants.reach import Reach
from mutants.results import Results
from mutants.run import Run
from mutants.running import Pytest
from mutants.tree import Tree
from mutants.trial import CANNOT_BEGIN, Verdict, passes_unchanged, try_out

ROOT = Path(__file__).parents[1]
# Those that drive the rooms in this process: what a started process runs, coverage does not see.
TESTS = (
    *(f"tests/{room}" for room in ROOMS),
    *("tests/bad_days", "tests/charging", "tests/provider_calls", "tests/receipts", "tests/stories"),
    *(
        "tests/legacy",
        "tests/refund_requests",
        "tests/resolutions",
        "tests/subscriptions",
        "tests/webhooks",
        "tests/web",
    ),
)
COVERAGE, SECONDS = ".reach.coverage", ".reach.json"
UNREACHED = Verdict(None, "no test runs it")
STARTS_COMMANDS = "from tests.command import"


@dataclass(frozen=True)
class Drawn:
    """The trial of what was drawn: its tests are those that run its line, the quickest first."""

    reach: Reach
    at: Mapping[str, Place]

    async def __call__(self, tree: Tree, pytest: Pytest, servers: Servers, change: Change) -> Verdict:
        place, verdict = self.at[change.name], UNREACHED
        for tests in self.reach.waves(str(place.file), place.line) or _of_commands(tree, place):
            verdict = await try_out(
                tree, pytest, servers, replace(change, noticed_by=tests), stages_count=True
            )
            if verdict.noticed_by or verdict.why.startswith(CANNOT_BEGIN):
                break
        return verdict


def _of_commands(tree: Tree, place: Place) -> Sequence[Sequence[str]]:
    """What a started command runs, coverage does not see: the tests of the room that start one."""
    folder = tree.path / "tests" / place.file.relative_to(SOURCE).parts[0]
    files = [file for file in sorted(folder.glob("test_*.py")) if STARTS_COMMANDS in file.read_text()]
    return [[str(file.relative_to(tree.path)) for file in files]] if files else []


def main(
    number: Annotated[int, typer.Option(min=1, help="How many changes to draw.")] = 300,
    seed: Annotated[
        int | None, typer.Option(help="Draw those of this seed again; without, it is printed.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many at once, each in a copy of its own.")] = 1,
    json_file: Annotated[Path, typer.Option("--json", help="Who noticed what, as far as tried.")] = ROOT
    / ".mutants.drawn.json",
    resume: Annotated[
        bool, typer.Option("--continue", help="Leave out what that file knows of this code.")
    ] = False,
) -> None:
    """Change the code where a seed points, once for each trial, and run the tests that run that line.

    Nothing is asked of the number that survive: each is to be judged. Exit code 2 if nothing can be told.
    """
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    typer.echo(f"seed {seed}: drawing {number} changes")
    changes = draw(ROOT, places(ROOT, ROOMS), seed=seed, number=number)
    try:
        verdicts = _tried(changes, jobs, json_file, resume=resume)
    except CannotStart as error:
        raise SystemExit(f"mutants: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit(f"mutants: interrupted; --seed {seed} --continue goes on from here") from None
    _report(seed, [(change, verdicts[change.name]) for _, change in changes])


def _report(seed: int, tried: Sequence[tuple[Change, Verdict]]) -> None:
    broken = [change for change, verdict in tried if verdict.why.startswith(CANNOT_BEGIN)]
    viable = [(change, verdict) for change, verdict in tried if not verdict.why.startswith(CANNOT_BEGIN)]
    survived = [(change, verdict) for change, verdict in viable if verdict.noticed_by is None]
    for change, verdict in survived:
        typer.echo(f"\nSURVIVED {change.name}: {verdict.why}\n    {change.promise}")
    noticed = len(viable) - len(survived)
    score = f"{100 * noticed / len(viable):.1f} %" if viable else "nothing to tell"
    typer.echo(
        f"\nseed {seed}: {noticed} of {len(viable)} were noticed, {score}; {len(broken)} more let nothing begin"
    )


def _tried(
    changes: Sequence[tuple[Place, Change]], jobs: int, json_file: Path, *, resume: bool
) -> Mapping[str, Verdict]:
    with signals_interrupt(), TemporaryDirectory(prefix="mutants-") as folder:
        trees = [Tree(ROOT, Path(folder) / f"tree-{number}") for number in range(jobs)]
        results = Results(json_file, trees[0].fingerprint())
        if resume and not results.resume():
            typer.echo("nothing is known of this state of the code: all changes are tried")
        left = [(place, change) for place, change in changes if change.name not in results.verdicts]
        if left:
            with embedded_servers(Path(folder) / "servers", throwaway=True) as servers:
                asyncio.run(_run(servers, trees, left, results))
    return results.verdicts


async def _run(
    servers: Servers, trees: Sequence[Tree], changes: Sequence[tuple[Place, Change]], results: Results
) -> None:
    typer.echo(f"{len(changes)} to try; first, which test runs which line (some minutes)")
    drawn = Drawn(await _reach(trees[0], servers), {change.name: place for place, change in changes})
    await Run(servers, trees, [change for _, change in changes], results, drawn).try_all()


async def _reach(tree: Tree, servers: Servers) -> Reach:
    """From one run of the tests on the code as it is; it leaves the database at head, as `try_out` needs it."""
    options = (
        *("-p", "mutants.seconds", "--seconds", SECONDS, "-m", "not slow", "-o", "timeout=300"),
        *(f"--cov={SOURCE}", "--cov-context=test", "--cov-report="),
    )
    async with Pytest.of(tree) as pytest:
        ran = await passes_unchanged(pytest, servers, TESTS, *options, within=3600, COVERAGE_FILE=COVERAGE)
    if not (tree.path / SECONDS).exists():
        typer.echo(ran.output[-4000:], err=True)
        raise typer.Exit(2)
    return Reach.read(tree.path, tree.path / COVERAGE, tree.path / SECONDS)


if __name__ == "__main__":
    typer.run(main)
