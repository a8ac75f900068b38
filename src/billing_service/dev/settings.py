"""The settings of `billing-service dev`: everything points at the sandbox, what the environment says wins, and what
would touch production is refused unless it is meant."""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from dotenv import dotenv_values

from billing_service.config import (
    DEV_EVENTS_SECRET,
    SANDBOX_API_KEY,
    SANDBOX_SHOP_ID,
    Settings,
    UnsafeSettings,
    load,
)
from billing_service.dev.errors import CannotStart

ENV_FILE = ".env"
YOOKASSA = "yookassa.ru"
OTHERWISE = "leave the environment aside with --ignore-env, or say --allow-production"


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What the environment and `.env` say, in this order, by upper-case name; a blank value says nothing."""
    said = {**dotenv_values(ENV_FILE), **environ}
    return {name.upper(): value for name, value in said.items() if value}


def forget_environment() -> None:
    """From now on this process and what it starts know no setting that the environment or `.env` named."""
    for name in [name for name in os.environ if name.lower() in Settings.model_fields]:
        del os.environ[name]


def refuse_production(said: Mapping[str, str]) -> None:
    """Raises `CannotStart` when the environment names a live shop or another mode than dev."""
    if (mode := said.get("BILLING_ENV", "dev")) != "dev":
        raise CannotStart(f"{_source('BILLING_ENV')} says BILLING_ENV={mode}: {OTHERWISE}")
    if said.get("YOOKASSA_MODE") == "prod":
        raise CannotStart(f"{_source('YOOKASSA_MODE')} says YOOKASSA_MODE=prod, the live shop: {OTHERWISE}")


def choices(
    port: int, sandbox_port: int, database_url: str, redis_url: str, *, said: Mapping[str, str]
) -> dict[str, str]:
    """What `dev` chooses where the environment says nothing, by the names of variables."""
    chosen = {
        "BILLING_ENV": "dev",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "YOOKASSA_RETURN_URL": f"http://localhost:{port}/demo/",
        "ALLOWED_RETURN_URL_DOMAINS": "localhost",
        # The demo plays the main backend: its own side takes the events in.
        "EVENTS_URL": f"http://127.0.0.1:{port}/demo/events",
        "EVENTS_SECRETS": DEV_EVENTS_SECRET,
        "ADMIN_ENABLED": "true",
    }
    chosen |= {} if _names_a_shop(said) else _sandbox(sandbox_port)
    return {name: value for name, value in chosen.items() if name not in said}


def dev_settings(
    port: int,
    sandbox_port: int,
    database_url: str,
    redis_url: str,
    *,
    said: Mapping[str, str],
    env_file: str | None = ENV_FILE,
) -> Settings:
    """Settings for this machine alone. Raises `CannotStart` for unsafe ones.

    A shop is taken whole: who names one of YooKassa's gets nothing of the sandbox's, not even its address.
    """
    chosen = choices(port, sandbox_port, database_url, redis_url, said=said)
    try:
        settings = load(env_file, **{name.lower(): value for name, value in chosen.items()})
    except UnsafeSettings as error:
        raise CannotStart("; ".join(str(error).splitlines())) from None
    if settings.shop_is_sandbox and _is_yookassa(settings.yookassa_api_url):
        raise CannotStart(
            f"YOOKASSA_API_URL in {_source('YOOKASSA_API_URL')} is YooKassa's own, and no shop there is named: set "
            "YOOKASSA_SHOP_ID_TEST and YOOKASSA_API_KEY_TEST, or leave the environment aside with --ignore-env"
        )
    return settings


def _names_a_shop(said: Mapping[str, str]) -> bool:
    """Whether the environment names a shop of YooKassa's; a half of one is refused by the settings themselves."""
    ids = {
        said.get("YOOKASSA_SHOP_ID_TEST", SANDBOX_SHOP_ID),
        said.get("YOOKASSA_API_KEY_TEST", SANDBOX_API_KEY),
    }
    return said.get("YOOKASSA_MODE") == "prod" or not ids <= {SANDBOX_SHOP_ID, SANDBOX_API_KEY}


def _sandbox(sandbox_port: int) -> dict[str, str]:
    return {
        "YOOKASSA_MODE": "test",
        "YOOKASSA_SHOP_ID_TEST": SANDBOX_SHOP_ID,
        "YOOKASSA_API_KEY_TEST": SANDBOX_API_KEY,
        "YOOKASSA_API_URL": f"http://127.0.0.1:{sandbox_port}/v3",
        "BILLING_RECURRING_ENABLED": "true",
    }


def _is_yookassa(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == YOOKASSA or host.endswith(f".{YOOKASSA}")


def _source(name: str) -> str:
    return "the environment" if any(name == known.upper() for known in os.environ) else ENV_FILE
