"""The settings of `billing-service dev`: everything points at the sandbox, and what the environment says wins."""

from collections.abc import Mapping

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from billing_service.config import SANDBOX_API_KEY, SANDBOX_SHOP_ID, Settings
from billing_service.dev.errors import CannotStart

ENV_FILE = ".env"


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What the environment and `.env` say, in this order, by upper-case name; a blank value says nothing."""
    said = {**dotenv_values(ENV_FILE), **environ}
    return {name.upper(): value for name, value in said.items() if value}


def dev_settings(
    said: Mapping[str, str], port: int, sandbox_port: int, database_url: str, redis_url: str
) -> Settings:
    """Settings for this machine alone; `said` is `environment(...)`. Raises `CannotStart` for unsafe ones."""
    ours = {
        "billing_env": "dev",
        "database_url": database_url,
        "redis_url": redis_url,
        "yookassa_mode": "test",
        "yookassa_shop_id_test": SANDBOX_SHOP_ID,
        "yookassa_api_key_test": SANDBOX_API_KEY,
        "yookassa_api_url": f"http://127.0.0.1:{sandbox_port}/v3",
        "yookassa_return_url": f"http://localhost:{port}/demo/",
        "allowed_return_url_domains": "localhost",
    }
    unsaid = {name: value for name, value in ours.items() if name.upper() not in said}
    try:
        return Settings(_env_file=ENV_FILE, **unsaid)  # type: ignore[arg-type]
    except ValidationError as error:
        raise CannotStart("; ".join(map(_reason, error.errors(include_input=False)))) from None


def _reason(error: ErrorDetails) -> str:
    """One refusal, with the name of the variable it is about when it is about one."""
    message = error["msg"].removeprefix("Value error, ")
    name = ".".join(str(part) for part in error["loc"]).upper()
    return f"{name}: {message}" if name else message
