"""A limit of 3 means 3, whatever comes at once; the plan in force at that instant decides."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from weakref import WeakKeyDictionary

import pytest
from sqlalchemy import text

from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.usage import offers
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

PARALLEL = 200


async def test_the_fourth_photo_of_a_day_is_refused_and_says_why(api: MainBackend) -> None:
    for _ in range(3):
        assert (await api.consume()).status_code == 200

    refused = await api.consume()

    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (429, "DAILY_LIMIT_REACHED")
    assert error["details"] | {"resets_at": ""} == {
        "current_plan": "FREE",
        "feature": "photo_ai",
        "daily_limit": 3,
        "used_today": 3,
        "held": 0,
        "resets_at": "",
    }


@pytest.mark.parametrize(("limited", "promised"), [((), True), (("PRO_MONTHLY",), False)])
async def test_pro_without_a_limit_is_promised_only_where_every_pro_on_sale_has_none(
    api: MainBackend, monkeypatch: pytest.MonkeyPatch, limited: tuple[str, ...], promised: bool
) -> None:
    monkeypatch.setattr(offers, "_known", WeakKeyDictionary())
    for plan in limited:
        terms = {"daily_photo_limit": 100, "author": "owner", "reason": "фото дороги"}
        assert (await api.internal("PATCH", f"plans/{plan}/", terms)).status_code == 200
    await api.consume(amount=3)

    said = [(await api.consume()).json()["error"]["message"] for _ in range(2)]

    assert ["с PRO лимита нет" in message for message in said] == [promised] * 2


async def test_a_success_shows_the_figures_after_it(api: MainBackend) -> None:
    shown = (await api.consume(amount=2)).json()

    assert shown | {"resets_at": ""} == {
        "allowed": True,
        "feature": "photo_ai",
        "plan_code": "FREE",
        "daily_limit": 3,
        "used_today": 2,
        "held": 0,
        "remaining_today": 1,
        "resets_at": "",
    }


async def test_an_amount_that_does_not_fit_counts_nothing(api: MainBackend) -> None:
    await api.consume(amount=2)

    refused = await api.consume(amount=2)

    assert refused.status_code == 429
    assert (await api.me())["used_today"] == 2


@pytest.mark.parametrize("deed", ["consume", "reserve"])
async def test_an_amount_that_would_fit_on_no_day_has_a_code_of_its_own(
    api: MainBackend, database: Database, deed: str
) -> None:
    asked = partial(api.reserve, "big") if deed == "reserve" else api.consume
    hits = await _hits(api)

    refused = await asked(amount=4)

    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (422, "AMOUNT_ABOVE_LIMIT")
    assert error["details"] | {"resets_at": ""} == {
        "amount": 4,
        "current_plan": "FREE",
        "feature": "photo_ai",
        "daily_limit": 3,
        "used_today": 0,
        "held": 0,
        "resets_at": "",
    }
    assert await value(database, "SELECT count(*) FROM usage_operations") == 0
    assert await _hits(api) == hits


async def test_a_whole_day_at_once_fits_and_the_next_one_is_not_above_the_limit(api: MainBackend) -> None:
    assert (await api.consume(amount=3)).status_code == 200

    refused = await api.consume(amount=3)

    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "DAILY_LIMIT_REACHED")


@pytest.mark.slow
async def test_of_two_hundred_parallel_photos_exactly_three_pass(
    database: Database, api: MainBackend, rounds: int
) -> None:
    for user in range(5000, 5000 + rounds):
        answers = await asyncio.gather(*(api.consume(user) for _ in range(PARALLEL)))
        assert Counter(answer.status_code for answer in answers) == {200: 3, 429: PARALLEL - 3}

    counted = await rows(database, "SELECT DISTINCT photo_ai_requests, holds FROM daily_usage")
    assert counted == [{"photo_ai_requests": 3, "holds": {}}]


async def test_parallel_copies_of_one_operation_count_once(api: MainBackend) -> None:
    answers = await asyncio.gather(*(api.consume(operation_id="one-photo") for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert (await api.me())["used_today"] == 1


async def test_buying_pro_lifts_the_limit_at_once(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    await api.consume(amount=3)
    assert (await api.consume()).status_code == 429

    await office.pay(await api.buy("PRO_MONTHLY"))
    await work_off(services)

    lifted = await api.consume()
    assert lifted.status_code == 200
    assert lifted.json()["daily_limit"] is None
    assert lifted.json()["remaining_today"] is None


async def test_the_end_of_pro_lowers_the_limit_at_once(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await office.pay(await api.buy("PRO_MONTHLY"))
    await work_off(services)
    await clock.advance(days=29, hours=23, minutes=59)
    assert (await api.consume(amount=50)).status_code == 200

    await clock.advance(minutes=2)

    assert (await api.me())["plan_code"] == "FREE"
    assert (await api.consume()).status_code == 429


async def test_a_new_day_begins_with_nothing_used(api: MainBackend, clock: Clock) -> None:
    await api.consume(amount=3)

    await clock.advance(days=1)

    assert (await api.me())["used_today"] == 0
    assert (await api.consume()).status_code == 200


async def test_reading_writes_nothing(api: MainBackend, database: Database) -> None:
    await api.me()
    await api.internal("GET", f"users/{USER}/usage")

    assert await value(database, "SELECT count(*) FROM daily_usage") == 0


async def test_usage_says_whether_one_more_photo_may_start(api: MainBackend) -> None:
    before = (await api.internal("GET", f"users/{USER}/usage")).json()
    await api.consume(amount=3)
    after = (await api.internal("GET", f"users/{USER}/usage")).json()

    assert (before["allowed"], before["remaining_today"]) == (True, 3)
    assert (after["allowed"], after["remaining_today"]) == (False, 0)


async def test_a_reset_gives_the_day_back_and_is_audited(api: MainBackend, database: Database) -> None:
    await api.consume(amount=3)

    reset = await api.internal("POST", f"users/{USER}/usage/reset", {"author": "support", "reason": "жалоба"})

    assert (reset.status_code, reset.json()["used_today"], reset.json()["allowed"]) == (200, 0, True)
    assert (await api.consume()).status_code == 200
    assert await rows(
        database, "SELECT caller, author, reason, action, user_id, details - 'date' AS details FROM audit_log"
    ) == [
        {
            "caller": "dev",
            "author": "support",
            "reason": "жалоба",
            "action": "usage.reset",
            "user_id": USER,
            "details": {"used_before": 3, "feature": "photo_ai"},
        }
    ]


async def test_a_reset_gives_back_today_and_no_other_day(
    api: MainBackend, clock: Clock, database: Database
) -> None:
    await api.consume(amount=2)
    await clock.advance(days=1)
    await api.consume(amount=3)

    await api.internal("POST", f"users/{USER}/usage/reset", {"author": "support", "reason": "жалоба"})

    assert await rows(database, "SELECT photo_ai_requests AS used FROM daily_usage ORDER BY date") == [
        {"used": 2},
        {"used": 0},
    ]


async def test_an_audit_entry_that_cannot_be_written_undoes_the_reset(
    api: MainBackend, database: Database
) -> None:
    await api.consume(amount=3)

    async with no_audit_entry_can_be_written(database):
        reset = await api.internal(
            "POST", f"users/{USER}/usage/reset", {"author": "support", "reason": "жалоба"}
        )

    assert reset.status_code == 500
    assert (await api.me())["used_today"] == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"author": "support"},
        {"reason": "жалоба"},
        {"author": None, "reason": "жалоба"},
        {"author": "support", "reason": ""},
        {"author": " \t\n", "reason": "жалоба"},
        {"author": "support", "reason": "\u200b\u2060"},
        {"author": "support", "reason": "—"},
        {"author": "support", "reason": "nul\x00"},
        {"author": "s" * 201, "reason": "жалоба"},
        {"author": "support", "reason": "ж" * 2001},
        None,
    ],
)
async def test_a_reset_without_an_author_and_a_reason_is_refused_and_resets_nothing(
    api: MainBackend, database: Database, body: object
) -> None:
    await api.consume(amount=3)

    refused = await api.internal("POST", f"users/{USER}/usage/reset", body)

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert (await api.me())["used_today"] == 3
    assert await value(database, "SELECT count(*) FROM audit_log") == 0


@asynccontextmanager
async def no_audit_entry_can_be_written(database: Database) -> AsyncIterator[None]:
    await execute(database, "ALTER TABLE audit_log ADD CONSTRAINT ck_audit_log_full CHECK (false) NOT VALID")
    try:
        yield
    finally:
        await execute(database, "ALTER TABLE audit_log DROP CONSTRAINT ck_audit_log_full")


async def execute(database: Database, sql: str) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text(sql))


async def test_a_refusal_is_counted_by_plan(api: MainBackend) -> None:
    await api.consume(amount=2)
    before = await _hits(api)
    await api.consume(amount=2)

    assert await _hits(api) == before + 1


async def _hits(api: MainBackend) -> float:
    lines = (await api.http.get("/metrics")).text.splitlines()
    name = 'billing_daily_limit_hits_total{feature="photo_ai",plan="FREE"} '
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


@pytest.mark.parametrize(
    "body",
    [
        {"amount": 0},
        {"amount": 101},
        {"amount": -1},
        {"amount": 1.5},
        {"amount": "1"},
        {"amount": True},
        {"amount": 10**30},
        {"amount": None},
        {"operation_id": ""},
        {"operation_id": "a b"},
        {"operation_id": "x" * 129},
        {"operation_id": "nul\x00"},
        {"operation_id": 5},
        {"surprise": 1},
        [],
    ],
)
async def test_bad_input_is_named_and_counts_nothing(
    api: MainBackend, database: Database, body: object
) -> None:
    answer = await api.internal("POST", f"users/{USER}/usage/consume", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert answer.json()["error"]["details"]["fields"]
    assert await value(database, "SELECT count(*) FROM daily_usage") == 0


async def test_a_hundred_at_once_is_not_above_what_may_be_asked_for(api: MainBackend) -> None:
    answer = await api.internal("POST", f"users/{USER}/usage/consume", {"amount": 100})

    assert answer.json()["error"]["code"] == "AMOUNT_ABOVE_LIMIT"


async def test_an_operation_may_be_named_by_128_characters(api: MainBackend) -> None:
    assert (await api.consume(operation_id="x" * 128)).status_code == 200


async def test_what_makes_the_figures_is_listed_for_who_asks_for_it_alone(api: MainBackend) -> None:
    await api.consume()
    listed = (await api.internal("GET", f"users/{USER}/usage?explain=true")).json()["operations"]

    assert len(listed) == 1
    assert (await api.internal("GET", f"users/{USER}/usage")).json()["operations"] is None
