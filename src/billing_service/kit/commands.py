"""What every command of an operator's shares: who decides, why, and a plain refusal."""

from typing import Annotated, NoReturn

import typer

from billing_service.kit.errors import BillingError

Who = Annotated[str, typer.Option("--author", help="Who decides it; kept in the audit log.")]
Why = Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing; for scripts.")]


def stated(author: str, reason: str) -> tuple[str, str]:
    """Both without blanks around them; ends the command when one of them says nothing."""
    author, reason = author.strip(), reason.strip()
    if not author or not reason:
        stop("--author and --reason must say something")
    return author, reason


def refused(error: BillingError) -> NoReturn:
    """The same line for every refusal: its code, its Russian text, its details."""
    stop(f"{error.code}: {error.message} {error.details or ''}".rstrip())


def stop(why: str) -> NoReturn:
    """End the command with one line and exit code 1."""
    typer.echo(why, err=True)
    raise typer.Exit(code=1)
