"""The clock that months pass on: what the demo asks of whoever turns it, and `POST /demo/clock` for programs."""

from datetime import datetime, timedelta
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from billing_service.kit.errors import Conflict
from billing_service.kit.failures import answering_failures
from billing_service.kit.wire import json_answer
from billing_service.web.errors.requests import PayloadInvalid

LONGEST_LEAP = timedelta(days=366)


class ClockNotTurned(Conflict):
    """`reason`, in Russian, says why; nothing has moved."""

    code = "CLOCK_NOT_TURNED"
    message = "Часы не повернулись."

    def __init__(self, reason: str) -> None:
        super().__init__({"reason": reason})
        self.reason = reason
        self.message = f"Часы не повернулись: {reason}."


class TurnableClock(Protocol):
    """The service's time, and the provider's with it."""

    async def get_now(self) -> datetime: ...

    async def advance(self, by: timedelta) -> datetime:
        """Turn both forward and return the time they show; what is due by then happens within seconds.

        Raises `ClockNotTurned`.
        """


class ClockOrder(BaseModel):
    """Forward only: what has happened cannot be made to happen later."""

    model_config = ConfigDict(strict=True, extra="forbid")

    advance_seconds: float = Field(ge=0, le=LONGEST_LEAP.total_seconds(), allow_inf_nan=False)


def clock_routes(clock: TurnableClock | None) -> list[BaseRoute]:
    """Looking at the clock, and turning it; without one, both are refused."""

    async def show(_request: Request) -> Response:
        return json_answer({"now": await given(clock).get_now()})

    async def turn(request: Request) -> Response:
        try:
            order = ClockOrder.model_validate_json(await request.body())
        except ValidationError as error:
            fields = {".".join(map(str, one["loc"])) or "body": one["msg"] for one in error.errors()}
            raise PayloadInvalid({"fields": fields}) from error
        return json_answer({"now": await given(clock).advance(timedelta(seconds=order.advance_seconds))})

    return [
        Route("/clock", answering_failures(show), methods=["GET"]),
        Route("/clock", answering_failures(turn), methods=["POST"]),
    ]


def given(clock: TurnableClock | None) -> TurnableClock:
    if clock is None:
        raise ClockNotTurned("их поворачивает только make dev со своей песочницей")
    return clock
