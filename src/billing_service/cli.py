"""The command `billing-service`: one image, one command, every process of the service."""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import SecretStr

from billing_service import config
from billing_service.app import create_app
from billing_service.charging import commands as charging_commands
from billing_service.consents import commands as consent_commands
from billing_service.dev import run as everything
from billing_service.erasure import commands as erasure_commands
from billing_service.events import commands as event_commands
from billing_service.grant_batches import commands as grant_batch_commands
from billing_service.grants import commands as grant_commands
from billing_service.kit import logging
from billing_service.kit.commands import refused
from billing_service.kit.db import Database
from billing_service.kit.errors import BillingError
from billing_service.kit.version import VERSION
from billing_service.legacy import commands as legacy_commands
from billing_service.npd import commands as npd_commands
from billing_service.operations import audit_command as audit_commands
from billing_service.operations import doctor_command as doctor_commands
from billing_service.payment_methods import commands as payment_method_commands
from billing_service.plans import commands as plan_commands
from billing_service.processes.api import api
from billing_service.processes.starting import load_or_stop, load_settings, or_say_why
from billing_service.processes.worker import run_worker
from billing_service.receipts import commands as receipt_commands
from billing_service.refund_requests import commands as refund_request_commands
from billing_service.refunds import commands as refund_commands
from billing_service.renewals import commands as renewal_commands
from billing_service.renewals.candidates import count_lost
from billing_service.resolutions import commands as resolution_commands
from billing_service.sandbox import serve
from billing_service.sandbox.drift.command import drift
from billing_service.schema import migrate as migrations
from billing_service.schema import shop as shops
from billing_service.schema import timezone as timezones
from billing_service.schema.compatibility import UnfitDatabase, refuse_unfit
from billing_service.schema.revisions import head
from billing_service.services import Verb, open_services
from billing_service.staff import commands as staff_commands
from billing_service.user_moves import commands as user_moves_commands
from billing_service.user_overviews import commands as user_overview_commands
from billing_service.web.openapi import written
from billing_service.webhooks import commands as webhook_commands

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"billing-service {VERSION}")
        raise typer.Exit


def _on_services(verb: Verb, *, of_any_database: bool = False) -> None:
    """Lend a verb of an operator's the services of this installation, if its database is fit.

    What it answers is all there is on standard output; a refusal of ours is one line, with its code.
    """
    settings = load_settings(logs=sys.stderr)

    async def run() -> None:
        async with open_services(settings) as services:
            if not of_any_database:
                await refuse_unfit(services.db, settings)
            await verb(services)

    try:
        or_say_why(lambda: asyncio.run(run()))
    except BillingError as error:
        refused(error)


app.add_typer(webhook_commands.commands(_on_services), name="webhooks")
app.add_typer(consent_commands.commands(_on_services), name="consents")
app.add_typer(payment_method_commands.commands(_on_services), name="payment-methods")
app.add_typer(charging_commands.commands(_on_services), name="charging")
app.add_typer(renewal_commands.commands(_on_services), name="renewals")
app.add_typer(plan_commands.commands(_on_services, count_lost), name="plans")
app.add_typer(event_commands.commands(_on_services), name="events")
grants = grant_commands.commands(_on_services)
grant_batch_commands.add_to(grants, _on_services)
app.add_typer(grants, name="grants")
app.add_typer(receipt_commands.commands(_on_services), name="receipts")
refund_commands.add_to(app, _on_services)
app.add_typer(refund_request_commands.commands(_on_services), name="refund-requests")
user_overview_commands.add_to(app, _on_services)
erasure_commands.add_to(app, _on_services)
user_moves_commands.add_to(app, _on_services)
app.add_typer(resolution_commands.commands(_on_services), name="payments")
doctor_commands.add_to(app, partial(_on_services, of_any_database=True))
audit_commands.add_to(app, _on_services)
app.add_typer(npd_commands.commands(_on_services), name="npd")
app.add_typer(legacy_commands.commands(_on_services, create_app), name="legacy")
app.add_typer(staff_commands.commands(_on_services), name="admin")


app.command()(api)
app.command(name="worker")(run_worker)


@app.callback()
def billing_service(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Subscription billing on YooKassa."""


@app.command()
def migrate(
    timezone: Annotated[
        str | None,
        typer.Option(help="From now on days end at this zone's midnight. Stop every other process first."),
    ] = None,
    mode: Annotated[
        Literal["test", "prod"] | None,
        typer.Option(
            help="From now on the days of this kind of shop give access. Stop every other process first."
        ),
    ] = None,
) -> None:
    """Bring the database to the newest migration; safe to repeat. Needs DATABASE_URL and nothing else."""
    database = load_or_stop(config.load_database)
    logging.configure(readable=sys.stdout.isatty())
    or_say_why(lambda: migrations.upgrade(database.direct_url))
    typer.echo(f"the database is at {head()}")
    if timezone:
        or_say_why(lambda: asyncio.run(_change_timezone(database.direct_url, timezone)))
        typer.echo(
            f"days end at midnight of {timezone}: start the other processes with BILLING_TIMEZONE={timezone}"
        )
    if mode:
        or_say_why(lambda: asyncio.run(_change_shop(database.direct_url, mode)))
        typer.echo(f"access comes from that shop: start the other processes with YOOKASSA_MODE={mode}")


@app.command()
def openapi() -> None:
    """Print the description of the HTTP interface, as openapi.json holds it."""
    nowhere = config.Settings(
        _env_file=None,
        billing_env="dev",
        database_url="postgresql://nowhere/billing",
        redis_url="redis://nowhere",
        yookassa_mode="test",
        yookassa_shop_id_test=config.SANDBOX_SHOP_ID,
        yookassa_api_key_test=SecretStr(config.SANDBOX_API_KEY),
    )
    typer.echo(written(create_app(nowhere).openapi()), nl=False)


sandbox_app = typer.Typer(invoke_without_command=True)
sandbox_app.command()(drift)
app.add_typer(sandbox_app, name="sandbox")


@sandbox_app.callback()
def sandbox(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8010,
    notify_url: Annotated[
        str | None, typer.Option(help="Where notifications go; none are sent without it.")
    ] = None,
    state_file: Annotated[
        Path | None, typer.Option(help="Keep the sandbox's state here between runs.")
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            envvar="SANDBOX_PUBLIC_URL", help="Where payers find its pages, behind a proxy of yours."
        ),
    ] = None,
) -> None:
    """Serve an offline YooKassa to try things on."""
    if context.invoked_subcommand is None:
        serve.run(port=port, notify_url=notify_url, state_file=state_file, public=public_url)


@app.command()
def dev(
    port: Annotated[int, typer.Option(help="Port of the API, the demo and the OpenAPI page.")] = 8000,
    sandbox_port: Annotated[int, typer.Option(help="Port of the sandbox.")] = 8010,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the servers keep their data; .dev by default.")
    ] = None,
    ignore_env: Annotated[
        bool, typer.Option("--ignore-env", help="Take no setting from the environment nor from .env.")
    ] = False,
    allow_production: Annotated[
        bool,
        typer.Option(
            "--allow-production",
            help="Accept the live shop, its database or BILLING_ENV=prod from the environment.",
        ),
    ] = False,
) -> None:
    """Start everything on this machine: PostgreSQL, Valkey, sandbox, API, worker, demo."""
    everything.run(everything.Wishes(port, sandbox_port, data_dir, ignore_env, allow_production))


async def _change_timezone(database_url: str, zone: str) -> None:
    db = Database(database_url, pool_size=1)
    try:
        async with db.engine.begin() as connection:
            known = await timezones.change(connection, zone)
    finally:
        await db.close()
    if not known:
        raise UnfitDatabase(f"the database does not know the time zone {zone}")


async def _change_shop(database_url: str, mode: str) -> None:
    db = Database(database_url, pool_size=1)
    try:
        async with db.engine.begin() as connection:
            await shops.change(connection, is_test=mode == "test")
    finally:
        await db.close()
