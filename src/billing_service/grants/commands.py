"""`billing-service grants …`: days by hand, from the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4

import typer

from billing_service.audit.service import Deed
from billing_service.grants import service
from billing_service.grants.queries import Granted
from billing_service.grants.service import Gift
from billing_service.kit.callers import CLI
from billing_service.kit.commands import Who, Why, stated
from billing_service.services import Services, Verb
from billing_service.web.dependencies import MAX_BIGINT

User = Annotated[int, typer.Argument(min=1, max=MAX_BIGINT, help="The user's id in the main backend.")]
Plan = Annotated[str, typer.Argument(help="The plan whose days they are, as PRO_MONTHLY.")]
Days = Annotated[int, typer.Argument(min=1, max=3660, help="Of 24 hours each.")]
GrantId = Annotated[UUID, typer.Argument(help="The id of the grant.")]
Key = Annotated[
    str | None,
    typer.Option(help="The key of an earlier try whose answer was lost: the same key is the same grant."),
]


@dataclass(frozen=True)
class _Verbs:
    """`run` lends each of them the services of this installation."""

    run: Callable[[Verb], None]

    def give(
        self, *, user_id: User, plan_code: Plan, days: Days, author: Who, reason: Why, key: Key = None
    ) -> None:
        """Give a user days; they lie behind everything he has."""
        key = key or uuid4().hex
        gift, deed = Gift(user_id, plan_code, days, key), Deed(CLI, *stated(author, reason), "")

        async def act(services: Services) -> None:
            typer.echo(f"should the answer be lost, repeat it with --key {key}")
            _show(await service.grant(services, gift, deed))

        self.run(act)

    def revoke(self, grant_id: GrantId, author: Who, reason: Why) -> None:
        """Take back what is left of it; later days move up. A second time changes nothing."""
        deed = Deed(CLI, *stated(author, reason), "")

        async def act(services: Services) -> None:
            _show(await service.revoke(services, grant_id, deed))

        self.run(act)

    def list_all(self, user_id: User) -> None:
        """Every grant of a user, the newest first."""

        async def show(services: Services) -> None:
            for grant in await service.list_of(services, user_id):
                _show(grant)

        self.run(show)


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    """The verbs of this installation."""
    app = typer.Typer(
        no_args_is_help=True, help="Days by hand: give them, take back what is left, list them."
    )
    verbs = _Verbs(run)
    app.command()(verbs.give)
    app.command()(verbs.revoke)
    app.command(name="list")(verbs.list_all)
    return app


def _show(grant: Granted) -> None:
    lies = "nothing left"
    if grant.begins and grant.ends:
        lies = f"{grant.begins:%Y-%m-%d %H:%M} to {grant.ends:%Y-%m-%d %H:%M} UTC"
    taken = f"; taken back by {grant.revoked_by}: {grant.revoke_reason}" if grant.revoked_at else ""
    typer.echo(
        f"{grant.id}  {grant.days} days of {grant.plan_code}, {lies}, by {grant.author}: {grant.reason}{taken}"
    )
