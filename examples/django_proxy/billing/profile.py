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
    messages = Message.objects.filter(user_id=person.id).order_by("id")
    events = BillingEvent.objects.filter(user_id=person.id).order_by("feed_no")
    return JsonResponse(
        {
            "user_id": person.id,
            "billing": billing.state if billing else None,
            "messages": [message.text async for message in messages],
            "events": [event.type async for event in events],
        }
    )
