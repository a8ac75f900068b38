"""What the page says of events, for every story that tells some."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

PAGE = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())


def hold_to_the_page(events: list[dict[str, Any]]) -> None:
    """Each event is as `webhooks` of openapi.json describes its kind."""
    for event in events:
        content = PAGE["webhooks"][event["type"]]["post"]["requestBody"]["content"]
        schema = content["application/json"]["schema"] | {"components": PAGE["components"]}
        jsonschema_rs.validate(schema, event)
