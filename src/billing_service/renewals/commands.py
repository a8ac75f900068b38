"""`billing-service renewals …`: who will be charged what, from the command line."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

import typer

from billing_service.kit.money import to_wire
from billing_service.outlooks.service import Looked
from billing_service.renewals.candidates import preview
from billing_service.renewals.schemas import by_day, forecast_out
from billing_service.services import Services, Verb

Days = Annotated[int, typer.Option(min=1, max=31, help="How many days ahead.")]
AsJson = Annotated[bool, typer.Option("--json", help="As the API answers it.")]


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="Subscriptions that renew themselves.")

    @app.command(name="preview")
    def preview_all(*, days: Days = 7, as_json: AsJson = False) -> None:
        """Who would be charged what and when, and why the others not. It changes nothing and calls nobody."""

        async def show(services: Services) -> None:
            looked = [one async for one in preview(services, timedelta(days=days))]
            zone = services.settings.billing_timezone
            if as_json:
                typer.echo(json.dumps(forecast_out(looked, zone).model_dump(mode="json"), ensure_ascii=False))
                return
            if not looked:
                typer.echo(f"no subscription is due within {days} days")
            for one in looked:
                typer.echo(_line(one))
            for day in by_day(looked, zone):
                typer.echo(f"{day.date}: {day.charges} charges, {day.amount} RUB")

        run(show)

    return app


def _line(looked: Looked) -> str:
    facts, outlook = looked.known.facts, looked.outlook
    ends = f"{facts.last.ends:%Y-%m-%d %H:%M} UTC" if facts.last else "never"
    because = f" ({outlook.because})" if outlook.because else ""
    if outlook.planned is None:
        return f"user {facts.user_id}: not charged{because}, access ends {ends}"
    terms = outlook.planned.basis.terms
    charge_at = f"{outlook.planned.charge_at:%Y-%m-%d %H:%M} UTC"
    return f"user {facts.user_id}: {to_wire(terms.amount)} RUB for {terms.plan_code} at {charge_at}{because}"
