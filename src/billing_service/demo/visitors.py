"""Who looks at the demo, and what they pay: two cookies without any secret, because anybody may be anybody here."""

import re
from dataclasses import dataclass
from secrets import randbelow
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

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
