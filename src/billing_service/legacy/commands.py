"""`billing-service legacy …`: moving in, from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from billing_service.kit.commands import stop
from billing_service.legacy import reports
from billing_service.legacy.importing import AnotherImportRuns, import_all
from billing_service.legacy.source import NotTheLegacy
from billing_service.services import Services, Verb

From = Annotated[
    str,
    typer.Option("--from", envvar="LEGACY_DATABASE_URL", help="The old database: postgresql://…; only read."),
]
Schema = Annotated[str, typer.Option(help="The schema of the old tables.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything, report, and undo it all.")]
Report = Annotated[Path | None, typer.Option(help="Keep the proof and every difference in this file.")]


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="Moving in from the service before this one.")

    @app.command(name="import")
    def import_tables(
        *, url: From, schema: Schema = "public", dry_run: DryRun = False, report: Report = None
    ) -> None:
        """Take the old tables over, and prove it; exit code 1 if it is not proved. Safe to repeat and to interrupt."""

        async def act(services: Services) -> None:
            try:
                imported = await import_all(
                    services, url, schema=schema, rehearse=dry_run, report=report, tell=_tell
                )
            except NotTheLegacy as error:
                stop(f"the old database: {error}")
            except AnotherImportRuns:
                stop("another import is running")
            typer.echo("\n".join(reports.text_of(imported.proof)))
            if dry_run:
                typer.echo("this was a rehearsal: nothing was written")
            if not imported.proof.is_whole:
                raise typer.Exit(code=1)

        run(act)

    return app


def _tell(step: str) -> None:
    typer.echo(step, err=True)
