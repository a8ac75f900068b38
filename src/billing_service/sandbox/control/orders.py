"""What every order to the sandbox has in common, and the answers every route may give."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Order(BaseModel):
    """A misspelt field in an order is an error: a test must not pass because nothing happened."""

    model_config = ConfigDict(extra="forbid")


UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "Unknown id"}}
IMPOSSIBLE: dict[int | str, dict[str, Any]] = {409: {"description": "Its state does not allow this"}}
UNKNOWN_OR_IMPOSSIBLE = UNKNOWN | IMPOSSIBLE
