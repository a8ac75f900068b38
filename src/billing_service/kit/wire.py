"""How values look in JSON."""

from datetime import UTC, datetime
from typing import Annotated

import orjson
from pydantic import PlainSerializer
from starlette.responses import Response


def utc_text(value: datetime) -> str:
    """ISO 8601 in UTC, ending in `Z`."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


UtcTime = Annotated[datetime, PlainSerializer(utc_text, return_type=str)]


def json_answer(content: object) -> Response:
    """An answer that is not validated again; times are written as `utc_text` writes them."""
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")
