"""`billing-service move-user`: make a user another number, from the command line."""

from collections.abc import Callable
from typing import Annotated

import typer

from billing_service.audit.service import Deed
from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, Why, Yes, stated
from billing_service.services import Services, Verb
from billing_service.user_moves import service
from billing_service.user_moves.queries import Known
from billing_service.web.dependencies import MAX_BIGINT

From = Annotated[int, typer.Argument(min=1, max=MAX_BIGINT, help="Who he was, in the main backend.")]
To = Annotated[int, typer.Argument(min=1, max=MAX_BIGINT, help="Who he is from now on.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]


def add_to(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    """The command `move-user`; `run` lends it the services of this installation."""

    @app.command()
    def move_user(
        *,
        from_user_id: From,
        to_user_id: To,
        author: Who,
        reason: Why,
        dry_run: DryRun = False,
        yes: Yes = False,
    ) -> None:
        """Make all that is a user's another number's: shows what would move, and asks. A repeat changes nothing."""
        deed = Deed(CLI, *stated(author, reason), "")

        async def act(services: Services) -> None:
            _show(await service.preview(services, from_user_id, to_user_id, deed))
            if dry_run:
                return
            if not yes:
                typer.confirm(f"user {from_user_id} is user {to_user_id} from now on: move?", abort=True)
            done = await service.move(services, from_user_id, to_user_id, deed)
            typer.echo(f"moved at {done.moved_at:%Y-%m-%d %H:%M:%S} UTC")

        run(act)


def _show(move: Known) -> None:
    for table, rows in sorted(move.moved.items()):
        if rows:
            typer.echo(f"{table}: {rows}")
    if not any(move.moved.values()):
        typer.echo(f"nothing is known of user {move.from_user_id}")
