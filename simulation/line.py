"""How the main backend calls: again and again until it has an answer, and never two orders for one."""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any

from billing_service.kit.http import httpx
from simulation.world import World

TRIES = 7
NO_ANSWER = {"lost": True}
# What an answer may say beside yes: whatever else it says is nobody's mistake but the service's.
EXPECTED = frozenset({200, 201, 400, 403, 404, 409, 422, 429})


@dataclass
class Line:
    """Calls on behalf of one user, or of an operator."""

    world: World
    http: httpx.AsyncClient
    dice: Random
    user: int | None = None
    # What he has in his hand, as the main backend passes it on.
    device: str | None = None

    async def ask(
        self, method: str, path: str, body: object = None, *, key: str | None = None
    ) -> dict[str, Any]:
        """The body of the answer, with its `status` as the service names it; `lost` if there was none in the end."""
        return await self._call(method, f"/api/v1/billing/{path}", body, key)

    async def internal(
        self, method: str, path: str, body: object = None, *, key: str | None = None
    ) -> dict[str, Any]:
        return await self._call(method, f"/internal/v1/{path}", body, key)

    async def _call(self, method: str, path: str, body: object, key: str | None) -> dict[str, Any]:
        headers = {"X-User-Id": str(self.user)} if self.user is not None else {}
        if self.device is not None:
            headers["X-User-Agent"] = self.device
        if key is not None:
            headers["Idempotency-Key"] = key
        for number in range(TRIES):
            try:
                answer = await self.http.request(method, path, json=body, headers=headers)
            except httpx.HTTPError:
                await asyncio.sleep(self.dice.uniform(1, 5) * 2**number)
                continue
            if answer.status_code == 503:
                await asyncio.sleep(self.dice.uniform(1, 5) * 2**number)
                continue
            return self._read(answer)
        self.world.witness.note("gave up asking")
        return dict(NO_ANSWER)

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.status_code not in EXPECTED:
            self.world.witness.find(
                f"{answer.request.method} {answer.request.url} answered {answer.status_code}"
            )
            return {}
        read = answer.json()
        if answer.is_success:
            return read if isinstance(read, dict) else {"results": read}
        self.world.witness.note(f"refused: {read['error']['code']}")
        return {"refused": read["error"]["code"]}
