"""`billing-service erase`: forget who a user is, from the command line."""

from collections.abc import Callable
from typing import Annotated

import typer

from billing_service.audit.service import Deed
from billing_service.erasure import service
from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, Why, Yes, stated
from billing_service.services import Services, Verb
from billing_service.web.dependencies import MAX_BIGINT

User = Annotated[int, typer.Argument(min=1, max=MAX_BIGINT, help="The user's id in the main backend.")]


def add_to(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    """The command `erase`; `run` lends it the services of this installation."""

    @app.command()
    def erase(user_id: User, author: Who, reason: Why, *, yes: Yes = False) -> None:
        """Charge him no more, and erase whatever says who he is. Money and days stay under his number."""
        deed = Deed(CLI, *stated(author, reason), "")
        if not yes:
            typer.confirm(
                f"user {user_id} cannot be charged any more, and nothing brings it back: erase?", abort=True
            )

        async def act(services: Services) -> None:
            erased = await service.erase(services, user_id, deed)
            for table, rows in erased.rows.items():
                if rows:
                    typer.echo(f"{table}: {rows}")
            typer.echo(f"erased at {erased.at:%Y-%m-%d %H:%M:%S} UTC")
            if erased.in_flight:
                typer.echo(f"charge {erased.in_flight.id} had left before and is settled as ever")

        run(act)
