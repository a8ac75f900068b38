"""What was told, as the main backend would read it, each event held to the schema of its kind."""

from typing import Any

from billing_service.events import queries
from billing_service.events.payloads import MODELS, payload
from billing_service.kit.wire import json_of
from billing_service.services import Services

Json = dict[str, Any]


async def publish(services: Services) -> None:
    while (await services.statements.fetch_one("SELECT publish_events(1000) AS n"))["n"]:
        pass


async def told(services: Services, user: int | None = None) -> list[Json]:
    """Every event so far, in the order of the feed."""
    await publish(services)
    events = [payload(row) for row in await queries.list_feed(services.statements, after=0, limit=100_000)]
    for event in events:
        MODELS[event["type"]].model_validate_json(json_of(event))
    return [event for event in events if user is None or event["user_id"] == user]


def kinds(events: list[Json]) -> list[str]:
    return [event["type"] for event in events]
