"""`billing-service npd …`: the register of a self-employed person's shop from the command line."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError

from billing_service.audit.service import Deed
from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, stop
from billing_service.npd import service
from billing_service.npd.schemas import ReceiptIn, signed
from billing_service.npd.service import Entry
from billing_service.services import Services, Verb
from billing_service.web.errors.operators import NpdEntryNotFound

EntryId = Annotated[UUID, typer.Argument(help="The id of the payment or refund, as `npd list` shows it.")]
OfMonth = Annotated[
    datetime | None, typer.Option("--month", formats=["%Y-%m"], help="In Moscow; the current one by default.")
]
OnlyOpen = Annotated[bool, typer.Option("--open", help="Only what is not registered yet.")]
OfYear = Annotated[
    int | None, typer.Option("--year", min=2000, max=2099, help="In Moscow; the current one by default.")
]
Number = Annotated[str, typer.Option("--number", help="The receipt's number in «Мой налог».")]
Link = Annotated[
    str | None, typer.Option("--link", help="The receipt's address at the tax office; the payer sees it.")
]


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs; `run` lends each of them the services of this installation."""
    app = typer.Typer(no_args_is_help=True, help="What a self-employed person registers with the tax office.")

    @app.command("list")
    def show_register(month: OfMonth = None, *, only_open: OnlyOpen = False) -> None:
        """The payments and refunds of a month, a line each."""
        run(partial(_show_register, month=None if month is None else month.date(), only_open=only_open))

    @app.command()
    def register(entry_id: EntryId, number: Number, author: Who, link: Link = None) -> None:
        """Write down the receipt of one entry. Safe to repeat; another receipt replaces the one before."""
        run(partial(_register, entry_id=entry_id, receipt=_receipt(number, link, author)))

    @app.command()
    def summary(year: OfYear = None) -> None:
        """What came in, went back and stayed, by the month of the sale; and how near the yearly limit is."""
        run(partial(_show_summary, year=year))

    return app


def _receipt(number: str, link: str | None, author: str) -> ReceiptIn:
    try:
        return ReceiptIn(number=number, link=link, author=author)
    except ValidationError as error:
        stop("; ".join(f"--{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()))


async def _show_register(services: Services, *, month: date | None, only_open: bool) -> None:
    _refuse_without_register(services)
    entries = await service.read_register(services, month, is_open=True if only_open else None)
    for entry in entries:
        typer.echo(_line(entry))
    typer.echo(f"{len(entries)} entries, {sum(entry.number is None for entry in entries)} open")


async def _register(services: Services, *, entry_id: UUID, receipt: ReceiptIn) -> None:
    _refuse_without_register(services)
    deed = Deed(CLI, receipt.author, service.REASON, "")
    try:
        entry = await service.mark_registered(
            services, entry_id, number=receipt.number, link=receipt.link, deed=deed
        )
    except NpdEntryNotFound:
        stop("there is no such entry in the register")
    typer.echo(_line(entry))


async def _show_summary(services: Services, *, year: int | None) -> None:
    _refuse_without_register(services)
    found = await service.read_year(services, year)
    for month in found.months:
        typer.echo(
            f"{month.month:%Y-%m}  income {month.income}  returned {month.returned}  "
            f"kept {signed(month.kept)}  open {month.open}"
        )
    share = f"{found.kept / found.limit:.1%} of the limit"
    typer.echo(f"kept in the year: {signed(found.kept)} of {found.limit} ({share})")


def _refuse_without_register(services: Services) -> None:
    if services.settings.npd_since is None:
        stop("no register is kept: NPD_SINCE is not set")


def _line(entry: Entry) -> str:
    state = f"registered {entry.number} by {entry.author}" if entry.number else "open"
    sign = "+" if entry.kind == "income" else "-"
    return f"{entry.entry_id}  {entry.happened_at:%Y-%m-%d %H:%M} UTC  {sign}{entry.amount} {entry.currency}  {state}"
