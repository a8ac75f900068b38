"""`billing-service payments …`: what waits for a person, and what he decides."""

from collections.abc import Callable
from typing import Annotated

import typer

from billing_service.audit.service import Deed
from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, Why, Yes, stated, stop
from billing_service.resolutions import service
from billing_service.resolutions.decisions import CannotResolve, Decision, Verb
from billing_service.resolutions.service import Outcome
from billing_service.services import Services
from billing_service.services import Verb as Act
from billing_service.web.dependencies import MAX_BIGINT
from billing_service.yookassa.errors import YookassaError

Subject = Annotated[
    str, typer.Argument(metavar="ID", help="Of a payment, ours or YooKassa's, or what the alarm names.")
]
Grant = Annotated[bool, typer.Option("--grant", help="The payer gets, or keeps, the days.")]
Refund = Annotated[bool, typer.Option("--refund", help="All that is left of it goes back.")]
Dismiss = Annotated[bool, typer.Option("--dismiss", help="Nothing is to be done, or it was done elsewhere.")]
User = Annotated[
    int | None, typer.Option(min=1, max=MAX_BIGINT, help="Whose it is, if the object does not say so.")
]
Plan = Annotated[str | None, typer.Option(help="What was paid for, if the object does not say so.")]


def commands(run: Callable[[Act], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="Payments that only a person can decide.")

    @app.command()
    def unresolved() -> None:
        """List what waits for a person: alarms about payments and refunds, notifications that were given up."""
        run(_list)

    @app.command()
    def resolve(
        *,
        subject: Subject,
        author: Who,
        reason: Why,
        grant: Grant = False,
        refund: Refund = False,
        dismiss: Dismiss = False,
        user: User = None,
        plan: Plan = None,
        yes: Yes = False,
    ) -> None:
        """Decide: --grant, --refund or --dismiss. A second time changes nothing."""
        verb = _verb(grant=grant, refund=refund, dismiss=dismiss)
        decision = Decision(subject, verb, Deed(CLI, *stated(author, reason), ""), user, plan)
        if verb is Verb.REFUND and not yes:
            typer.confirm("all that is left of it goes back: send it?", abort=True)

        async def act(services: Services) -> None:
            try:
                _show(await service.resolve(services, decision))
            except CannotResolve as error:
                stop(str(error))
            except YookassaError as error:
                stop(f"YooKassa did not answer: {error}; nothing was decided, repeat it")

        run(act)

    return app


async def _list(services: Services) -> None:
    found = await service.list_unresolved(services)
    for alarm in found.alarms:
        facts = ", ".join(f"{name} {fact}" for name, fact in alarm.facts.items())
        typer.echo(f"{alarm.since:%Y-%m-%d %H:%M} UTC  {alarm.subject}  {alarm.kind}: {facts}")
    for one in found.notifications:
        because = one.because or "nothing came of it"
        typer.echo(f"notification {one.log_id}  {one.yookassa_payment_id}  given up: {because}")
    if not (found.alarms or found.notifications):
        typer.echo("nothing waits for a person")


def _verb(**said: bool) -> Verb:
    verbs = [Verb(name) for name, wanted in said.items() if wanted]
    if len(verbs) != 1:
        stop("say one of --grant, --refund, --dismiss")
    return verbs[0]


def _show(outcome: Outcome) -> None:
    typer.echo(str(outcome.done))
    for kind in outcome.alarms:
        typer.echo(f"no longer stands: {kind}")
    if outcome.notifications:
        typer.echo(f"notifications closed: {outcome.notifications}")
    if outcome.before:
        typer.echo(f"decided before by {outcome.before.author}: {outcome.before.reason}")
