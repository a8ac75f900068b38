"""The analysis of a photo, which the plan limits."""

import json
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.connection import guards
from billing.people import person_of
from billing.proxy import SIGN_IN
from billing.translation import UNAVAILABLE
from eatfit24_billing import BillingError, Refused, Unavailable, allow
from eatfit24_billing.generated.codes import DailyLimitReached, LimitHeld, OperationExpired

# What the app may see of the service's refusals; the others are faults of this backend.
SHOWN = (DailyLimitReached, LimitHeld, OperationExpired)


@dataclass(frozen=True)
class Photo:
    id: int
    shows: str


class NoMeal(Exception):
    """There is nothing to eat on the photo."""


@csrf_exempt
@require_POST
async def analyse_photo(request: HttpRequest) -> HttpResponse:
    """A photo that fails costs nothing; while the service is away each user has two a day."""
    person = await person_of(request)
    if person is None:
        return JsonResponse(SIGN_IN, status=401)
    try:
        photo = Photo(**json.loads(request.body))
        operation = f"photo-{person.id}-{int(photo.id)}"  # the same photo again counts once
    except (TypeError, ValueError):
        return JsonResponse({"error": {"code": "BAD_REQUEST", "message": "Нужны id и shows."}}, status=400)
    try:
        async with guards().guard(person.id, operation_id=operation, when_unavailable=allow(2)):
            meal = await analyse(photo)
    except NoMeal:
        return JsonResponse({"error": {"code": "NO_MEAL", "message": "На фото нет еды."}}, status=422)
    except Unavailable:
        return JsonResponse(UNAVAILABLE, status=503)
    except Refused as refusal:
        return _refused(refusal)
    return JsonResponse({"meal": meal})


def _refused(refusal: BillingError) -> HttpResponse:
    if not isinstance(refusal, SHOWN):
        raise refusal
    error = {"code": refusal.code, "message": refusal.message, "details": refusal.details}
    return JsonResponse({"error": error}, status=refusal.status)


async def analyse(photo: Photo) -> str:
    """Stands for the model that recognises meals."""
    if photo.shows == "a table":
        raise NoMeal
    return photo.shows
