"""`billing-service charging …`: the stop switch from the command line."""

from collections.abc import Callable

import typer

from billing_service.audit.service import Deed
from billing_service.charging import service
from billing_service.charging.service import Charging
from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, Why, stated
from billing_service.services import Services, Verb


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="Are saved methods charged? Stop it, start it.")

    @app.command()
    def status() -> None:
        """Say whether saved methods are charged, and who stopped it."""

        async def show(services: Services) -> None:
            _show(await service.read(services))

        run(show)

    @app.command()
    def stop(author: Who, reason: Why) -> None:
        """Charge nobody from now on, in every process. What has left already is settled as ever."""
        deed = Deed(CLI, *stated(author, reason), "")

        async def act(services: Services) -> None:
            _show(await service.stop(services, deed))

        run(act)

    @app.command()
    def start(author: Who, reason: Why) -> None:
        """Lift every stop, whoever set it: an operator, the audit or a jump of declines."""
        deed = Deed(CLI, *stated(author, reason), "")

        async def act(services: Services) -> None:
            _show(await service.start(services, deed))

        run(act)

    return app


def _show(charging: Charging) -> None:
    typer.echo("saved methods are charged" if charging.is_charging else "nobody is charged")
    if not charging.enabled:
        typer.echo("BILLING_RECURRING_ENABLED is off")
    for stop in charging.stops:
        since = f"{stop.stopped_since:%Y-%m-%d %H:%M:%S} UTC"
        typer.echo(f"stopped by {stop.source} ({stop.author}) since {since}: {stop.reason}")
