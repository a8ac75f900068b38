"""kill -9 on the way of a card: it is kept once, or honestly not, and the days of the purchase never wait for it.

A process is stopped where it is to die, as in `test_kills`.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.payment_methods.calls import BINDINGS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.services import Services
from tests.bad_days.invariants import broken_rules
from tests.bad_days.processes import Running, an_api
from tests.bad_days.standstill import FINISHED, UNDONE, Fate, killed_in
from tests.bad_days.test_kills import another_worker_takes_over
from tests.forked import billing_service
from tests.ledger import days_granted, rows, value
from tests.payment_methods.cards import CONSENT, SAVING, confirm, keep_a_card, refuse, shown
from tests.payment_methods.conftest import api, renewing
from tests.stage import RENEWING, USER, BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import pass_time

__all__ = ["api", "renewing"]

ORDER = SAVING | {"consent": CONSENT}
AS_COMMITTED = "CONSTRAINT TRIGGER {{}} AFTER {} DEFERRABLE INITIALLY DEFERRED"
# Where the process stands when it is killed -> what becomes of the statement it stood in.
AS_THE_SALE_IS_COMMITTED = AS_COMMITTED.format("INSERT ON consents")
WITH_THE_ANSWER = "TRIGGER {} BEFORE UPDATE OF id_digest ON card_bindings"
AS_THE_REFUSAL_IS_COMMITTED = AS_COMMITTED.format("INSERT ON payment_method_refusals")
IN_THE_REFUSED_CHECKOUT = {
    "with the 403, before it is written down": ("TRIGGER {} BEFORE INSERT ON shops_unable_to_save", UNDONE),
    "as the sale without saving is committed": (
        AS_COMMITTED.format("INSERT ON shops_unable_to_save"),
        FINISHED,
    ),
}
IN_THE_SETTLING = {
    "as the card is written down": ("TRIGGER {} BEFORE INSERT ON payment_methods", UNDONE),
    "as card and days are committed": (AS_COMMITTED.format("INSERT ON payment_methods"), FINISHED),
}


@pytest.fixture
async def api_process(
    database: Database,  # noqa: ARG001 (emptied before the process starts)
    settings: Settings,
    yookassa: str,
    tmp_path: Path,
) -> AsyncIterator[Running]:
    async with an_api(settings, yookassa, tmp_path, main=billing_service, **RENEWING) as running:
        yield running


async def test_an_api_killed_in_a_purchase_that_saves_sells_once_and_keeps_the_card_once(
    api_process: Running,
    api: MainBackend,
    office: BackOffice,
    renewing: Services,
    database: Database,
    clock: Clock,
) -> None:
    await _killed(api_process, renewing, AS_THE_SALE_IS_COMMITTED, FINISHED, "POST", "create-payment/", ORDER)

    await pass_time(clock, office, renewing, seconds=61)
    await office.pay((await api.post("create-payment/", ORDER)).json())
    await work_off(renewing)

    await _sold_once(office, database)
    await _kept_once(api, database)


@pytest.mark.parametrize(("where", "fate"), IN_THE_REFUSED_CHECKOUT.values(), ids=IN_THE_REFUSED_CHECKOUT)
async def test_an_api_killed_as_its_shop_may_keep_nothing_sells_once_without(
    api_process: Running,
    api: MainBackend,
    office: BackOffice,
    renewing: Services,
    database: Database,
    clock: Clock,
    where: str,
    fate: Fate,
) -> None:
    await office.call("PUT", "/shop", {"recurring": False})
    await _killed(api_process, renewing, where, fate, "POST", "create-payment/", ORDER)

    await pass_time(clock, office, renewing, seconds=61)
    again = await api.post("create-payment/", ORDER)
    if fate == UNDONE:
        # Nobody wrote down that it was refused: it may have been taken, and nothing is sent beside it.
        assert again.status_code == 503
        again = await api.post("create-payment/", ORDER, Idempotency_Key="once-more")
        assert again.status_code == 201, again.text
    await office.pay(again.json())
    await work_off(renewing)

    await _sold_once(office, database)
    assert (await shown(api))["is_attached"] is False


@pytest.mark.parametrize(("where", "fate"), IN_THE_SETTLING.values(), ids=IN_THE_SETTLING)
async def test_a_worker_killed_as_it_keeps_a_card_grants_and_keeps_once(
    worker_process: Running,
    api: MainBackend,
    office: BackOffice,
    renewing: Services,
    database: Database,
    where: str,
    fate: Fate,
) -> None:
    await renewing.statements.fetch("INSERT INTO subscriptions (user_id) VALUES ($1)", USER)
    await renewing.statements.fetch(AN_OLDER_CARD, USER)
    payment = (await api.post("create-payment/", ORDER)).json()
    await killed_in(worker_process, renewing.settings.database_url, where, fate, office.pay(payment))

    await another_worker_takes_over(renewing, database)

    await _sold_once(office, database)
    await _kept_once(api, database, beside=["REPLACED"])


async def test_an_api_killed_in_a_binding_binds_once(
    api_process: Running,
    api: MainBackend,
    office: BackOffice,
    renewing: Services,
    database: Database,
    clock: Clock,
) -> None:
    await api.post("consents/", CONSENT | {"plan_code": "PRO_MONTHLY"})
    await _killed(api_process, renewing, WITH_THE_ANSWER, UNDONE, "POST", "bind-card/start/", {})

    await clock.advance(seconds=61)
    await enqueue_due(renewing, BINDINGS)
    await work_off(renewing)
    assert (await api.post("bind-card/start/", {})).status_code == 201
    await confirm(office)
    await work_off(renewing)

    assert len((await office.call("GET", "/payment_methods"))["results"]) == 1
    assert await rows(database, "SELECT status FROM card_bindings") == [{"status": "ACTIVE"}]
    await _kept_once(api, database)


async def test_a_refusal_whose_answer_was_never_given_holds_and_is_the_same_when_asked_for_again(
    api_process: Running,
    api: MainBackend,
    office: BackOffice,
    renewing: Services,
    database: Database,
) -> None:
    await keep_a_card(api, office, renewing)
    await _killed(api_process, renewing, AS_THE_REFUSAL_IS_COMMITTED, FINISHED, "DELETE", "payment-method/")

    assert (await shown(api))["is_attached"] is False
    receipt = await refuse(api)

    assert await rows(database, "SELECT id::text AS id FROM payment_method_refusals") == [
        {"id": receipt["receipt_id"]}
    ]
    assert await value(database, "SELECT count(*) FROM consents WHERE withdrawn_at IS NULL") == 0
    assert await rows(database, "SELECT status, sealed_id FROM payment_methods") == [
        {"status": "REFUSED", "sealed_id": None}
    ]


AN_OLDER_CARD = """
    WITH agreed AS (
        INSERT INTO consents
            (id, user_id, document_version, plan_code, amount, currency, period_days, given_with, caller)
        VALUES (gen_random_uuid(), $1, '2026-10', 'PRO_MONTHLY', 299, 'RUB', 30, 'consent', 'raw') RETURNING id
    )
    INSERT INTO payment_methods (id, user_id, shop_id, is_test, consent_id, sealed_id, id_digest, type)
    SELECT gen_random_uuid(), $1, '100500', true, id, 'sealed', 'older', 'sbp' FROM agreed
"""


async def _killed(
    process: Running, services: Services, where: str, fate: Fate, method: str, path: str, body: object = None
) -> None:
    """Somebody calls, and the process dies there."""
    await killed_in(process, services.settings.database_url, where, fate, _call(process, method, path, body))


async def _call(process: Running, method: str, path: str, body: object) -> None:
    async with process.client() as client:
        with pytest.raises(httpx.TransportError):
            await client.request(method, path, json=body)


async def _sold_once(office: BackOffice, database: Database) -> None:
    assert [one["status"] for one in await office.payments()] == ["succeeded"]
    assert await value(database, "SELECT count(*) FROM payments WHERE status = 'SUCCEEDED'") == 1
    assert await days_granted(database, USER) == 30
    assert await broken_rules(database) == {}


async def _kept_once(api: MainBackend, database: Database, beside: Any = ()) -> None:  # noqa: ANN401
    assert (await shown(api))["card_mask"] == "•••• 4444"
    kept = await rows(database, "SELECT status FROM payment_methods ORDER BY status")
    assert [one["status"] for one in kept] == ["ACTIVE", *beside]
    told = (
        "SELECT count(*) FROM outbox_events WHERE kind = 'payment_method.saved' AND data::text LIKE '%4444%'"
    )
    assert await value(database, told) == 1
