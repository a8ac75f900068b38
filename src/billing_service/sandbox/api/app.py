"""The API under /v3: who asks, what, whether it was asked before; faults on the way in and on the way out."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from billing_service.sandbox.api import idempotence, request_log
from billing_service.sandbox.api.credentials import authenticate
from billing_service.sandbox.api.idempotence import Turns
from billing_service.sandbox.api.interruptions import interrupt, refusal, strikes_before
from billing_service.sandbox.api.operations import Answer, Call, Operation, as_it_is_now, route
from billing_service.sandbox.model import errors
from billing_service.sandbox.model.errors import Refused
from billing_service.sandbox.model.faults import IN_THE_ANSWER, Fault, strike
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.state import LoggedRequest

Effect = Callable[[Call], Answer]


class Api:
    """An ASGI application. `catch_up` sends what notifications are due, for those that overtake an answer."""

    def __init__(self, yookassa: Yookassa, catch_up: Callable[[], Awaitable[None]]) -> None:
        self._yookassa = yookassa
        self._catch_up = catch_up
        self._turns = Turns(yookassa)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        line = request_log.open_line(
            self._yookassa, request.method, _path(request), dict(request.query_params)
        )
        try:
            response = await self._answer(request, line)
        except Refused as refused:
            response = refusal(refused, self._yookassa.ids)
        line.status = response.status_code
        await response(scope, receive, send)

    async def _answer(self, request: Request, line: LoggedRequest) -> Response:
        path = _path(request)
        operation, named = route(request.method, path)
        line.operation = operation.name
        authenticate(request.headers.get("Authorization"), self._yookassa.shop, operation)
        body = read_body(await request.body(), request.headers.get("Content-Type", ""))
        line.body = None if body is None else request_log.without_cards(body)
        call = Call(path=named, query=dict(request.query_params), body=body or {})
        if request.method != "POST":
            return await self._perform(operation, call, line, self._plainly(operation))
        key = line.idempotence_key = idempotence.read_key(request.headers)
        async with self._turns.turn(key):
            once = self._once(key, operation, idempotence.fingerprint(request.method, path, body))
            return await self._perform(operation, call, line, once)

    def _plainly(self, operation: Operation) -> Effect:
        return lambda call: operation.story(self._yookassa, call)

    def _once(self, key: str, operation: Operation, asked: str) -> Effect:
        """The effect of the operation, at most once under this key."""

        def effect(call: Call) -> Answer:
            known = idempotence.recall(self._yookassa, key, asked)
            if known is not None and known.status != 200:
                raise Refused.again(known.status, known.answer)
            if known is not None:
                current = self._yookassa.shop.replay == "current"
                return as_it_is_now(self._yookassa, known.answer) if current else known.answer
            answer = self._first_time(key, operation, asked, call)
            idempotence.remember(self._yookassa, key, asked, 200, answer)
            return answer

        return effect

    def _first_time(self, key: str, operation: Operation, asked: str, call: Call) -> Answer:
        try:
            return operation.story(self._yookassa, call)
        except Refused as refused:
            if self._yookassa.shop.refusal_uses_key:
                body = refused.body(self._yookassa.ids.uuid("error"))
                idempotence.remember(self._yookassa, key, asked, refused.status, body)
            raise

    async def _perform(
        self, operation: Operation, call: Call, line: LoggedRequest, effect: Effect
    ) -> Response:
        yookassa = self._yookassa
        rule = strike(yookassa.state.rules, yookassa.ids, operation.name, IN_THE_ANSWER | operation.twists)
        line.fault = rule.fault if rule else None
        if rule and rule.fault in operation.twists:
            call, rule = replace(call, twist=rule), None
        if rule and strikes_before(rule) and (broken := await interrupt(rule, yookassa.ids, None)):
            return broken
        answer = effect(call)
        await self._let_early_ones_go()
        if rule and not strikes_before(rule) and (broken := await interrupt(rule, yookassa.ids, answer)):
            return broken
        return JSONResponse(answer)

    async def _let_early_ones_go(self) -> None:
        if any(n.fault == Fault.EARLY and not n.attempts for n in self._yookassa.due):
            await self._catch_up()


def _path(request: Request) -> str:
    return str(request.scope["path"]).removeprefix(str(request.scope.get("root_path", "")))


def read_body(raw: bytes, content_type: str) -> dict[str, Any] | None:
    """The JSON object that was sent; None for an empty body, which some calls allow."""
    if not raw:
        return None
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise errors.wrong_content_type()
    try:
        body = json.loads(raw, parse_constant=_no_constant)
        json.dumps(body, ensure_ascii=False).encode()  # half of a surrogate pair could never be answered
    except (ValueError, RecursionError) as error:
        raise errors.unreadable_body() from error
    if not isinstance(body, dict):
        raise errors.unreadable_body()
    return body


def _no_constant(name: str) -> None:
    """NaN and the infinities are Python's, not JSON's."""
    raise ValueError(name)
