"""A shop of two stages, now and then: what was to be taken at once is only held."""

import json
from random import Random
from typing import TYPE_CHECKING

from billing_service.kit.http import httpx

if TYPE_CHECKING:
    from simulation.world import World

HELD = 0.06
MADE = "/v3/payments"


def held_now_and_then(world: "World", request: httpx.Request) -> httpx.Request:
    """The request as the shop's settings let it arrive. Of one key it is always the same."""
    if not world.holds_money or request.method != "POST" or request.url.path != MADE:
        return request
    key = request.headers.get("Idempotence-Key", "")
    if Random(f"{world.seed}:held:{key}").random() >= HELD:  # noqa: S311 (a simulation)
        return request
    world.witness.note("fault: money is held")
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
    body = json.loads(request.content) | {"capture": False}
    return httpx.Request(request.method, request.url, headers=headers, content=json.dumps(body).encode())
