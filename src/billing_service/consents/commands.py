"""`billing-service consents …`: what a user agreed to, for whoever has to prove it."""

import json
from collections.abc import Callable
from typing import Annotated

import typer

from billing_service.consents import service
from billing_service.services import Services, Verb

UserId = Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="The user's id in the main backend.")]
EXPORTED = (
    *("id", "document_version", "plan_code", "amount", "currency", "period_days", "given_with", "given_at"),
    *("caller", "payer_ip", "payer_agent", "withdrawn_at", "withdrawn_by"),
)


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="What users agreed to.")

    @app.callback()
    def consents() -> None:
        """What users agreed to."""

    @app.command()
    def export(user_id: UserId) -> None:
        """Print everything a user agreed to, as JSON, the newest first, what was withdrawn included."""

        async def print_all(services: Services) -> None:
            listed = await service.list_of(services, user_id)
            rows = [{name: getattr(one, name) for name in EXPORTED} for one in listed]
            typer.echo(json.dumps(rows, default=str, ensure_ascii=False, indent=2))

        run(print_all)

    return app
