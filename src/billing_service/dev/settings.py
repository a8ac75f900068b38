"""The settings of `billing-service dev`: everything points at the sandbox, and what the environment says wins."""

from collections.abc import Mapping

from dotenv import dotenv_values

from billing_service.config import SANDBOX_API_KEY, SANDBOX_SHOP_ID, Settings, UnsafeSettings, load
from billing_service.dev.errors import CannotStart

ENV_FILE = ".env"


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What the environment and `.env` say, in this order, by upper-case name; a blank value says nothing."""
    said = {**dotenv_values(ENV_FILE), **environ}
    return {name.upper(): value for name, value in said.items() if value}


def dev_settings(port: int, sandbox_port: int, database_url: str, redis_url: str) -> Settings:
    """Settings for this machine alone. Raises `CannotStart` for unsafe ones."""
    try:
        return load(
            ENV_FILE,
            billing_env="dev",
            database_url=database_url,
            redis_url=redis_url,
            yookassa_mode="test",
            yookassa_shop_id_test=SANDBOX_SHOP_ID,
            yookassa_api_key_test=SANDBOX_API_KEY,
            yookassa_api_url=f"http://127.0.0.1:{sandbox_port}/v3",
            yookassa_return_url=f"http://localhost:{port}/demo/",
            allowed_return_url_domains="localhost",
        )
    except UnsafeSettings as error:
        raise CannotStart("; ".join(str(error).splitlines())) from None
