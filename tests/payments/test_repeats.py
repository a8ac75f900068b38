"""The same key gives the same payment, whatever has become of it, and whoever replaced the token meanwhile."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.kit.tokens import ServiceToken, parse_service_token
from billing_service.services import Services
from tests.ledger import value
from tests.stage import BackOffice, Clock, MainBackend, work_off

HAPPENS = ("is paid", "is declined", "expires")
STATUS = {"is paid": "succeeded", "is declined": "canceled", "expires": "canceled"}


async def happen(office: BackOffice, payment: dict[str, str], what: str) -> None:
    if what == "is paid":
        await office.pay(payment)
    elif what == "is declined":
        await office.decline(payment, "insufficient_funds")
    else:
        await office.call("POST", "/clock", {"advance_seconds": 3601})


@pytest.mark.parametrize("what", HAPPENS)
async def test_a_key_whose_payment_is_over_answers_what_became_of_it_and_no_dead_link(
    api: MainBackend, office: BackOffice, services: Services, database: Database, what: str
) -> None:
    first = await api.buy("PRO_MONTHLY", Idempotency_Key="k1")
    await happen(office, first, what)
    await work_off(services)

    again = await api.buy("PRO_MONTHLY", Idempotency_Key="k1")

    assert first["status"] == "pending"
    assert again == first | {"status": STATUS[what], "confirmation_url": None}
    assert await value(database, "SELECT count(*) FROM payments") == 1


@pytest.mark.parametrize("what", HAPPENS)
async def test_a_key_whose_payment_nobody_has_seen_for_a_while_is_asked_about_first(
    api: MainBackend, office: BackOffice, clock: Clock, what: str
) -> None:
    first = await api.buy("PRO_MONTHLY", Idempotency_Key="k1")
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    await happen(office, first, what)
    await clock.advance(seconds=31)

    again = await api.buy("PRO_MONTHLY", Idempotency_Key="k1")

    assert again == first | {"status": STATUS[what], "confirmation_url": None}


async def test_a_new_key_pays_anew(api: MainBackend, office: BackOffice, services: Services) -> None:
    first = await api.buy("PRO_MONTHLY", Idempotency_Key="k1")
    await office.decline(first, "insufficient_funds")
    await work_off(services)

    second = await api.buy("PRO_MONTHLY", Idempotency_Key="k2")

    assert second["payment_id"] != first["payment_id"]
    assert (second["status"], second["confirmation_url"] is None) == ("pending", False)


@asynccontextmanager
async def called_with(services: Services, *tokens: str) -> AsyncIterator[dict[str, MainBackend]]:
    """The service that knows these tokens (their text is their name), and a caller with each."""
    settings = services.settings.model_copy(update={"billing_service_tokens": tuple(map(_token, tokens))})
    app = create_app(settings, replace(services, settings=settings))
    async with AsyncExitStack() as stack:
        callers = {}
        for token in tokens:
            caller = callers[token] = await stack.enter_async_context(MainBackend.calling(app))
            caller.http.headers["Authorization"] = f"Bearer {token}"
        yield callers


def _token(written: str) -> ServiceToken:
    token = parse_service_token(f"{written}:{hashlib.sha256(written.encode()).hexdigest()}:user")
    assert isinstance(token, ServiceToken)
    return token


async def test_a_key_goes_on_meaning_the_same_payment_when_the_token_is_replaced(
    services: Services, office: BackOffice
) -> None:
    async with called_with(services, "backend", "backend-2027@backend") as callers:
        before = await callers["backend"].buy("PRO_MONTHLY", Idempotency_Key="k1")
        after = await callers["backend-2027@backend"].buy("PRO_MONTHLY", Idempotency_Key="k1")

    assert after == before
    assert len(await office.payments()) == 1


async def test_a_key_of_another_caller_is_another_wish(services: Services) -> None:
    async with called_with(services, "backend", "trainer@studio") as callers:
        ours = await callers["backend"].buy("PRO_MONTHLY", Idempotency_Key="k1")
        theirs = await callers["trainer@studio"].buy("PRO_MONTHLY", Idempotency_Key="k1")

    assert ours["payment_id"] != theirs["payment_id"]
