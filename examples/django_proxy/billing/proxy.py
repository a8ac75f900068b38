"""/api/v1/billing/*: passed on as it is, with our token and the user's id."""

import logging

import httpx2 as httpx
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from billing.connection import http
from billing.models import Person
from billing.people import person_of
from billing.translation import UNAVAILABLE, is_our_fault

logger = logging.getLogger(__name__)
PASSED_ON = ("Content-Type", "Idempotency-Key")
PASSED_BACK = ("Content-Type", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID")
PUBLIC = {"plans"}
SIGN_IN = {"error": {"code": "UNAUTHORIZED", "message": "Войдите через Telegram.", "details": {}}}


@csrf_exempt  # what Telegram signed is asked for in a header, which no other site can send
@require_http_methods(["GET", "POST", "DELETE"])
async def pass_on(request: HttpRequest, rest: str) -> HttpResponse:
    person = await person_of(request)
    if person is None and rest.strip("/") not in PUBLIC:
        return JsonResponse(SIGN_IN, status=401)
    try:
        answer = await http().request(
            request.method,
            f"/api/v1/billing/{rest}",
            params=request.GET.urlencode(),
            content=request.body,
            headers=_headers(request, person),
        )
    except httpx.TransportError as error:
        logger.warning("billing.unreachable", extra={"reason": repr(error)})
        return JsonResponse(UNAVAILABLE, status=503, headers={"Retry-After": "5"})
    return _passed_back(answer)


def _headers(request: HttpRequest, person: Person | None) -> dict[str, str]:
    """Whatever a browser says about users or tokens stays here."""
    passed = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    if person is None:
        return passed
    about = {"X-User-Id": str(person.id), "X-User-IP": request.META.get("REMOTE_ADDR", "")}
    return passed | about | {"X-User-Agent": request.headers.get("User-Agent", "")[:500]}


def _passed_back(answer: httpx.Response) -> HttpResponse:
    if is_our_fault(answer.status_code, answer.content):
        logger.error("billing.refused_us", extra={"status": answer.status_code, "said": answer.text})
        return JsonResponse(UNAVAILABLE, status=503)
    headers = {name: answer.headers[name] for name in PASSED_BACK if name in answer.headers}
    return HttpResponse(answer.content, status=answer.status_code, headers=headers)
