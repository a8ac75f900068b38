"""`billing-service user`: everything about one user on one screen, for support."""

from collections.abc import Callable
from typing import Annotated

import typer

from billing_service.services import Services, Verb
from billing_service.user_overviews import service
from billing_service.user_overviews.text import Page
from billing_service.web.dependencies import MAX_BIGINT

User = Annotated[int, typer.Argument(min=1, max=MAX_BIGINT, help="The user's id in the main backend.")]


def add_to(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    """The command `user`; `run` lends it the services of this installation."""

    @app.command()
    def user(user_id: User) -> None:
        """How a user stands and why, what became of his newest payment, and everything that belongs to him; in
        Russian. Changes nothing."""

        async def show(services: Services) -> None:
            page = Page(await service.read(services, user_id), services.settings)
            typer.echo("\n".join(page.lines()))

        run(show)
