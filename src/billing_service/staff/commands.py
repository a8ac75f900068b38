"""`billing-service admin …`: who may come into the panel, from the command line."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from billing_service.audit.service import Deed
from billing_service.kit.callers import CLI
from billing_service.kit.commands import stated, stop
from billing_service.services import Services, Verb
from billing_service.staff import service
from billing_service.staff.passwords import PasswordTooWeak
from billing_service.staff.roles import Role
from billing_service.staff.service import LastOwner, NameRefused, NobodyOfThatName

Name = Annotated[str, typer.Argument(help="How the person signs in, and what the audit log shows.")]
TheRole = Annotated[
    Role, typer.Option("--role", help="support reads, finance also moves money, owner may do everything.")
]
Author = Annotated[str, typer.Option("--author", help="Who decides it; kept in the audit log.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")]
WithoutPassword = Annotated[
    bool, typer.Option("--without-password", help="Comes in through ADMIN_TRUSTED_HEADER only.")
]
BY_HAND, ASKED = "command line", "at the command line"


@dataclass(frozen=True)
class _Verbs:
    """`run` lends each of them the services of this installation."""

    run: Callable[[Verb], None]

    def add_user(
        self,
        *,
        name: Name,
        role: TheRole,
        without_password: WithoutPassword = False,
        author: Author = BY_HAND,
        reason: Reason = ASKED,
    ) -> None:
        """Let somebody in. The password is asked for, or read from standard input."""
        password = None if without_password else _password()
        deed = Deed(CLI, *stated(author, reason), "")
        self._do(lambda services: service.add(services, name, role, password, deed))
        typer.echo(f"{name} may come in as {role}")

    def set_password(self, name: Name, author: Author = BY_HAND, reason: Reason = ASKED) -> None:
        """Give somebody another password; whoever is signed in under this name is signed out."""
        password, deed = _password(), Deed(CLI, *stated(author, reason), "")
        self._do(lambda services: service.set_password(services, name, password, deed))
        typer.echo(f"{name} has another password")

    def set_role(
        self, *, name: Name, role: TheRole, author: Author = BY_HAND, reason: Reason = ASKED
    ) -> None:
        """Let somebody do more, or less; holds from the next click on."""
        deed = Deed(CLI, *stated(author, reason), "")
        self._do(lambda services: service.set_role(services, name, role, deed))
        typer.echo(f"{name} is {role} now")

    def disable(self, name: Name, author: Author = BY_HAND, reason: Reason = ASKED) -> None:
        """Send somebody out at once, and let him in no more. His name stays in the audit log."""
        deed = Deed(CLI, *stated(author, reason), "")
        self._do(lambda services: service.disable(services, name, deed))
        typer.echo(f"{name} may not come in any more")

    def enable(self, name: Name, author: Author = BY_HAND, reason: Reason = ASKED) -> None:
        """Let somebody in again, with his password of before."""
        deed = Deed(CLI, *stated(author, reason), "")
        self._do(lambda services: service.enable(services, name, deed))
        typer.echo(f"{name} may come in again")

    def list_all(self) -> None:
        """Everybody who may come in, or might."""

        async def show(services: Services) -> None:
            for one in await service.list_accounts(services):
                state = f"disabled {one.disabled_at:%Y-%m-%d}" if one.disabled_at else "may come in"
                typer.echo(f"{one.name:24} {one.role:8} {state}{'' if one.signs_in else ', by proxy only'}")

        self.run(show)

    def _do(self, act: Callable[[Services], Awaitable[None]]) -> None:
        try:
            self.run(act)
        except (NameRefused, PasswordTooWeak) as error:
            stop(str(error))
        except NobodyOfThatName:
            stop("there is no account of this name")
        except LastOwner:
            stop("the last owner stays: make somebody else one first")


def commands(run: Callable[[Verb], None]) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True, help="Who may come into the panel, in which role.")
    verbs = _Verbs(run)
    app.command(name="add-user")(verbs.add_user)
    app.command(name="set-password")(verbs.set_password)
    app.command(name="set-role")(verbs.set_role)
    app.command()(verbs.disable)
    app.command()(verbs.enable)
    app.command(name="list")(verbs.list_all)
    return app


def _password() -> str:
    """Typed twice where somebody types; else the first line."""
    if sys.stdin.isatty():
        typed: str = typer.prompt("password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")
