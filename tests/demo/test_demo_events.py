"""The demo as a receiver of events: it believes a signature, and takes each event once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from billing_service.app import create_app
from billing_service.config import DEV_EVENTS_SECRET
from billing_service.events.sender import Answer, Outcome, Sender
from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.events.receiver import NEXT_SECRET, told_of
from tests.events.receiver import Receiver as Nobody
from tests.stage import in_process

GIFT: dict[str, Any] = {
    "id": "5f0e2f52-70c4-4f1b-9a57-5b7f2f6f6a10",
    "type": "payment.succeeded",
    "occurred_at": "2026-11-27T09:00:00Z",
    "user_id": 1001,
    "data": {"amount": "299.00"},
}


@pytest.fixture
async def demo(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    told = told_of(services, Nobody("http://127.0.0.1:9/"), DEV_EVENTS_SECRET)
    app = create_app(told.settings, replace(services, settings=told.settings))
    async with httpx.AsyncClient(transport=in_process(app), base_url="http://localhost:8000") as client:
        yield client


async def post(services: Services, demo: httpx.AsyncClient, secret: str, event: dict[str, Any]) -> Answer:
    told = told_of(services, Nobody(url="http://localhost:8000/demo/events"), secret)
    sender = Sender(
        told.settings.events_url or "",
        told.settings.events_secrets,
        transport=demo._transport,  # noqa: SLF001
    )
    return await sender.post(event)


async def test_an_event_that_comes_twice_is_shown_once_and_to_its_user_only(
    services: Services, demo: httpx.AsyncClient
) -> None:
    answers = [await post(services, demo, DEV_EVENTS_SECRET, GIFT) for _ in range(2)]

    page = (await demo.get("/demo/events")).text
    others = (await demo.get("/demo/events", headers={"Cookie": "demo_user=1002"})).text
    assert {answer.outcome for answer in answers} == {Outcome.DELIVERED}
    assert page.count("<li>") == 1
    assert "Платёж прошёл" in page
    assert "299\u00a0₽" in page
    assert "Пока ни одного" in others


async def test_what_is_signed_with_another_secret_or_not_at_all_is_not_believed(
    services: Services, demo: httpx.AsyncClient
) -> None:
    forged = await post(services, demo, NEXT_SECRET, GIFT)
    bare = await demo.post("/demo/events", json=GIFT)
    odd = await demo.post(
        "/demo/events",
        json=GIFT,
        headers={"webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "v"},
    )

    assert (forged.outcome, forged.because) == (Outcome.FAILED, "401")
    assert (bare.status_code, odd.status_code) == (401, 401)
    assert "Пока ни одного" in (await demo.get("/demo/events")).text
