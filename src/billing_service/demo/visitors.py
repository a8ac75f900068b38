"""Who looks at the demo, and what they pay: two cookies without any secret, because anybody may be anybody here."""

import re
from dataclasses import dataclass
from secrets import randbelow
from uuid import UUID

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from billing_service.kit.errors import Forbidden
from billing_service.kit.failures import answer_to
from billing_service.kit.middleware import request_id_of

FIRST_USER = 1001
USER, PAYMENT = "demo_user", "demo_payment"


@dataclass(frozen=True)
class Visitor:
    """For whom the demo's server side calls the service, and which click made it do so."""

    user_id: int
    request_id: str


def visitor_of(request: Request) -> Visitor:
    return Visitor(user_of(request), request_id_of(request))


class OrderedFromElsewhere(Forbidden):
    code = "ORDERED_FROM_ELSEWHERE"
    message = "Кнопки демо работают только с его страниц."


class OwnPagesOnly:
    """No page of another site that is open in the same browser presses our buttons; programs may, they say nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        orders = scope["type"] == "http" and scope["method"] == "POST"
        if orders and Headers(scope=scope).get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
            await answer_to(Request(scope), OrderedFromElsewhere())(scope, receive, send)
            return
        await self._app(scope, receive, send)


def user_of(request: Request) -> int:
    return read_user_id(request.cookies.get(USER, "")) or FIRST_USER


def read_user_id(text: str) -> int | None:
    """A number that the service takes for a user's id, else None."""
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,17}", text) else None


def new_user_id() -> int:
    """One that nobody has used yet, very probably."""
    return 100_000 + randbelow(900_000)


def payment_of(request: Request) -> UUID | None:
    """The payment this browser went away to pay."""
    try:
        return UUID(request.cookies.get(PAYMENT, ""))
    except ValueError:
        return None


def remember(request: Request, response: Response, name: str, value: object) -> Response:
    response.set_cookie(name, str(value), path=request.scope["root_path"], httponly=True, samesite="lax")
    return response
