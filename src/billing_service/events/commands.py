"""`billing-service events …`: what an operator may do about events, from the command line."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from billing_service.events import service
from billing_service.kit.commands import stop
from billing_service.services import Services, Verb

FORMATS = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"]
Since = Annotated[
    datetime, typer.Option("--from", formats=FORMATS, help="What happened from then on, in BILLING_TIMEZONE.")
]
Until = Annotated[datetime, typer.Option("--to", formats=FORMATS, help="And before that instant.")]


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="What the main backend is told: send it once more.")

    @app.callback()
    def events() -> None:
        """What the main backend is told."""

    @app.command()
    def replay(since: Since, until: Until) -> None:
        """Send everything that happened between two instants once more, as it was. Safe to repeat: what waits to be
        sent is not doubled."""
        if until <= since:
            stop("--to must be later than --from")

        async def send_again(services: Services) -> None:
            zone = services.settings.billing_timezone
            count = await service.replay_all(services, since.replace(tzinfo=zone), until.replace(tzinfo=zone))
            typer.echo(f"{count} events will be sent once more by the next free worker")
            if services.settings.events_url is None:
                typer.echo("EVENTS_URL is not set here: nothing is sent until it is", err=True)

        run(send_again)

    return app
