"""The classes of the panel's routes: each says the least role it needs, or that anybody may see it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from billing_service.admin.guard import admitted, refused, same_origin_or_refused
from billing_service.admin.panel import Panel, Visit
from billing_service.staff.roles import Role

Page: TypeAlias = Callable[[Visit], Awaitable[Response]]
OpenPage: TypeAlias = Callable[[Panel, Request], Awaitable[Response]]


class PanelRoute(Route):
    """For people who are signed in with at least this role. A POST is an act: it comes from a form of ours."""

    def __init__(
        self, panel: Panel, path: str, page: Page, *, role: Role, methods: Sequence[str] = ("GET",)
    ) -> None:
        self.role = role

        async def answer(request: Request) -> Response:
            visit = await admitted(panel, request, role)
            return await refused(visit, page) if isinstance(visit, Visit) else visit

        super().__init__(path, answer, methods=list(methods), name=page.__name__)


class OpenRoute(Route):
    """For whoever is not signed in yet."""

    def __init__(self, panel: Panel, path: str, page: OpenPage, *, methods: Sequence[str] = ("GET",)) -> None:
        async def answer(request: Request) -> Response:
            return same_origin_or_refused(panel, request) or await page(panel, request)

        super().__init__(path, answer, methods=list(methods), name=page.__name__)


def refuse_unowned(routes: Iterable[BaseRoute]) -> None:
    """Deny by default: a page that says neither stops the start."""
    for route in routes:
        if not isinstance(route, PanelRoute | OpenRoute):
            raise TypeError(f"{route} says neither which role it needs nor that it is open")
