"""`billing-service payment-methods …`: what an operator does about their keys."""

from collections.abc import Callable

import typer

from billing_service.kit.commands import stop
from billing_service.kit.crypto import UnreadableSecret
from billing_service.payment_methods.rotation import seal_anew
from billing_service.services import Services, Verb

DROPPED_TOO_EARLY = (
    "a stored id opens with none of BILLING_ENCRYPTION_KEYS: put the key that sealed it back as the last one, "
    "and run this again"
)


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="Saved payment methods.")

    @app.callback()
    def payment_methods() -> None:
        """Saved payment methods."""

    @app.command(name="rotate-keys")
    def rotate_keys() -> None:
        """Seal and digest every stored id anew by the first keys, so that older ones can be dropped."""

        async def rotate(services: Services) -> None:
            try:
                sealed = await seal_anew(services)
            except UnreadableSecret:
                stop(DROPPED_TOO_EARLY)
            typer.echo(f"{sealed} sealed anew: the older keys are no longer needed for them")

        run(rotate)

    return app
