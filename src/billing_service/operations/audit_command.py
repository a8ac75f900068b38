"""`billing-service audit`: is the money of a day the days that were given?"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from billing_service.kit.commands import stop
from billing_service.operations import daily_audit as service
from billing_service.operations.daily_audit import NotOver, Report
from billing_service.services import Services, Verb
from billing_service.wording.rules import rule as sentence
from billing_service.yookassa.errors import YookassaError

Day = Annotated[
    datetime | None,
    typer.Option("--day", formats=["%Y-%m-%d"], help="A day that is over; yesterday without it."),
]
Full = Annotated[bool, typer.Option("--full", help="Look at all history, not only at what has changed.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report for programs.")]


def add_to(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    """The command `audit`; `run` lends it the services of this installation."""

    @app.command()
    def audit(*, day: Day = None, full: Full = False, as_json: Json = False) -> None:
        """Compare a day with YooKassa and examine whoever has changed; exit code 1 if anything is wrong."""

        async def act(services: Services) -> None:
            try:
                report = await service.audit(
                    services, day=day.date() if day else None, is_full=full, tell=_show_progress
                )
            except NotOver as error:
                stop(f"{error} is not over yet")
            except YookassaError as error:
                stop(f"YooKassa did not answer: {error}")
            typer.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else text_of(report))
            if not report.is_clean:
                raise typer.Exit(code=1)

        run(act)


def _show_progress(step: str) -> None:
    typer.echo(step, err=True)


def text_of(report: Report) -> str:
    """For the owner, in Russian."""
    examined = "вся история" if report.examined is None else f"изменившиеся пользователи: {report.examined}"
    lines = [
        f"Сверка за {report.day:%d.%m.%Y} ({examined})",
        f"Оплачено: {report.paid_ours} у нас, {report.paid_theirs} в ЮKassa",
        f"Возвращено: {report.returned_ours} у нас, {report.returned_theirs} в ЮKassa",
        f"Дней оплачено: {report.days_paid}, выдано: {report.days_granted}",
    ]
    if report.foreign_count:
        lines.append(f"Чужие объекты в магазине: {report.foreign_count}")
    if report.is_clean:
        return "\n".join([*lines, "Расхождений нет."])
    lines.append("РАСХОЖДЕНИЯ:")
    for rule, rows in report.findings.items():
        lines += [f"  {sentence(rule)}", *(f"    {row}" for row in rows)]
    return "\n".join(lines)
