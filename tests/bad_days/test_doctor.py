"""`billing-service doctor` says what is wrong, and says so in its exit code."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from billing_service.heartbeats.queries import upsert_heartbeat
from billing_service.kit.db import Database
from billing_service.kit.redis import open_redis
from billing_service.operations.backlog import KINDS
from billing_service.operations.database_servers import ONE_CONNECTION, SECOND_COPY
from billing_service.operations.doctor import KNOWS_US, examine
from billing_service.operations.go_live.examination import examine_for_sale
from billing_service.operations.invariants import INVARIANTS
from billing_service.services import Services
from tests.bad_days.processes import a_doctor
from tests.events.receiver import Says, deliver, receiving, told_of
from tests.gates import behind_a_gate
from tests.stage import BackOffice, Clock, MainBackend
from tests.stories.silence import walk_to_the_end
from tests.webhooks.test_inbox import a_notification

FORGOTTEN = "UPDATE payments SET next_ask_at = NULL"
NOWHERE = "127.0.0.1:1"


@pytest.fixture(autouse=True)
async def _worker_at_work(database: Database) -> None:
    """As far as its last heartbeat says."""
    async with database.begin() as session:
        await upsert_heartbeat(session, uuid4(), host="elsewhere", pid=1, version="0")


async def test_of_a_healthy_service_everything_is_ok(
    services: Services, yookassa: str, tmp_path: Path
) -> None:
    async with a_doctor(services.settings, yookassa, tmp_path) as doctor:
        code = await doctor.ended(within=30)

    findings = doctor.log.read_text().splitlines()
    assert code == 0
    amiss = [one for one in findings if not one.startswith("ok ") and "yookassa.called" not in one]
    assert [one.startswith(f"unknown   {SECOND_COPY}: ") for one in amiss] == [True]
    assert all(any(rule in finding for finding in findings) for rule in INVARIANTS)


async def test_a_broken_rule_is_named_with_its_row_and_ends_in_exit_code_1(
    api: MainBackend, services: Services, database: Database, yookassa: str, tmp_path: Path
) -> None:
    bought = await api.buy()
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(FORGOTTEN)

    async with a_doctor(services.settings, yookassa, tmp_path) as doctor:
        code = await doctor.ended(within=30)

    said = doctor.log.read_text()
    assert code == 1
    assert f"every open payment will be asked about: {bought['payment_id']}" in said
    assert said.count("what to do: ") == 1
    assert "what to do: docs/operations.md#invariant_broken" in said


async def test_that_no_worker_runs_is_found(services: Services, database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE worker_heartbeats SET seen_at = seen_at - interval '2 hours'"
        )
    killed = await _troubles(services)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM worker_heartbeats")

    assert list(killed) == ["a worker runs"]
    assert killed["a worker runs"].startswith("none: the last one was seen 2:00:")
    assert await _troubles(services) == {"a worker runs": "none has left a trace"}


async def test_a_notification_that_waits_is_found(api: MainBackend, services: Services, clock: Clock) -> None:
    await api.notify(a_notification(str(uuid4())))
    await clock.advance(minutes=14)
    patient = await _troubles(services)

    await clock.advance(minutes=2)

    assert patient == {}
    assert list(await _troubles(services)) == ["no notification waits"]


async def test_a_list_that_is_not_compared_is_found_also_when_it_never_was(
    api: MainBackend, services: Services, clock: Clock
) -> None:
    await api.buy()
    await clock.advance(minutes=59)
    young = await _troubles(services)
    await clock.advance(minutes=2)
    never = await _troubles(services)
    for kind in KINDS:
        await walk_to_the_end(services, kind)
    walked = await _troubles(services)

    await clock.advance(minutes=61)

    compared = [f"YooKassa's list of {kind.table} is compared" for kind in KINDS]
    assert (young, list(never), walked) == ({}, compared, {})
    assert list(await _troubles(services)) == compared


async def test_a_job_that_was_given_up_is_found(
    api: MainBackend, services: Services, database: Database
) -> None:
    await api.notify(a_notification(str(uuid4())))
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE pgqueuer SET status = 'failed'")

    assert await _troubles(services) == {"no job was given up": "1 of webhook.look"}


async def test_a_payment_that_stays_in_doubt_is_found(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_after"}])
    await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})
    await office.call("PUT", "/faults", [])
    await clock.advance(minutes=61)
    for kind in KINDS:
        await walk_to_the_end(services, kind)
    async with services.db.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE payments SET outcome_unknown = true, yookassa_payment_id = NULL"
        )

    assert await _troubles(services) == {"nothing stays in doubt": "payments: 1, for more than an hour"}


async def test_a_main_backend_that_takes_no_event_is_found(
    api: MainBackend, services: Services, clock: Clock
) -> None:
    async with receiving() as receiver:
        told = told_of(services, receiver)
        receiver.answer = refusing
        await api.consume(amount=3)
        await deliver(told)
        in_time = await _troubles(services)
        await clock.advance(hours=2)

        late = await _troubles(services)

    assert (in_time, list(late)) == ({}, ["the main backend takes its events"])


async def refusing(_event: dict[str, Any]) -> Says:
    return Says(500)


async def test_a_key_of_another_shop_is_found(services: Services) -> None:
    settings = services.settings.model_copy(update={"yookassa_shop_id_test": "777777"})

    assert await _troubles(replace(services, settings=settings)) == {
        "YooKassa knows our shop": "the key belongs to shop 100500, not to 777777"
    }


async def test_a_live_shop_in_test_mode_is_found(services: Services, office: BackOffice) -> None:
    await office.call("PUT", "/shop", {"test": False})

    assert await _troubles(services) == {
        "YooKassa knows our shop": "YOOKASSA_MODE is test, but test is False for this shop"
    }


async def test_a_shop_that_demands_receipts_of_which_nobody_says_what_stands_in_them_is_found(
    services: Services, office: BackOffice
) -> None:
    await office.call("PUT", "/shop", {"fiscalization": True})
    described = await _troubles(services)
    changes = {"receipt_tax_system_code": None, "receipt_vat_codes": ()}
    settings = services.settings.model_copy(update=changes)

    found = await _troubles(replace(services, settings=settings))

    what = "receipts are demanded (YooKassa says of the shop: it fiscalises through yoo_receipt)"
    assert described == {}
    assert found == {
        what: "RECEIPT_TAX_SYSTEM_CODE and RECEIPT_VAT_CODES are blank: nothing says what stands in a receipt"
    }


@pytest.mark.parametrize("mode", ["off", "npd"])
async def test_a_shop_that_demands_receipts_which_are_switched_off_is_found(
    services: Services, office: BackOffice, mode: str
) -> None:
    await office.call("PUT", "/shop", {"fiscalization": True})
    settings = services.settings.model_copy(update={"receipts_mode": mode})

    found = await _troubles(replace(services, settings=settings))

    assert list(found.values()) == [
        "it will refuse every payment without a receipt: RECEIPTS_MODE must be auto"
    ]


async def test_a_provider_that_does_not_answer_is_found(services: Services, office: BackOffice) -> None:
    await office.call("PUT", "/faults", [{"operation": "get_me", "fault": "error_500"}])

    assert await _troubles(services) == {
        "YooKassa knows our shop": "it does not say (unavailable, status 500)"
    }


async def test_a_key_that_is_refused_is_told_from_a_provider_that_does_not_answer(
    services: Services, office: BackOffice
) -> None:
    async with behind_a_gate(services, office, secret_key="of another day") as (refused, gate):
        gate.opened.set()
        found = [finding async for finding in examine(refused) if finding.trouble]

    assert [(one.trouble, one.see) for one in found] == [("it refuses our key", "provider_refuses_our_key")]


async def test_whatever_may_be_wrong_leads_to_a_heading_that_says_what_to_do(
    services: Services, repository: Path
) -> None:
    lines = (repository / "docs" / "operations.md").read_text().splitlines()
    headings = {line.lstrip("# ").lower().replace(" ", "-") for line in lines if line.startswith("#")}
    seen = {finding.what: finding.see async for finding in examine(services)}

    assert {see for see in seen.values() if see} <= headings
    assert {what for what, see in seen.items() if see is None} == {
        *(SECOND_COPY, ONE_CONNECTION, KNOWS_US),
        "receipts are off (YooKassa says of the shop: it does not fiscalise)",
    }


async def test_a_redis_that_is_away_is_found(services: Services) -> None:
    redis = open_redis(f"redis://{NOWHERE}")

    assert list(await _troubles(replace(services, redis=redis))) == ["Redis answers"]
    await redis.aclose()


async def test_a_database_that_is_away_is_found_and_the_rest_is_still_examined(services: Services) -> None:
    away = Database(f"postgresql://billing@{NOWHERE}/billing", pool_size=2)

    findings = [finding async for finding in examine(replace(services, db=away))]

    assert [finding.what for finding in findings if finding.trouble] == ["the database can be used"]
    assert [finding.what for finding in findings if not finding.trouble] == [
        "Redis answers",
        "YooKassa knows our shop",
        "receipts are off (YooKassa says of the shop: it does not fiscalise)",
    ]
    await away.close()


async def test_the_command_says_it_for_programs_and_by_its_exit_code(
    services: Services, yookassa: str, tmp_path: Path
) -> None:
    async with a_doctor(services.settings, yookassa, tmp_path, "--go-live", "--json") as doctor:
        code = await doctor.ended(within=60)

    (said,) = [json.loads(line) for line in doctor.log.read_text().splitlines() if line.startswith("[")]
    verdicts = {one["what"]: one["verdict"] for one in said}
    assert code == 1
    assert verdicts["it runs as in production"] == "wrong"
    assert verdicts["the tables are those of this release"] == "ok"
    here = replace(services, settings=services.settings.model_copy(update={"yookassa_api_url": yookassa}))
    assert set(verdicts) == {"the settings can be used", *[one.what async for one in examine_for_sale(here)]}


async def _troubles(services: Services) -> dict[str, str]:
    return {finding.what: finding.trouble async for finding in examine(services) if finding.trouble}
