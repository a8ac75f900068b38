"""A shop of two stages, now and then: what was to be taken at once is only held."""

import json
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from billing_service.kit.http import httpx

if TYPE_CHECKING:
    from simulation.world import World

HELD = 0.06
MADE = "/v3/payments"
# Whatever is lost on the way, what is held is taken or let go within this time. The bank waits for a week, and then it
# looks as if the payer had never paid.
WITHIN = timedelta(days=3)
BANK_WAITS = timedelta(days=7)


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


def held_too_long(world: "World") -> Iterator[str]:
    """The payments that the shop has neither taken nor let go, however often it could."""
    for payment_id, record in world.sandbox.yookassa.state.payments.items():
        ends = record.payment.expires_at
        if record.payment.status == "waiting_for_capture" and ends and ends - BANK_WAITS + WITHIN < world.now:
            yield payment_id
