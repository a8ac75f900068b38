"""What an operation needs to be carried out."""

from typing import Any, Protocol

import httpx2 as httpx


class Caller(Protocol):
    async def send(self, operation: str, method: str, url: str, **sent: Any) -> httpx.Response:
        """A good answer; every other one is raised as what it says."""
