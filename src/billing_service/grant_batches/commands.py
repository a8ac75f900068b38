"""`billing-service grants bulk` and `bulk-revoke`: the same days for many, from the command line."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from billing_service.audit.service import Deed
from billing_service.grant_batches import service
from billing_service.grant_batches.queries import Audience, Filter, Member, listed
from billing_service.grant_batches.service import Wish
from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, Why, Yes, stated, stop
from billing_service.services import Services, Verb
from billing_service.web.dependencies import MAX_BIGINT

FORMATS = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
TOLD_EVERY = 500
Name = Annotated[
    str, typer.Argument(help="What the batch is called: the same name is the same batch, begun once.")
]
Days = Annotated[int, typer.Option(min=1, max=3660, help="So many for each, of 24 hours.")]
Plan = Annotated[str, typer.Option(help="The plan whose days they are, as PRO_MONTHLY.")]
Chosen = Annotated[
    Filter | None,
    typer.Option("--filter", help="pro: who had PRO; paid: who had it by days that he paid for."),
]
At = Annotated[
    datetime | None,
    typer.Option(formats=FORMATS, help="When they had it, in BILLING_TIMEZONE; now without it."),
]
Users = Annotated[Path | None, typer.Option(help="Instead of a filter: these users, an id a line.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the list and the sum, and give nothing.")]


def add_to(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    """The verbs of batches, among those of `grants`; `run` lends each the services of this installation."""
    _add_bulk(app, run)
    _add_bulk_revoke(app, run)


def _add_bulk(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    @app.command()
    def bulk(
        *,
        name: Name,
        days: Days,
        plan: Plan,
        author: Who,
        reason: Why,
        chosen: Chosen = None,
        at: At = None,
        users: Users = None,
        dry_run: DryRun = False,
        yes: Yes = False,
    ) -> None:
        """Give many users the same days: shows the list and the sum, and asks. Interrupted, repeat it: nobody gets
        them twice."""
        deed = Deed(CLI, *stated(author, reason), "")
        if (chosen is None) == (users is None) or (at and users):
            stop("say whom: --filter, with --at if it was not now, or --users")

        async def act(services: Services) -> None:
            zone = services.settings.billing_timezone
            audience = _listed(users) if users else _found(chosen, at and at.replace(tzinfo=zone))
            wish = Wish(name, audience, plan, days)
            _show((await service.look(services, wish, deed)).members, wish)
            if dry_run:
                return
            if not yes:
                typer.confirm("give them?", abort=True)
            given = service.give(services, await service.begin(services, wish, deed), deed)
            typer.echo(f"{await _count(given)} users got their days")

        run(act)


def _add_bulk_revoke(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    @app.command()
    def bulk_revoke(name: Name, author: Who, reason: Why) -> None:
        """Take back what is left of every grant of a batch; who has none yet gets none. Interrupted, repeat it."""
        deed = Deed(CLI, *stated(author, reason), "")

        async def act(services: Services) -> None:
            batch = await service.find(services, name)
            revoked = await _count(service.revoke(services, batch, deed))
            taken = await service.list_taken(services, batch.id)
            left = sum((one.time for one in taken if one.time), timedelta())
            typer.echo(
                f"{revoked} grants taken back now; of {len(taken)} in all, {left.days} whole days were left"
            )

        run(act)


def _found(chosen: Filter | None, at: datetime | None) -> Audience:
    when = f" at {at.isoformat()}" if at else ""
    return Audience(f"{chosen}{when}", filter=chosen, at=at)


def _listed(path: Path) -> Audience:
    try:
        named = path.read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{path}: {error}")
    wrong = next((one for one in named if not re.fullmatch(r"[1-9][0-9]{0,18}", one)), None)
    if wrong is not None or not named or any(int(one) > MAX_BIGINT for one in named):
        stop(f"{path}: an id of a user a line is expected" + (f", and not {wrong[:30]}" if wrong else ""))
    return listed([int(one) for one in named])


def _show(members: Sequence[Member], wish: Wish) -> None:
    for member in members:
        until = f"PRO until {member.ends:%Y-%m-%d %H:%M} UTC" if member.ends else "never had PRO here"
        typer.echo(f"{member.user_id}  {until}{', has them' if member.grant_id else ''}")
    left = sum(member.grant_id is None for member in members)
    done = f", {len(members) - left} have them" if left < len(members) else ""
    each = f"{wish.days} days of {wish.plan_code}"
    typer.echo(f"{len(members)} users{done}: {each} for {left}, {left * wish.days} days in all")


async def _count(grants: AsyncIterator[UUID]) -> int:
    """How many there were, telling of it meanwhile."""
    count = 0
    async for _ in grants:
        count += 1
        if count % TOLD_EVERY == 0:
            typer.echo(f"{count} so far", err=True)
    return count
