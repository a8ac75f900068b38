"""How values look in JSON."""

import json
from datetime import UTC, datetime
from typing import Annotated

import orjson
from pydantic import Field, PlainSerializer, WithJsonSchema
from starlette.responses import Response


def utc_text(value: datetime) -> str:
    """ISO 8601 in UTC, ending in `Z`."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


UtcTime = Annotated[
    datetime,
    PlainSerializer(utc_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "description": "In UTC, ending in `Z`."}),
]

Roubles = Annotated[
    str, Field(pattern=r"^[0-9]+\.[0-9]{2}$", description="Two places, with a point.", examples=["299.00"])
]


def json_of(content: object) -> bytes:
    """JSON of anything: what has none is written as text, and half a character as the question mark that it is."""
    try:
        return orjson.dumps(content, default=str)
    except orjson.JSONEncodeError:
        text = json.dumps(content, default=str, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace")


def json_answer(content: object) -> Response:
    """An answer that is not validated again; times are written as `utc_text` writes them."""
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")
