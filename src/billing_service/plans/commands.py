"""`billing-service plans …`: what is sold, from the command line."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Protocol, TypeVar

import typer
from pydantic import ValidationError

from billing_service.audit.service import Deed, Entry
from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, Why, Yes, stop
from billing_service.plans import changes
from billing_service.plans.models import Plan
from billing_service.plans.operator_schemas import NewPlanIn, PlanChangeIn
from billing_service.services import Services, Verb

Code = Annotated[str, typer.Argument(help="The plan's code, as PRO_MONTHLY.")]
Setting = Annotated[
    list[str],
    typer.Argument(help="field=value …, as price=349.00 old_price=null is_active=false; see docs/plans.md."),
]
Body = TypeVar("Body", PlanChangeIn, NewPlanIn)


class Lost(Protocol):
    """Charges that a change of a plan costs."""

    @property
    def charges(self) -> int: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def are_all(self) -> bool: ...


class CountLost(Protocol):
    async def __call__(self, services: Services, plan_code: str, *, below: Decimal | None = None) -> Lost: ...


WORDS: Mapping[str, object] = {"null": None, "true": True, "false": False}
NUMBERS = {"duration_days", "daily_photo_limit", "history_days", "vat_code"}


@dataclass(frozen=True)
class _Verbs:
    """`run` lends each of them the services of this installation; `count_lost` says what a change costs."""

    run: Callable[[Verb], None]
    count_lost: CountLost

    def list_all(self) -> None:
        """Every plan, also those that are not on sale."""

        async def show(services: Services) -> None:
            for plan in await changes.list_all(services):
                _show(plan)

        self.run(show)

    def change(self, code: Code, settings: Setting, author: Who, reason: Why, yes: Yes = False) -> None:
        """Change a plan; open checkouts keep their price. Asks before a price changes, and says how many charges of the
        next month will not come."""
        body = _read(PlanChangeIn, {**_said(settings), "author": author, "reason": reason})

        async def act(services: Services) -> None:
            if not yes:
                await self._ask(services, await changes.get(services, code), body.terms())
            _show(await changes.change(services, code, body.terms(), _deed(body)))

        self.run(act)

    async def _ask(self, services: Services, known: Plan, news: Mapping[str, Any]) -> None:
        price = news.get("price", known.price)
        if known.is_active and news.get("is_active") is False:
            typer.echo(
                f"{known.code} is sold no more from now on.{await self._lost(services, known, None)}",
                err=True,
            )
        if price != known.price:
            lost = await self._lost(services, known, price) if price > known.price else ""
            typer.confirm(f"{known.code} costs {known.price} now; {price} from now on?{lost}", abort=True)

    async def _lost(self, services: Services, known: Plan, below: Decimal | None) -> str:
        lost = await self.count_lost(services, known.code, below=below)
        least = "" if lost.are_all else "at least "
        return f" {least}{lost.charges} charges ({lost.amount} RUB) of the next month will not come."

    def add(self, code: Code, settings: Setting, author: Who, reason: Why, yes: Yes = False) -> None:
        """Add a plan, on sale at once unless is_active=false. Asks before it does."""
        body = _read(NewPlanIn, {**_said(settings), "code": code, "author": author, "reason": reason})

        async def act(services: Services) -> None:
            if not yes:
                typer.confirm(f"{code}: {body.price} for {body.duration_days} days?", abort=True)
            _show(await changes.add(services, code, body.terms(), _deed(body)))

        self.run(act)

    def history(self, code: Code) -> None:
        """Who changed it, when, why, and from what to what; the newest first."""

        async def show(services: Services) -> None:
            for entry in await changes.history(services, code):
                _show_change(entry)

        self.run(show)


def commands(run: Callable[[Verb], None], count_lost: CountLost) -> typer.Typer:
    """The verbs of this installation."""
    app = typer.Typer(no_args_is_help=True, help="What is sold: show it, change it, add to it.")
    verbs = _Verbs(run, count_lost)
    app.command(name="list")(verbs.list_all)
    app.command(name="set")(verbs.change)
    app.command()(verbs.add)
    app.command()(verbs.history)
    return app


def _said(settings: list[str]) -> dict[str, object]:
    """`field=value` as JSON would have it; words and numbers only where a field knows them."""
    said: dict[str, object] = {}
    for one in settings:
        name, is_named, value = one.partition("=")
        if not is_named:
            stop(f"{one}: write field=value")
        if name == "daily_limits":
            said[name] = _limits(value)
            continue
        number = name in NUMBERS and value.lstrip("-").isdecimal()
        said[name] = int(value) if number else WORDS.get(value, value)
    return said


def _limits(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        stop(f"daily_limits={value}: write JSON, as daily_limits='{{\"personal_plan\": 1}}'")


def _read(kind: type[Body], said: Mapping[str, object]) -> Body:
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        stop("\n".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()))


def _deed(body: PlanChangeIn | NewPlanIn) -> Deed:
    return Deed(CLI, body.author, body.reason, "")


def _show(plan: Plan) -> None:
    sold = "a test" if plan.is_test else "on sale" if plan.is_active else "not on sale"
    old = f" (was {plan.old_price})" if plan.old_price is not None else ""
    limit = "no limit" if plan.daily_photo_limit is None else f"{plan.daily_photo_limit} photos a day"
    limits = [f"{'no limit' if most is None else most} of {name}" for name, most in plan.daily_limits.items()]
    limit = ", ".join([limit, *limits])
    typer.echo(
        f"{plan.code:16} {plan.price:>10}{old}  {plan.duration_days} days, {limit}, {sold}: {plan.display_name}"
    )


def _show_change(entry: Entry) -> None:
    before = entry.details.get("before", {})
    news = [f"{name}: {before.get(name)} -> {value}" for name, value in entry.details["after"].items()]
    at = f"{entry.at:%Y-%m-%d %H:%M:%S} UTC"
    typer.echo(f"{at}  {entry.action} by {entry.author} ({entry.caller}): {entry.reason}")
    typer.echo(f"    {', '.join(news)}")
