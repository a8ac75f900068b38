"""`billing-service receipts …`: what an operator does about the keys of the contacts."""

from collections.abc import Callable

import typer

from billing_service.receipts import service
from billing_service.services import Services, Verb


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="Where receipts go.")

    @app.callback()
    def receipts() -> None:
        """Where receipts go."""

    @app.command(name="rotate-keys")
    def rotate_keys() -> None:
        """Seal every contact anew by the first key, so that older ones can be dropped."""

        async def rotate(services: Services) -> None:
            sealed = await service.seal_anew(services)
            typer.echo(f"{sealed} sealed anew: the older keys are no longer needed for them")

        run(rotate)

    return app
