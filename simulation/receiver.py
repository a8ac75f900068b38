"""The main backend as the receiver of events: it tells payers, or does not, and is down now and then."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from billing_service.kit.http import httpx
from simulation.witness import Told

if TYPE_CHECKING:
    from simulation.world import World


class Receiver:
    """What it has heard: by user the highest number, and what was said with it."""

    def __init__(self) -> None:
        self.seen: dict[int, set[int]] = {}
        self.newest: dict[int, tuple[int, Mapping[str, Any]]] = {}
        self.is_down = False
        self.untold: list[Mapping[str, Any]] = []

    def hear(self, event: Mapping[str, Any]) -> None:
        user, number = event["user_id"], event["user_seq"]
        self.seen.setdefault(user, set()).add(number)
        if event.get("state") and number >= self.newest.get(user, (0, {}))[0]:
            self.newest[user] = (number, event["state"])


class ToReceiver(httpx.AsyncBaseTransport):
    """The line from the service's worker to the receiver."""

    def __init__(self, world: "World") -> None:
        self._world, self._dice = world, world.dice("receiver")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        receiver = self._world.receiver
        if receiver.is_down and not self._world.calm:
            self._world.witness.note("fault: receiver down")
            return _answer({}, status=503)
        event = json.loads(request.content)
        is_new = event["user_seq"] not in receiver.seen.get(event["user_id"], ())
        receiver.hear(event)
        self._world.witness.note(f"event: {event['type']}")
        if event["type"] == "subscription.renewal_upcoming" and is_new:
            return self._tell(event)
        return _answer({})

    def _tell(self, event: Mapping[str, Any]) -> httpx.Response:
        """Most payers are told at once, some later, some never."""
        throw = self._dice.random()
        if throw < 0.8:
            note_told(self._world, event)
            return _answer({"delivered": {"channel": "telegram", "at": self._world.now.isoformat()}})
        if throw < 0.93:
            self._world.receiver.untold.append(event)
        else:
            self._world.witness.note("payer never told")
        return _answer({})


def _answer(body: object, status: int = 200) -> httpx.Response:
    """Not read yet, as one from a network."""
    return httpx.Response(status, stream=httpx.ByteStream(json.dumps(body).encode()))


def note_told(world: "World", event: Mapping[str, Any]) -> None:
    data = event["data"]
    world.witness.note("payer told")
    world.witness.told.append(
        Told(
            event["user_id"],
            Decimal(data["amount"]),
            world.now,
            datetime.fromisoformat(data["charge_at"]),
            datetime.fromisoformat(data["charge_until"]),
        )
    )
