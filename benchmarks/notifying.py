"""The provider tells that a payment was paid."""

from benchmarks.load import CannotMeasure
from billing_service.kit.http import httpx

PATH = "/api/v1/billing/webhooks/yookassa"


async def notify(provider: httpx.AsyncClient, payment_id: str) -> None:
    """Raises `CannotMeasure` unless it is taken in."""
    thing = {"id": payment_id, "status": "succeeded", "amount": {"value": "299.00", "currency": "RUB"}}
    told = {"type": "notification", "event": "payment.succeeded", "object": thing}
    answer = await provider.post(PATH, json=told)
    if answer.status_code != httpx.codes.OK:
        raise CannotMeasure(f"a notification was answered {answer.status_code}")
