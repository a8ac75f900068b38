"""`billing-service legacy …`: moving in, from the command line."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from starlette.types import ASGIApp

from billing_service.audit.service import Deed
from billing_service.config import Settings
from billing_service.kit.callers import CLI
from billing_service.kit.commands import stated, stop
from billing_service.kit.db import is_unavailable, unavailable_because
from billing_service.kit.http import httpx
from billing_service.legacy import comparing, exporting, findings, repairing, reports
from billing_service.legacy.importing import AnotherImportRuns, import_all
from billing_service.legacy.source import NotTheLegacy
from billing_service.services import Services, Verb
from billing_service.yookassa.errors import YookassaError

From = Annotated[
    str,
    typer.Option("--from", envvar="LEGACY_DATABASE_URL", help="The old database: postgresql://…; only read."),
]
Schema = Annotated[str, typer.Option(help="The schema of the old tables.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything, report, and undo it all.")]
Report = Annotated[Path | None, typer.Option(help="Keep the proof and every difference in this file.")]


Users = Annotated[Path | None, typer.Option(help="Whom to ask about: a line a user.")]
Sample = Annotated[int | None, typer.Option(min=1, max=100_000, help="Ask about so many of those who came.")]
Legacy = Annotated[str | None, typer.Option(help="Where the old service answers: https://…")]
Headers = Annotated[
    Path | None,
    typer.Option(help="What the old service wants to be told: a file of Name: value, with {user}."),
]
Repair = Annotated[
    Literal["propose", "apply"] | None,
    typer.Option(help="Ask YooKassa who paid and did not get: name everybody, or give him what he paid for."),
]
Author = Annotated[str, typer.Option(help="Who decides it; kept in the audit log.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the audit log.")]
CreateApp = Callable[[Settings, Services], ASGIApp]


def commands(run: Callable[[Verb], None], create_app: CreateApp) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation, `create_app` makes its HTTP."""
    app = typer.Typer(no_args_is_help=True, help="Moving in from the service before this one.")
    _add_import(app, run)
    _add_compare(app, run, create_app)
    _add_export(app, run)
    return app


def _add_import(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    @app.command(name="import")
    def import_tables(
        *, url: From, schema: Schema = "public", dry_run: DryRun = False, report: Report = None
    ) -> None:
        """Take the old tables over, and prove it; exit code 1 if it is not proved. Safe to repeat and to interrupt."""

        if report and not report.parent.is_dir():
            stop(f"--report: there is no folder {report.parent}")

        async def act(services: Services) -> None:
            with _in_one_line():
                imported = await import_all(
                    services, url, schema=schema, rehearse=dry_run, report=report, tell=_tell
                )
            typer.echo("\n".join(reports.text_of(imported.proof)))
            if dry_run:
                typer.echo("this was a rehearsal: nothing was written")
            if not imported.proof.is_whole:
                raise typer.Exit(code=1)

        run(act)


def _add_compare(app: typer.Typer, run: Callable[[Verb], None], create_app: CreateApp) -> None:
    @app.command(name="compare")
    def compare_services(
        *,
        users: Users = None,
        sample: Sample = None,
        legacy: Legacy = None,
        headers: Headers = None,
        repair: Repair = None,
        author: Author = "",
        reason: Reason = "",
    ) -> None:
        """Ask both services about the same users, or YooKassa about everybody; exit code 1 if something differs."""
        if repair:
            deed = Deed(CLI, *stated(author, reason), "legacy-repair") if repair == "apply" else None
            run(lambda services: _repair(services, deed))
            return
        shadow = _Shadow(create_app, legacy or "", users, sample, headers)
        if not shadow.is_whole:
            stop("say --legacy URL and whom to ask about, --users FILE or --sample N; or --repair")
        run(shadow.ask)


def _add_export(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    @app.command(name="export")
    def export_changes(*, schema: Schema = "public") -> None:
        """The way back: print SQL that tells the old tables what has happened here since. It changes nothing."""

        async def act(services: Services) -> None:
            async for statement in exporting.statements(services, schema):
                typer.echo(statement)

        run(act)


@dataclass(frozen=True)
class _Shadow:
    """Both services, asked about the same users."""

    create_app: CreateApp
    url: str
    users: Path | None
    sample: int | None
    headers: Path | None

    @property
    def is_whole(self) -> bool:
        return bool(self.url) and (self.users is None) != (self.sample is None)

    async def ask(self, services: Services) -> None:
        asked, told = await self._read(services)
        settings, token = comparing.own_token(services.settings)
        here = self.create_app(settings, replace(services, settings=settings))
        unexplained = 0
        try:
            async for difference in comparing.compare(
                asked, legacy_url=self.url, headers=told, app=here, token=token
            ):
                unexplained += not difference.because
                typer.echo(comparing.text_of(difference))
        except httpx.HTTPError as error:
            stop(f"the old service did not answer: {type(error).__name__}")
        typer.echo(f"{len(asked)} users asked about, {unexplained} differences that nobody can explain")
        if unexplained:
            raise typer.Exit(code=1)

    async def _read(self, services: Services) -> tuple[list[comparing.Asked], Mapping[str, str]]:
        try:
            told = comparing.read_headers(self.headers) if self.headers else {"X-User-Id": "{user}"}
            asked = comparing.read_users(self.users) if self.users else await _sample(services, self.sample)
        except (comparing.Unreadable, OSError) as error:
            stop(str(error))
        return asked, told


async def _sample(services: Services, number: int | None) -> list[comparing.Asked]:
    async with services.statements.transaction() as tx:
        return await comparing.sample(tx, number or 0)


async def _repair(services: Services, deed: Deed | None) -> None:
    left = found = 0
    try:
        async for finding in repairing.repair(services, deed):
            found, left = found + 1, left + (not finding.done)
            typer.echo(findings.text_of(finding))
    except YookassaError as error:
        stop(f"YooKassa did not answer: {error}; what was mended stays, repeat it")
    typer.echo(f"{found} found, {found - left} mended")
    if left:
        raise typer.Exit(code=1)


@contextmanager
def _in_one_line() -> Iterator[None]:
    """What ends an import is said so, and what can be done about it."""
    try:
        yield
    except NotTheLegacy as error:
        stop(f"the old database: {error}")
    except AnotherImportRuns:
        stop("another import is running")
    except Exception as error:
        if not is_unavailable(error):
            raise
        stop(f"a database {unavailable_because(error)}; what was written stays: run it again")


def _tell(step: str) -> None:
    typer.echo(step, err=True)
