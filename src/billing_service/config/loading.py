"""Read the settings once, from the environment and `.env`, and refuse at start what is unsafe."""

import os
from collections.abc import Mapping
from typing import Any, TypeVar

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from billing_service.config.refusals import reasons_not_to_start
from billing_service.config.settings import DatabaseSettings, Settings

RENAMED = {
    "YOOKASSA_SHOP_ID": "YOOKASSA_SHOP_ID_TEST or YOOKASSA_SHOP_ID_PROD",
    "YOOKASSA_API_KEY": "YOOKASSA_API_KEY_TEST or YOOKASSA_API_KEY_PROD",
    "YOOKASSA_SECRET_KEY": "YOOKASSA_API_KEY_TEST or YOOKASSA_API_KEY_PROD",
}

SomeSettings = TypeVar("SomeSettings", bound=BaseSettings)


class UnsafeSettings(Exception):
    """The service refuses to start with these settings; one line a reason, and no secret in any of them."""


def load(env_file: str | None = ".env", **unless_said: str) -> Settings:
    """The settings of this process, or `UnsafeSettings` with every reason. Without a file only the environment counts.

    `unless_said` are defaults for what neither the environment nor `.env` says; a blank value says nothing.
    """
    said = {name.upper() for name, value in (os.environ | _said_in(env_file)).items() if value}
    if stale := sorted(said & RENAMED.keys()):
        raise UnsafeSettings(
            "\n".join(f"{name} is no longer read: rename it to {RENAMED[name]}" for name in stale)
        )
    unsaid: dict[str, Any] = {name: value for name, value in unless_said.items() if name.upper() not in said}
    settings = _read(Settings, env_file, unsaid)
    if reasons := list(reasons_not_to_start(settings)):
        raise UnsafeSettings("\n".join(reasons))
    return settings


def _said_in(env_file: str | None) -> dict[str, str | None]:
    return dotenv_values(env_file) if env_file else {}


def load_database(env_file: str = ".env") -> DatabaseSettings:
    """Where the database is, or `UnsafeSettings`; whatever else is set or missing."""
    return _read(DatabaseSettings, env_file, {})


def _read(kind: type[SomeSettings], env_file: str | None, unsaid: Mapping[str, Any]) -> SomeSettings:
    try:
        return kind(_env_file=env_file, **unsaid)
    except ValidationError as error:
        raise UnsafeSettings("\n".join(_reason(one) for one in error.errors(include_input=False))) from None


def _reason(error: Any) -> str:  # noqa: ANN401 (pydantic's own error dictionary)
    name = ".".join(str(part) for part in error["loc"]).upper()
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}" if name else message
