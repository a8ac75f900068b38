"""The command `billing-service`: one image, one command, every process of the service."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def billing_service() -> None:
    """Subscription billing on YooKassa."""
