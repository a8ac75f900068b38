"""What this backend knows of a user without asking anybody."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from billing.models import BillingEvent, BillingState, Message
from billing.people import person_of
from billing.proxy import SIGN_IN


async def show(request: HttpRequest) -> HttpResponse:
    person = await person_of(request)
    if person is None:
        return JsonResponse(SIGN_IN, status=401)
    billing = await BillingState.objects.filter(user_id=person.id).afirst()
    return JsonResponse(
        {
            "user_id": person.id,
            "billing": billing.state if billing else None,
            "messages": [message.text async for message in Message.objects.filter(user_id=person.id)],
            "events": [event.type async for event in BillingEvent.objects.filter(user_id=person.id)],
        }
    )
