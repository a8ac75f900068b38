"""`billing-service webhooks …`: what an operator may do about a notification, from the command line."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated
from uuid import uuid4

import typer

from billing_service.audit.service import Deed
from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, Why, stated, stop
from billing_service.services import Verb
from billing_service.webhooks import service
from billing_service.webhooks.service import NothingToClose, NotThere

LogId = Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="The id in webhook_logs.")]


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="Notifications of YooKassa's: look again, or close.")

    def _do(deed: Callable[..., Awaitable[None]], log_id: int, author: str, reason: str) -> None:
        who = Deed(CLI, *stated(author, reason), uuid4().hex)
        try:
            run(partial(deed, log_id=log_id, deed=who))
        except NotThere:
            stop("there is no such notification")
        except NothingToClose as error:
            stop(f"nothing to close: it is {error}")

    @app.command()
    def replay(log_id: LogId, author: Who, reason: Why) -> None:
        """Let a worker ask YooKassa once more what became of the payment, and settle it."""
        _do(service.replay, log_id, author, reason)
        typer.echo(f"notification {log_id} will be looked at by the next free worker")

    @app.command()
    def close(log_id: LogId, author: Who, reason: Why) -> None:
        """Look at it no more; a later copy or a replay opens it again. No payment is changed."""
        _do(service.close, log_id, author, reason)
        typer.echo(f"notification {log_id} is closed")

    return app
