"""How values look in JSON."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainSerializer


def utc_text(value: datetime) -> str:
    """ISO 8601 in UTC, ending in `Z`."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


UtcTime = Annotated[datetime, PlainSerializer(utc_text, return_type=str)]
