"""A payer asks for his money back: a case with a number and a date, nothing is charged any more, one case at a time."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.kit.statement_pool import StatementPool
from billing_service.refunds.calls import REFUNDS
from billing_service.services import Services
from tests.command import command
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, buy_and_pay, work_off
from tests.stories.silence import walk_to_the_end

DEED = {"author": "support", "reason": "все дни использованы"}
WHY = {"reason": "не пользуюсь"}
SLOW = {"operation": "create_refund", "fault": "stay_pending", "seconds": 300, "count": 1}
RENEWING = "UPDATE subscriptions SET auto_renew = true WHERE user_id = 1001"


async def paid(api: MainBackend, office: BackOffice, services: Services, user: int = USER) -> dict[str, Any]:
    return await buy_and_pay(api, office, services, user=user, Idempotency_Key=uuid4().hex)


async def ask(
    api: MainBackend, payment: dict[str, Any], user: int = USER, body: object = WHY
) -> httpx.Response:
    return await api.post(f"payments/{payment['payment_id']}/refund-request/", body, user)


async def look(api: MainBackend, payment: dict[str, Any]) -> dict[str, Any]:
    response = await api.get(f"payments/{payment['payment_id']}/refund-request/")
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


async def to_answer(api: MainBackend) -> list[dict[str, Any]]:
    return list((await api.internal("GET", "refund-requests/")).json()["results"])


async def test_who_looks_is_shown_the_sum_and_what_becomes_of_the_access_and_that_is_what_happens(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, database: Database
) -> None:
    payment = await paid(api, office, services)
    await api.refund(payment, "100.00", access="keep")
    await work_off(services)
    await clock.advance(days=10)

    shown = await look(api, payment)

    assert (shown["refundable"], shown["access"], shown["can_be_requested"]) == ("199.00", "cut_all", True)
    assert round(shown["access_seconds_taken"] / 86400, 2) == 20
    assert await value(database, "SELECT count(*) FROM refund_requests") == 0
    await api.refund(payment)
    await work_off(services)
    cut = "SELECT extract(epoch FROM access_cut) FROM refunds WHERE amount = 199"
    assert abs(await value(database, cut) - shown["access_seconds_taken"]) < 60


async def test_who_looks_while_a_part_is_on_its_way_is_shown_what_becomes_of_the_access_with_the_rest(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await paid(api, office, services)
    await office.call("PUT", "/faults", [SLOW])
    assert (await api.refund(payment, "200.00")).json()["status"] == "pending"

    shown = await look(api, payment)

    assert (shown["refundable"], shown["access"]) == ("99.00", "cut_all")
    assert round(shown["access_seconds_taken"] / 86400) == 30


async def test_a_case_has_a_number_and_a_date_and_auto_renewal_is_off_at_once(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await paid(api, office, services)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(RENEWING)

    case = (await ask(api, payment)).json()

    assert (case["status"], case["reason"], case["answer"]) == ("open", "не пользуюсь", None)
    assert case["case_number"].startswith("R-")
    (listed,) = await to_answer(api)
    assert (listed["case_number"], listed["user_id"], listed["amount"]) == (
        case["case_number"],
        USER,
        "299.00",
    )
    assert await rows(
        database, "SELECT auto_renew, answer_by - c.created_at AS time FROM subscriptions, refund_requests c"
    ) == [{"auto_renew": False, "time": services.settings.refund_request_days * (await _a_day(database))}]
    assert (await api.me())["plan_code"] == "PRO_MONTHLY"


async def _a_day(database: Database) -> Any:  # noqa: ANN401 (an interval)
    return await value(database, "SELECT interval '24 hours'")


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (200, 200), (201, 422)])
async def test_one_to_two_hundred_are_listed_at_once(api: MainBackend, limit: int, status: int) -> None:
    answer = await api.internal("GET", f"refund-requests/?limit={limit}")

    assert answer.status_code == status
    if status == 422:
        assert answer.json()["error"]["details"]["fields"].keys() == {"limit"}


async def test_ten_who_ask_at_once_have_one_case(
    api: MainBackend, office: BackOffice, services: Services, settings: Settings, database: Database
) -> None:
    """Through two processes, of which neither sees the other's line."""
    payment = await paid(api, office, services)
    elsewhere = replace(services, statements=StatementPool(settings.database_url, pool_size=5))
    async with MainBackend.calling(create_app(settings, elsewhere)) as other:
        answers = await asyncio.gather(*(ask(one, payment) for _ in range(5) for one in (api, other)))
    await elsewhere.statements.close()

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["case_number"] for answer in answers}) == 1
    assert await value(database, "SELECT count(*) FROM refund_requests") == 1
    assert (await look(api, payment))["can_be_requested"] is False


@pytest.mark.parametrize("where", ["here", "cabinet"])
async def test_a_refund_of_the_payment_concludes_it_wherever_it_was_made(
    api: MainBackend, office: BackOffice, services: Services, where: str
) -> None:
    payment, other = await paid(api, office, services), await paid(api, office, services, user=1002)
    await ask(api, payment)
    await ask(api, other, user=1002)

    await (api.refund(payment) if where == "here" else office.refund(payment))
    await work_off(services)

    shown = await look(api, payment)
    assert (shown["request"]["status"], shown["request"]["answer"]) == ("refunded", None)
    assert (shown["refundable"], shown["can_be_requested"]) == ("0.00", False)
    assert [case["user_id"] for case in await to_answer(api)] == [1002]
    refused = await ask(api, payment)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "REFUND_TOO_LARGE")


async def test_a_part_that_was_on_its_way_before_he_asked_is_no_answer_unless_nothing_is_left(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    payment = await paid(api, office, services)
    lost = [{"operation": one, "fault": "lost_after"} for one in ("create_refund", "get_refund")]
    await office.call("PUT", "/faults", [*lost, {"operation": "notification", "fault": "lose"}])
    assert (await api.refund(payment, "10.00")).status_code == 503
    await clock.advance(hours=1)
    await ask(api, payment)
    await office.call("PUT", "/faults", [])

    await walk_to_the_end(services, REFUNDS)
    after_the_part = (await look(api, payment))["request"]["status"]
    await api.refund(payment)

    assert (after_the_part, (await look(api, payment))["request"]["status"]) == ("open", "refunded")


async def test_whose_money_is_on_its_way_back_is_not_refused(
    api: MainBackend, office: BackOffice, services: Services, tmp_path: Path
) -> None:
    payment = await paid(api, office, services)
    await ask(api, payment)
    (case,) = await to_answer(api)
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "lost_after", "count": 3}])
    assert (await api.refund(payment)).status_code == 503

    path = f"refund-requests/{case['refund_request_id']}/refuse/"
    refused = (await api.internal("POST", path, DEED)).json()
    who = ("--author", "support", "--reason", "все дни использованы")
    code, said = await command(
        services, tmp_path, "refund-requests", "refuse", case["refund_request_id"], *who
    )
    await work_off(services)

    assert (refused["status"], refused["answer"]) == ("open", None)
    assert (code, "on its way back" in said) == (1, True), said
    assert (await look(api, payment))["request"]["status"] == "refunded"


async def test_a_refusal_is_read_by_the_payer_who_may_ask_again(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await paid(api, office, services)
    first = (await ask(api, payment)).json()
    (case,) = await to_answer(api)
    path = f"refund-requests/{case['refund_request_id']}/refuse/"

    refused = (await api.internal("POST", path, DEED)).json()
    again = (await api.internal("POST", path, DEED | {"reason": "иначе"})).json()

    assert again == refused
    assert (await look(api, payment))["request"]["answer"] == "все дни использованы"
    assert (
        await value(database, "SELECT count(*) FROM audit_log WHERE action = 'refund_request.refused'") == 1
    )
    assert (await ask(api, payment)).json()["case_number"] > first["case_number"]
    unknown = await api.internal("POST", f"refund-requests/{uuid4()}/refuse/", DEED)
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "REFUND_REQUEST_NOT_FOUND")


async def test_nobody_asks_about_anothers_payment_nor_for_what_was_never_paid(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment, unpaid = await paid(api, office, services), await api.buy(user=1003)

    anothers = await ask(api, payment, user=1002)
    nothing = await ask(api, unpaid, user=1003)
    silent = await ask(api, payment, body={"reason": " … "})
    returned = await paid(api, office, services, user=1004)
    await api.refund(returned)
    too_late = await ask(api, returned, user=1004)

    assert (anothers.status_code, anothers.json()["error"]["code"]) == (404, "PAYMENT_NOT_FOUND")
    assert (await api.get(f"payments/{payment['payment_id']}/refund-request/", 1002)).status_code == 404
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (409, "NOT_REFUNDABLE")
    assert (silent.status_code, silent.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert (too_late.status_code, too_late.json()["error"]["code"]) == (409, "REFUND_TOO_LARGE")
    assert await value(database, "SELECT count(*) FROM refund_requests") == 0


async def test_the_command_lists_them_and_refuses_one_and_the_timeline_tells_both(
    api: MainBackend, office: BackOffice, services: Services, tmp_path: Path
) -> None:
    _, nobody = await command(services, tmp_path, "refund-requests", "list", only_answers=True)
    await ask(api, await paid(api, office, services))

    code, listed = await command(services, tmp_path, "refund-requests", "list", only_answers=True)
    assert nobody.strip() == "nobody waits for an answer"
    assert (code, "R-" in listed, "не пользуюсь" in listed) == (0, True, True), listed
    who = ("--author", "support", "--reason", "все дни использованы")
    code, said = await command(services, tmp_path, "refund-requests", "refuse", listed.split()[0], *who)
    assert (code, "refused by support: все дни использованы" in said) == (0, True), said

    told = (await api.internal("GET", f"users/{USER}/timeline/")).json()["results"]
    texts = {entry["kind"]: entry["text"] for entry in told}
    assert "попросил вернуть 299 ₽ (R-" in texts["refund_request.made"]
    assert texts["refund_request.refused"].endswith(
        "в возврате 299 ₽ отказано (support: все дни использованы)."
    )
