"""The API under /v3: who asks, what, whether it was asked before; faults on the way in and on the way out."""

import base64
import binascii
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from billing_service.sandbox import errors, idempotence, request_log
from billing_service.sandbox.errors import Refused
from billing_service.sandbox.faults import IN_THE_EFFECT, Fault, Rule, strike
from billing_service.sandbox.idempotence import Turns
from billing_service.sandbox.interruptions import interrupt, refusal, strikes_before
from billing_service.sandbox.operations import Answer, Call, Operation, route
from billing_service.sandbox.state import LoggedRequest, Shop
from billing_service.sandbox.world import World


class Api:
    """An ASGI application. `catch_up` sends what notifications are due, for those that overtake an answer."""

    def __init__(self, world: World, catch_up: Callable[[], Awaitable[None]]) -> None:
        self._world = world
        self._catch_up = catch_up
        self._turns = Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        line = request_log.open_line(self._world, request.method, _path(request), dict(request.query_params))
        try:
            response = await self._answer(request, line)
        except Refused as refused:
            response = refusal(refused, self._world.ids)
        line.status = response.status_code
        await response(scope, receive, send)

    async def _answer(self, request: Request, line: LoggedRequest) -> Response:
        operation, path = route(request.method, _path(request))
        line.operation = operation.name
        authenticate(request.headers.get("Authorization"), self._world.shop)
        raw = await request.body()
        body = read_body(raw, request.headers.get("Content-Type", ""))
        line.body = None if body is None else request_log.without_cards(body)
        call = Call(path=path, query=dict(request.query_params), body=body or {})
        if request.method == "GET":
            return await self._perform(
                operation, call, line, lambda twisted: operation.story(self._world, twisted)
            )
        key = idempotence.read_key(request.headers)
        line.idempotence_key = key
        async with self._turns.turn(key):
            asked = idempotence.fingerprint(request.method, _path(request), body)
            return await self._perform(operation, call, line, self._once(key, operation, asked))

    def _once(self, key: str, operation: Operation, asked: str) -> Callable[[Call], Answer]:
        """The effect of the operation, at most once under this key."""

        def effect(call: Call) -> Answer:
            known = idempotence.recall(self._world, key, asked)
            if known is not None:
                return known.answer
            answer = operation.story(self._world, call)
            idempotence.remember(self._world, key, asked, answer)
            return answer

        return effect

    async def _perform(
        self, operation: Operation, call: Call, line: LoggedRequest, effect: Callable[[Call], Answer]
    ) -> Response:
        rule = strike(self._world.state.rules, self._world.ids, operation.name)
        line.fault = rule.fault if rule else None
        if rule and rule.fault in IN_THE_EFFECT:
            call, rule = _twisted(call, rule), None
        if rule and strikes_before(rule) and (broken := await interrupt(rule, self._world.ids, None)):
            return broken
        answer = effect(call)
        await self._let_early_ones_go()
        if rule and not strikes_before(rule) and (broken := await interrupt(rule, self._world.ids, answer)):
            return broken
        return JSONResponse(answer)

    async def _let_early_ones_go(self) -> None:
        waiting = self._world.state.notifications
        if any(n.fault == Fault.EARLY and n.state == "due" and not n.attempts for n in waiting):
            await self._catch_up()


def _twisted(call: Call, rule: Rule) -> Call:
    return Call(path=call.path, query=call.query, body=call.body, twist=rule)


def _path(request: Request) -> str:
    return str(request.scope["path"]).removeprefix(str(request.scope.get("root_path", "")))


def authenticate(header: str | None, shop: Shop) -> None:
    """HTTP Basic with the shop's id and secret key. Refuses everybody else."""
    if not header:
        raise errors.no_authorization()
    scheme, _, encoded = header.partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise errors.garbled_authorization() from error
    if scheme.lower() != "basic":
        raise errors.garbled_authorization()
    if not hmac.compare_digest(given, f"{shop.account_id}:{shop.secret_key}".encode()):
        raise errors.wrong_credentials()


def read_body(raw: bytes, content_type: str) -> dict[str, Any] | None:
    """The JSON object that was sent; None for an empty body, which some calls allow."""
    if not raw:
        return None
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise errors.wrong_content_type()
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()  # half of a surrogate pair could never be answered
    except (ValueError, RecursionError) as error:
        raise errors.unreadable_body() from error
    if not isinstance(body, dict):
        raise errors.unreadable_body()
    return body
