"""`billing-service refund-requests …`: who wants his money back, from the command line."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

from billing_service.audit.service import Deed
from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, Why, stated, stop
from billing_service.refund_requests import service
from billing_service.refund_requests.queries import Case
from billing_service.refund_requests.schemas import case_number
from billing_service.services import Services, Verb

CaseId = Annotated[UUID, typer.Argument(help="The id of the request, as `list` shows it.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")]


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="Payers who ask for their money: list them, refuse one.")

    @app.command(name="list")
    def list_open(limit: Limit = 200) -> None:
        """Those that are open, the one that must be answered first on top. `refund PAYMENT_ID` grants one."""

        async def show(services: Services) -> None:
            cases = await service.list_open(services, limit=limit)
            if not cases:
                typer.echo("nobody waits for an answer")
            for case in cases:
                _show(case)

        run(show)

    @app.command()
    def refuse(refund_request_id: CaseId, author: Who, reason: Why) -> None:
        """Conclude one without a refund; the payer reads the reason. What is concluded stays as it is."""
        deed = Deed(CLI, *stated(author, reason), "")

        async def act(services: Services) -> None:
            case = await service.refuse(services, refund_request_id, deed)
            _show(case)
            if case.concluded_at is None:
                stop("not refused: money of it is on its way back")

        run(act)

    return app


def _show(case: Case) -> None:
    became = f"answer by {case.answer_by:%Y-%m-%d %H:%M} UTC"
    if case.concluded_at:
        became = f"refused by {case.refused_by}: {case.refusal}" if case.refusal else "refunded"
    typer.echo(
        f"{case.id}  {case_number(case)}, user {case.user_id}, {case.amount} {case.currency} of payment "
        f"{case.payment_id}, {became}: {case.reason}"
    )
