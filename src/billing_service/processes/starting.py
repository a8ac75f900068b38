"""How a process begins: with its settings, and with one clear line instead of a traceback for what can be mended."""

import sys
from collections.abc import Callable
from typing import NoReturn, TextIO

import typer

from billing_service import config
from billing_service.kit import logging
from billing_service.kit.db_errors import refusal_of
from billing_service.schema.compatibility import UnfitDatabase
from billing_service.schema.ownership import ForeignDatabase


def load_settings(*, logs: TextIO = sys.stdout) -> config.Settings:
    settings = load_or_stop(config.load)
    logging.configure(readable=settings.is_dev, to=logs)
    return settings


def load_or_stop(load: Callable[[], config.SomeSettings]) -> config.SomeSettings:
    try:
        return load()
    except config.UnsafeSettings as error:
        stop_because(f"billing-service will not start:\n{error}")


def or_say_why(work: Callable[[], object]) -> None:
    """One clear line instead of a traceback for what an operator can mend."""
    try:
        work()
    except config.UnsafeSettings as error:
        stop_because(f"billing-service will not start:\n{error}")
    except UnfitDatabase as error:
        stop_because(f"billing-service will not start: {error}")
    except ForeignDatabase as error:
        stop_because(f"billing-service will not start: the database is not ours: {error}")
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        stop_because(f"billing-service will not start: the database {refusal}")


def stop_because(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    sys.exit(1)
