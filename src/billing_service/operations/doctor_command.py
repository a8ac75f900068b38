"""`billing-service doctor`: what is wrong here, and, with `--go-live`, is it ready to sell?"""

import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated

import typer

from billing_service.kit.commands import stop
from billing_service.operations.doctor import examine
from billing_service.operations.findings import Finding, Verdict
from billing_service.operations.go_live import purchase
from billing_service.operations.go_live.examination import examine_for_sale
from billing_service.receipts.contact import Contact
from billing_service.services import Services, Verb

GoLive = Annotated[
    bool, typer.Option("--go-live", help="Examine also what only an installation that sells needs.")
]
Buy = Annotated[
    bool,
    typer.Option("--buy", help="With --go-live: pay one rouble for real, see what follows, send it back."),
]
Email = Annotated[str | None, typer.Option("--receipt-email", help="With --buy: where its receipt goes.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]

LOADED = Finding("the settings can be used")
RUNBOOK = "docs/operations.md"
WORDS: dict[Verdict, str] = {"ok": "ok", "wrong": "WRONG", "not checked": "unknown"}


def add_to(app: typer.Typer, run: Callable[[Verb], None]) -> None:
    """The command `doctor`; `run` lends it the services of this installation."""

    @app.command()
    def doctor(
        *, go_live: GoLive = False, buy: Buy = False, receipt_email: Email = None, as_json: Json = False
    ) -> None:
        """Examine settings, database, rules, backlog, workers, Redis and YooKassa; exit code 1 if anything is wrong.

        What cannot be seen from here is said, with the reason, and is not wrong."""

        if buy and not go_live:
            stop("--buy belongs to --go-live")
        contact = Contact(email=receipt_email) if receipt_email else None

        async def act(services: Services) -> None:
            findings: list[Finding] = []
            async for finding in _all(services, go_live=go_live, buy=buy, contact=contact):
                findings.append(finding)
                if not as_json:
                    typer.echo(line_of(finding))
            if as_json:
                typer.echo(json.dumps([_shown(finding) for finding in findings], ensure_ascii=False))
            if any(finding.trouble for finding in findings):
                raise typer.Exit(code=1)

        run(act)


async def _all(
    services: Services, *, go_live: bool, buy: bool, contact: Contact | None
) -> AsyncIterator[Finding]:
    yield LOADED
    async for finding in examine_for_sale(services) if go_live else examine(services):
        yield finding
    if buy:
        async for finding in purchase.findings(services, _tell, contact=contact):
            yield finding


def _tell(line: str) -> None:
    """Beside the answer, which may be for a program."""
    typer.echo(line, err=True)


def line_of(finding: Finding) -> str:
    """Such as `WRONG     Redis answers: cannot be reached`, and on the next line where it stands what to do."""
    line = f"{WORDS[finding.verdict]:<10}{finding.what}"
    line = f"{line}: {finding.because}" if finding.because else line
    return f"{line}\n{'':<10}what to do: {see}" if (see := _see(finding)) else line


def _see(finding: Finding) -> str | None:
    return f"{RUNBOOK}#{finding.see}" if finding.trouble and finding.see else None


def _shown(finding: Finding) -> dict[str, str | None]:
    return {
        "what": finding.what,
        "verdict": finding.verdict,
        "because": finding.because,
        "see": _see(finding),
    }
