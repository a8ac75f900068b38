"""What is kept of a notification, when it is answered, and which copies make us look again."""

from typing import Any
from uuid import uuid4

import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.webhooks.dispatch import LookAgain, look
from tests.ledger import everything, rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

CANARIES = {
    "card": "4276380012345678",
    "token": "pt-canary-token-7c1d",
    "email": "canary@payer.example",
    "phone": "79990001122",
    "method": "2fc4a1de-000f-5000-9000-1c0ffeecafe1",
    "cvc": "canary-cvc-731",
}


def a_notification(object_id: str, **more: object) -> dict[str, object]:
    return {
        "type": "notification",
        "event": "payment.succeeded",
        "object": {"id": object_id, "status": "succeeded", **more},
    }


async def test_canaries_in_a_notification_are_in_no_table_log_or_answer(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    body = a_notification(
        payment["yookassa_payment_id"],
        amount={"value": CANARIES["card"], "currency": CANARIES["token"]},
        description=CANARIES["email"],
        payment_token=CANARIES["token"],
        payment_method={
            "type": CANARIES["token"],
            "id": CANARIES["method"],
            "saved": True,
            "card": {"number": CANARIES["card"], "last4": "5678", "csc": CANARIES["cvc"]},
        },
        recipient={"account_id": "100500", "email": CANARIES["email"]},
        receipt={"customer": {"email": CANARIES["email"], "phone": CANARIES["phone"]}},
        cancellation_details={"party": CANARIES["email"], "reason": CANARIES["card"]},
        metadata={"anything": CANARIES["card"]},
    )

    answer = await api.notify(body | {"extra": CANARIES})
    await work_off(services)
    shown = str(await api.payment(payment["payment_id"])) + str(await api.me())

    kept = await everything(database) + capsys.readouterr().out + answer.text + shown
    assert answer.status_code == 200
    assert [name for name, canary in CANARIES.items() if canary in kept] == []


async def test_a_notification_is_written_down_before_it_is_answered(
    api: MainBackend, database: Database
) -> None:
    object_id = str(uuid4())

    answer = await api.notify(a_notification(object_id))

    assert answer.json() == {"status": "ok"}
    assert await rows(database, "SELECT event_id, status, attempts, looks, client_ip FROM webhook_logs") == [
        {
            "event_id": f"payment.succeeded:{object_id}:succeeded",
            "status": "RECEIVED",
            "attempts": 1,
            "looks": 0,
            "client_ip": "127.0.0.1",
        }
    ]
    assert await value(database, "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhook.look'") == 1


async def test_a_notification_whose_job_cannot_be_kept_is_not_kept_either(
    api: MainBackend, database: Database
) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE pgqueuer RENAME TO pgqueuer_away")
    try:
        answer = await api.notify(a_notification(str(uuid4())))
    finally:
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE pgqueuer_away RENAME TO pgqueuer")

    assert answer.status_code == 500
    assert await value(database, "SELECT count(*) FROM webhook_logs") == 0


async def test_a_copy_of_what_is_already_settled_makes_no_new_look(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.pay(payment)
    await work_off(services)

    await api.notify(a_notification(payment["yookassa_payment_id"]))

    assert await value(database, "SELECT count(*) FROM pgqueuer") == 0
    assert await value(database, "SELECT attempts FROM webhook_logs") == 2


async def test_the_first_word_about_what_we_already_know_is_closed_at_once(
    api: MainBackend, office: BackOffice, clock: Clock, database: Database
) -> None:
    payment = await api.buy("PRO_MONTHLY")
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    await office.pay(payment)
    await clock.advance(seconds=31)
    await api.buy("PRO_MONTHLY")  # asks the provider, and learns of the payment

    await api.notify(a_notification(payment["yookassa_payment_id"]))

    log = await rows(database, "SELECT status, processed_at IS NOT NULL AS closed FROM webhook_logs")
    assert log == [{"status": "SUCCESS", "closed": True}]


async def test_a_copy_that_comes_while_a_look_ends_is_looked_at(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    """The job of an earlier copy is still marked as running, though its look is over and found nothing."""
    payment = await api.buy("PRO_MONTHLY")
    await office.claim(payment, "payment.succeeded")
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE pgqueuer SET status = 'picked'")
    await look(services, await value(database, "SELECT id FROM webhook_logs"))

    await office.claim(payment, "payment.succeeded")

    assert await value(database, "SELECT count(*) FROM pgqueuer WHERE status = 'queued'") == 1


async def test_copies_of_what_is_not_found_make_no_more_jobs(
    api: MainBackend, services: Services, database: Database
) -> None:
    object_id = str(uuid4())
    for _ in range(3):
        await api.notify(a_notification(object_id))
        with pytest.raises(LookAgain):
            await look(services, await value(database, "SELECT id FROM webhook_logs"))

    assert await value(database, "SELECT count(*) FROM pgqueuer") == 1
    assert await rows(database, "SELECT attempts, looks FROM webhook_logs") == [{"attempts": 3, "looks": 3}]


async def test_copies_that_wait_for_the_same_look_share_it(api: MainBackend, database: Database) -> None:
    object_id = str(uuid4())

    for _ in range(5):
        await api.notify(a_notification(object_id))

    assert await value(database, "SELECT count(*) FROM pgqueuer") == 1
    assert await value(database, "SELECT attempts FROM webhook_logs") == 5


UNUSED: list[dict[str, Any]] = [
    {
        "event": "deal.closed",
        "object": {"id": "dl-285e5ee7-0022-5000-8000-01516a44b147", "status": "closed"},
    },
    {
        "event": "payout.succeeded",
        "object": {"id": "po-285e5ee7-0022-5000-8000-01516a44b147", "status": "succeeded"},
    },
    {"event": "payout.canceled", "object": {"id": "po-285ed9ad-0022-5000-8000-01516a44b147"}},
    {"event": "refund.canceled", "object": {"id": str(uuid4()), "payment_id": str(uuid4())}},
    {"event": "payment_method.active", "object": {"id": str(uuid4()), "type": "bank_card"}},
    {"event": "invoice.paid", "object": {"id": "in-e44e8088-bd73-43b1-959a-954f3a7d0c54"}},
    {"event": "payment.invented", "object": {"id": str(uuid4())}},
    {"event": "payment2.succeeded", "object": {"id": "p-285e5ee7", "status": 5}},
    {"event": "ПЛАТЁЖ", "object": {"id": None}},
    {"event": "payment\x00succeeded", "object": {"id": str(uuid4())}},
    {"event": "payment.succeeded.v2", "object": {}},
    {"event": "e" * 5000, "object": {"id": ["nested"]}},
]


@pytest.mark.parametrize("told", UNUSED, ids=lambda told: ascii(told["event"])[:30])
async def test_an_event_we_do_not_use_is_answered_200_and_leaves_nothing(
    api: MainBackend, database: Database, told: dict[str, Any]
) -> None:
    answer = await api.notify({"type": "notification"} | told)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert await value(database, "SELECT count(*) FROM webhook_logs") == 0
    assert await value(database, "SELECT count(*) FROM pgqueuer") == 0


@pytest.mark.parametrize(
    "object_id",
    [
        *(None, 5, "", "dl-285e5ee7-0022-5000-8000-01516a44b147"),
        *("5f0e2f52-70c4-4f1b-9a57-5b7f2f6f6a10\n", "../../me"),
    ],
)
async def test_an_event_we_use_about_an_object_nobody_can_name_is_refused_so_that_it_comes_again(
    api: MainBackend, database: Database, object_id: object
) -> None:
    told = a_notification(str(uuid4())) | {"object": {"id": object_id, "status": "succeeded"}}

    answer = await api.notify(told)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_PAYLOAD")
    assert await value(database, "SELECT count(*) FROM webhook_logs") == 0


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 60000, b'{"type": "notification"'])
async def test_what_is_no_json_says_so(api: MainBackend, body: bytes) -> None:
    answer = await api.notify(body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_JSON")


@pytest.mark.parametrize(
    "body",
    [
        [],
        b"null",
        "text",
        {},
        {"type": "other", "event": "payment.succeeded", "object": {"id": str(uuid4())}},
        {"type": "notification", "object": {"id": str(uuid4())}},
        {"type": "notification", "event": "payment.succeeded"},
        {"type": "notification", "event": "payment.succeeded", "object": []},
        {"event": "deal.closed", "object": {"id": "dl-1"}},
        {"type": None, "event": "deal.closed", "object": {"id": "dl-1"}},
        {"type": "notification", "event": "", "object": {"id": str(uuid4())}},
        {"type": "notification", "event": 5, "object": {"id": str(uuid4())}},
        {"type": "notification", "event": None, "object": {"id": str(uuid4())}},
        {"type": "notification", "event": "deal.closed", "object": "dl-1"},
        {"type": "notification", "event": "deal.closed", "object": None},
    ],
)
async def test_what_is_no_notification_says_so(api: MainBackend, body: object, database: Database) -> None:
    answer = await api.notify(body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_PAYLOAD")
    assert await value(database, "SELECT count(*) FROM webhook_logs") == 0


async def test_a_body_that_is_too_large_is_refused(api: MainBackend) -> None:
    answer = await api.notify(a_notification(str(uuid4()), padding="x" * 70_000))

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_stranger_is_refused_before_the_body_is_read(api: MainBackend, database: Database) -> None:
    answer = await api.notify(b"{", peer="203.0.113.7")

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert await value(database, "SELECT count(*) FROM webhook_logs") == 0


async def test_the_request_id_of_a_notification_is_in_the_log_of_its_job(
    api: MainBackend, office: BackOffice, services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    payment = await api.buy("PRO_MONTHLY", user=USER)
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    await office.pay(payment)

    await api.notify(a_notification(payment["yookassa_payment_id"]), X_Request_ID="trace-me-123")
    capsys.readouterr()
    await work_off(services)

    settled = [line for line in capsys.readouterr().out.splitlines() if "payment.settled" in line]
    assert len(settled) == 1
    assert "trace-me-123" in settled[0]
