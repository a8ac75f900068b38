"""Who asks for his money back is listed, the most urgent first, and answered in the browser."""

import asyncio
import re
from typing import Any

import pytest

from billing_service.admin.listing_queries import PAGE
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.admin.visitor import Person, shown_in
from tests.ledger import rows, value
from tests.refund_requests.test_asking_for_money_back import ask, look, paid
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

CASE = "SELECT id::text FROM refund_requests ORDER BY number DESC LIMIT 1"


@pytest.fixture
async def asked(api: MainBackend, office: BackOffice, services: Services) -> dict[str, Any]:
    payment = await paid(api, office, services)
    await ask(api, payment)
    return payment


async def test_a_request_is_refused_and_the_payer_reads_why(
    finance: Person, support: Person, asked: dict[str, Any], api: MainBackend, database: Database
) -> None:
    case = str(await value(database, CASE))
    first, listed = await support.open("/"), await support.open("/refund-requests?state=open")
    offered = (await finance.open(f"/refund-requests/{case}")).text
    page, form = await finance.preview("refuse-refund-request", case, reason="Все дни уже использованы")
    clicks = await asyncio.gather(*(finance.post("/acts/refuse-refund-request", form) for _ in range(2)))
    twice, _ = await finance.preview("refuse-refund-request", case)
    late, _ = await finance.preview("refund-on-request", case)

    answered = (await finance.open(f"/refund-requests/{case}")).text
    assert ("Отказать" in answered, "Вернуть деньги<" in answered) == (False, False)
    assert re.search(r"<b>1</b><span>просит вернуть деньги</span>", first.text)
    assert ("R-0000" in listed.text, "не пользуюсь" in listed.text) == (True, True)
    assert ("Отказать" in offered, "Вернуть деньги" in offered) == (True, True)
    assert "Что прочитает плательщик</dt><dd>Все дни уже использованы" in page.text
    assert {click.status_code for click in clicks} == {303}
    shown = (await look(api, asked))["request"]
    assert (shown["status"], shown["answer"]) == ("refused", "Все дни уже использованы")
    assert [(one.status_code, "уже ответили" in one.text) for one in (twice, late)] == [(409, True)] * 2
    (written,) = await rows(database, "SELECT action, author FROM audit_log WHERE caller = 'panel'")
    assert dict(written) == {"action": "refund_request.refused", "author": "finance"}


async def test_on_request_all_that_is_left_goes_back_once_and_the_request_is_answered(
    finance: Person, asked: dict[str, Any], services: Services, api: MainBackend, database: Database
) -> None:
    case = str(await value(database, CASE))
    page, form = await finance.preview("refund-on-request", case)
    clicks = await asyncio.gather(*(finance.post("/acts/refund-on-request", form) for _ in range(3)))
    await work_off(services)

    assert "Вернётся</dt><dd>299\u00a0₽" in page.text
    assert {click.status_code for click in clicks} == {303}
    assert await value(database, "SELECT sum(amount) FROM refunds WHERE status = 'SUCCEEDED'") == 299
    assert (await look(api, asked))["request"]["status"] == "refunded"
    assert "деньги возвращены" in (await finance.open("/refund-requests?state=concluded")).text
    assert "R-0000" in (await finance.open(f"/payments/{asked['payment_id']}")).text
    assert "R-0000" in (await finance.open(f"/users/{USER}")).text


@pytest.mark.usefixtures("asked")
async def test_a_refusal_of_what_was_refunded_meanwhile_does_nothing(
    finance: Person, asked: dict[str, Any], services: Services, api: MainBackend, database: Database
) -> None:
    case = str(await value(database, CASE))
    _, form = await finance.preview("refuse-refund-request", case)
    await api.refund(asked)
    await work_off(services)

    refused = await finance.post("/acts/refuse-refund-request", form)

    assert (refused.status_code, "уже ответили" in refused.text) == (409, True)
    assert await value(database, "SELECT refusal FROM refund_requests") is None
    assert shown_in(refused)["subject"] == case


MANY = """
    INSERT INTO refund_requests (id, payment_id, reason, created_at, answer_by)
    SELECT gen_random_uuid(), id, 'надоело', billing_now() - interval '9 days', billing_now() + g * interval '1 minute'
    FROM (SELECT id, row_number() OVER (ORDER BY id DESC) AS g FROM payments) p
"""


async def test_the_most_urgent_come_first_page_after_page_and_late_ones_are_marked(
    support: Person, asked: dict[str, Any], database: Database, clock: Clock
) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        await connection.exec_driver_sql(
            "INSERT INTO payments SELECT p.* FROM payments o, generate_series(1, 60) g, LATERAL "
            "jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'yookassa_payment_id', "
            "gen_random_uuid(), 'idempotency_key', g::text, 'renewal_of', null)) p"
        )
        await connection.exec_driver_sql("DELETE FROM refund_requests")
        await connection.exec_driver_sql(MANY)
    await clock.advance(minutes=3, seconds=1)
    urgent = [
        row["id"]
        for row in await rows(database, "SELECT id::text FROM refund_requests ORDER BY answer_by, id")
    ]

    found: list[str] = []
    path = "/refund-requests?state=open"
    for _ in range(3):
        page = (await support.open(path)).text
        found += re.findall(r'href="/admin/refund-requests/([0-9a-f-]{36})">Открыть', page)
        onwards = re.search(r'href="/admin([^"]+)" rel="next"', page)
        if onwards is None:
            break
        path = onwards[1].replace("&amp;", "&")
    late = (await support.open("/refund-requests?state=late")).text

    assert len(urgent) == 61 > PAGE
    assert found == urgent
    assert late.count("ответ опоздал</span>") == 3
    assert asked


async def test_a_request_is_found_by_its_number_the_user_and_the_payment(
    support: Person, asked: dict[str, Any], database: Database
) -> None:
    number = await value(database, "SELECT 'R-' || lpad(number::text, 6, '0') FROM refund_requests")
    for typed in (number, str(USER), asked["payment_id"], str(await value(database, CASE))):
        assert number in (await support.open(f"/refund-requests?q={typed}")).text, typed
    assert "Так здесь не ищут" in (await support.open("/refund-requests?q=R-x")).text
