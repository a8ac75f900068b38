"""Everything that a self-employed person sold and sent back stands in the register until it is marked."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from billing_service.kit.db import Database
from billing_service.npd import service as npd
from billing_service.services import Services
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, MainBackend, work_off

NUMBER = "200abcd1ef"
LINK = f"https://lknpd.nalog.ru/api/v1/receipt/770000000000/{NUMBER}/print"
RECEIPT = {"number": NUMBER, "link": LINK, "author": "owner"}
DEEDS = "SELECT action, caller, author, user_id, details FROM audit_log WHERE action LIKE 'npd.%' ORDER BY id"
LATE_ON_NEW_YEARS_EVE = "UPDATE payments SET paid_at = '2026-12-31 20:59:59+00', income_amount = NULL"


async def register(api: MainBackend, query: str = "") -> list[dict[str, Any]]:
    response = await api.internal("GET", f"npd/register{query}")
    assert response.status_code == 200, response.text
    entries: list[dict[str, Any]] = response.json()["results"]
    return entries


async def mark(api: MainBackend, entry_id: object, **other: object) -> dict[str, Any]:
    response = await api.internal("POST", f"npd/register/{entry_id}/registered", RECEIPT | other)
    assert response.status_code == 200, response.text
    entry: dict[str, Any] = response.json()
    return entry


async def execute(database: Database, statement: str) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(statement)


async def test_a_payment_stands_in_it_from_the_moment_it_is_settled(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    assert await register(api) == []

    await office.pay(payment)
    await work_off(services)

    [entry] = await register(api)
    assert (entry["entry_id"], entry["kind"], entry["user_id"]) == (payment["payment_id"], "income", USER)
    assert (entry["amount"], entry["currency"], entry["after_fee"]) == ("299.00", "RUB", "288.54")
    assert (entry["state"], entry["receipt"]) == ("open", None)


@pytest.mark.parametrize("made_in", ["our API", "the cabinet"])
async def test_a_refund_stands_in_it_wherever_it_was_made(
    made_in: str, api: MainBackend, office: BackOffice, services: Services, paid: dict[str, Any]
) -> None:
    if made_in == "our API":
        await api.refund(paid, "100.00")
    else:
        await office.refund(paid, "100.00")
        await work_off(services)

    income, returned = await register(api)
    assert (returned["kind"], returned["amount"], returned["payment_id"]) == (
        "return",
        "100.00",
        paid["payment_id"],
    )
    assert income["entry_id"] != returned["entry_id"]


async def test_a_refund_that_is_not_through_does_not_stand_in_it(
    api: MainBackend, office: BackOffice, paid: dict[str, Any]
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "lost_before"}])

    assert (await api.refund(paid, "100.00")).status_code == 503

    assert [entry["kind"] for entry in await register(api)] == ["income"]


async def test_a_marked_entry_says_by_whom_and_under_which_number_and_is_no_longer_open(
    api: MainBackend, database: Database, paid: dict[str, Any]
) -> None:
    entry = await mark(api, paid["payment_id"])

    assert entry["state"] == "registered"
    assert {name: entry["receipt"][name] for name in RECEIPT} == RECEIPT
    assert await register(api, "?state=open") == []
    assert await register(api, "?state=registered") == [entry]
    [deed] = await rows(database, DEEDS)
    assert (deed["action"], deed["caller"], deed["author"], deed["user_id"]) == (
        "npd.registered",
        "dev",
        "owner",
        USER,
    )
    assert deed["details"] == {
        "entry_id": paid["payment_id"],
        "kind": "income",
        "number": NUMBER,
        "link": LINK,
        "before": None,
    }


async def test_marking_a_return_marks_nothing_else(
    api: MainBackend, database: Database, paid: dict[str, Any]
) -> None:
    refund = (await api.refund(paid, "100.00")).json()

    await mark(api, refund["refund_id"], link=None)

    assert [entry["entry_id"] for entry in await register(api, "?state=open")] == [paid["payment_id"]]
    assert (await api.payment(paid["payment_id"]))["receipt_url"] is None
    assert await value(database, "SELECT refund_id::text FROM npd_registrations") == refund["refund_id"]


async def test_marking_again_is_no_second_deed_and_another_receipt_replaces_it(
    api: MainBackend, database: Database, paid: dict[str, Any]
) -> None:
    first = await mark(api, paid["payment_id"])

    assert await mark(api, paid["payment_id"], author="somebody else") == first
    assert len(await rows(database, DEEDS)) == 1

    assert (await mark(api, paid["payment_id"], number="200zzz", link=None))["receipt"]["number"] == "200zzz"
    assert (await rows(database, DEEDS))[1]["details"]["before"] == {"number": NUMBER, "link": LINK}
    assert await value(database, "SELECT count(*) FROM npd_registrations") == 1


async def test_the_payer_finds_the_receipt_with_the_payment(api: MainBackend, paid: dict[str, Any]) -> None:
    assert (await api.payment(paid["payment_id"]))["receipt_url"] is None

    await mark(api, paid["payment_id"])

    assert (await api.payment(paid["payment_id"]))["receipt_url"] == LINK


async def test_what_is_not_in_it_cannot_be_marked(api: MainBackend, database: Database) -> None:
    open_payment = await api.buy("PRO_MONTHLY")

    for entry_id in (open_payment["payment_id"], uuid4()):
        answer = await api.internal("POST", f"npd/register/{entry_id}/registered", RECEIPT)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NPD_ENTRY_NOT_FOUND")
    assert await value(database, "SELECT count(*) FROM npd_registrations") == 0


@pytest.mark.parametrize(
    "link",
    [
        "http://lknpd.nalog.ru/receipt",
        "https://evil-nalog.ru/receipt",
        "https://nalog.ru.evil.com/receipt",
        "https://user@nalog.ru/receipt",
        "https://nalog.ru@evil.com/",
        "https://lknpd.nalog.ru",
        "javascript:alert(1)//nalog.ru/",
        "https://lknpd.nalog.ru/чек",
    ],
)
async def test_a_payer_is_sent_to_the_tax_office_and_nowhere_else(
    link: str, api: MainBackend, paid: dict[str, Any]
) -> None:
    answer = await api.internal(
        "POST", f"npd/register/{paid['payment_id']}/registered", RECEIPT | {"link": link}
    )

    assert (answer.status_code, list(answer.json()["error"]["details"]["fields"])) == (422, ["link"])


async def test_a_month_ends_at_midnight_in_moscow(
    api: MainBackend, database: Database, paid: dict[str, Any]
) -> None:
    await execute(database, LATE_ON_NEW_YEARS_EVE)
    assert [entry["month"] for entry in await register(api, "?month=2026-12")] == ["2026-12"]
    assert await register(api, "?month=2027-01") == []

    await execute(database, "UPDATE payments SET paid_at = paid_at + interval '1 second'")

    assert await register(api, "?month=2026-12") == []
    assert [entry["entry_id"] for entry in await register(api, "?month=2027-01")] == [paid["payment_id"]]


async def test_a_return_is_to_do_in_its_own_month_and_counts_to_the_sales(
    api: MainBackend, database: Database, paid: dict[str, Any]
) -> None:
    await api.refund(paid, "100.00")
    await execute(database, LATE_ON_NEW_YEARS_EVE)
    await execute(database, "UPDATE refunds SET completed_at = '2027-02-01 10:00+03'")

    [returned] = await register(api, "?month=2027-02")
    year = (await api.internal("GET", "npd/summary?year=2026")).json()

    assert (returned["kind"], returned["income_month"]) == ("return", "2026-12")
    assert (year["income"], year["returned"], year["kept"]) == ("299.00", "100.00", "199.00")
    assert year["months"] == [
        {
            "month": "2026-12",
            "income": "299.00",
            "returned": "100.00",
            "kept": "199.00",
            "after_fee": None,
            "open": 2,
        }
    ]
    assert (await api.internal("GET", "npd/summary?year=2027")).json()["months"] == []


async def test_what_was_sold_before_its_first_day_stands_not_in_it_nor_what_goes_back_of_it(
    services: Services, database: Database, api: MainBackend, paid: dict[str, Any]
) -> None:
    await api.refund(paid, "100.00")
    await execute(database, "UPDATE payments SET paid_at = '2025-12-31 20:59:59+00'")
    assert await register(api, "?month=2025-12") == []
    assert await register(api) == []

    await execute(database, "UPDATE payments SET paid_at = paid_at + interval '1 second'")

    assert [entry["kind"] for entry in await register(api, "?month=2026-01")] == ["income"]
    without = replace(services, settings=services.settings.model_copy(update={"npd_since": None}))
    assert await npd.read_register(without, date(2026, 1, 1), is_open=None) == []


@pytest.mark.usefixtures("paid")
async def test_test_payments_stand_not_in_the_register_of_a_live_shop(services: Services) -> None:
    live = replace(services, settings=services.settings.model_copy(update={"yookassa_mode": "prod"}))

    assert len(await npd.read_register(services, None, is_open=None)) == 1
    assert await npd.read_register(live, None, is_open=None) == []


async def test_income_less_returns_is_the_money_kept_whatever_was_bought_and_sent_back(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    """N payments, some sent back here or in the cabinet, whole or in parts: the provider's own books agree."""
    for number, plan in enumerate(["PRO_MONTHLY", "PRO_YEARLY"] * 3):
        payment = await api.buy(plan, user=number + 1)
        await office.pay(payment)
        await work_off(services)
        for amount in ([], ["0.01"], ["10.00", "20.50"], [None], ["1.00", None], [])[number]:
            if number % 2:
                assert (await api.refund(payment, amount)).status_code == 201
            else:
                await office.refund(payment, amount)
    await work_off(services)

    year = await npd.read_year(services, None)
    books = await office.payments()
    sold = sum(Decimal(one["amount"]["value"]) for one in books)
    back = sum(Decimal(one.get("refunded_amount", {"value": "0.00"})["value"]) for one in books)
    assert (year.income, year.returned, year.kept) == (sold, back, sold - back)
    entries = [
        entry
        for month in year.months
        for entry in await npd.read_register(services, month.month, is_open=None)
    ]
    assert sum(e.amount if e.kind == "income" else -e.amount for e in entries) == year.kept
    assert sum(month.open for month in year.months) == len(entries)
