"""How the fault of a call shows in its answer."""

import asyncio
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from billing_service.sandbox.broken import LostAnswer, TornAnswer
from billing_service.sandbox.errors import Refused, internal, too_many
from billing_service.sandbox.faults import Fault, Rule
from billing_service.sandbox.ids import Ids

_BEFORE_EFFECT = frozenset({Fault.LOST_BEFORE, Fault.TOO_MANY})
_AFTER_EFFECT = frozenset({Fault.LOST_AFTER, Fault.DROP})
SLOW_SECONDS = 3.0
PROCESSING_SECONDS = 1.8

_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def strikes_before(rule: Rule) -> bool:
    """Whether the effect of the call is still to come when this fault shows."""
    if rule.fault in _BEFORE_EFFECT:
        return True
    return rule.fault not in _AFTER_EFFECT and rule.when == "before"


async def interrupt(rule: Rule, ids: Ids, answer: dict[str, Any] | None) -> Response | None:
    """The broken answer, after the rule's seconds; None when the call goes on, only later."""
    pause = SLOW_SECONDS if rule.fault is Fault.SLOW and rule.seconds is None else rule.seconds
    if rule.fault not in {Fault.TOO_MANY, Fault.PROCESSING}:
        await asyncio.sleep(pause or 0)
    if rule.fault in {Fault.LOST_BEFORE, Fault.LOST_AFTER}:
        return LostAnswer()
    if rule.fault is Fault.DROP:
        return TornAnswer(answer)
    return _spoken(rule, ids)


def _spoken(rule: Rule, ids: Ids) -> Response | None:
    """The faults that do answer, only not what was hoped for."""
    match rule.fault:
        case Fault.ERROR_500:
            return refusal(internal(), ids)
        case Fault.HTML_502:
            return HTMLResponse(_BAD_GATEWAY, status_code=502)
        case Fault.TOO_MANY:
            return _too_many(rule, ids)
        case Fault.PROCESSING:
            return _processing(rule)
        case _:
            return None


def refusal(refused: Refused, ids: Ids) -> JSONResponse:
    return JSONResponse(refused.body(ids.uuid("error")), status_code=refused.status)


def _too_many(rule: Rule, ids: Ids) -> JSONResponse:
    response = refusal(too_many(rule.seconds), ids)
    if rule.seconds is not None:
        response.headers["Retry-After"] = str(max(1, round(rule.seconds)))
    return response


def _processing(rule: Rule) -> JSONResponse:
    seconds = PROCESSING_SECONDS if rule.seconds is None else rule.seconds
    text = "Request accepted, but not processed yet. Retry it with the same Idempotence-Key"
    body = {"type": "processing", "description": text, "retry_after": int(seconds * 1000)}
    return JSONResponse(body, status_code=202)
