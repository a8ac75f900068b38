"""How the fault of a call shows in its answer."""

import asyncio
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from billing_service.sandbox.delivery.broken_answers import LostAnswer, TornAnswer
from billing_service.sandbox.model.errors import Refused, gone, internal, too_many
from billing_service.sandbox.model.faults import Fault, Rule
from billing_service.sandbox.model.ids import Ids

_BEFORE_EFFECT = frozenset({Fault.LOST_BEFORE, Fault.TOO_MANY, Fault.GONE, Fault.REFUSAL})
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
    if rule.fault is Fault.ERROR_500:
        return refusal(internal(), ids)
    if rule.fault is Fault.GONE:
        return refusal(gone(), ids)
    if rule.fault is Fault.HTML_502:
        return HTMLResponse(_BAD_GATEWAY, status_code=502)
    shapes = {Fault.TOO_MANY: _too_many, Fault.PROCESSING: _processing, Fault.REFUSAL: _rule_violation}
    shape = shapes.get(rule.fault)
    return None if shape is None else shape(rule, ids)


def refusal(refused: Refused, ids: Ids) -> JSONResponse:
    return JSONResponse(refused.body(ids.uuid("error")), status_code=refused.status)


def _too_many(rule: Rule, ids: Ids) -> JSONResponse:
    response = refusal(too_many(rule.seconds), ids)
    if rule.seconds is not None:
        response.headers["Retry-After"] = str(max(1, round(rule.seconds)))
    return response


def _rule_violation(rule: Rule, ids: Ids) -> JSONResponse:
    """The newest kind of refusal: a rule of business. Its HTTP status is not documented."""
    refused = Refused("The operation violates a rule", status=422, code="refusal")
    body = refused.body(ids.uuid("error")) | {"reason": rule.reason or "rule_violation"}
    return JSONResponse(body, status_code=422)


def _processing(rule: Rule, _ids: Ids) -> JSONResponse:
    seconds = PROCESSING_SECONDS if rule.seconds is None else rule.seconds
    text = "Request accepted, but not processed yet. Retry it with the same Idempotence-Key"
    body = {"type": "processing", "description": text, "retry_after": int(seconds * 1000)}
    return JSONResponse(body, status_code=202)
