"""The same days for many over HTTP: seen before, given once, answered per user, taken back."""

import asyncio
from typing import Any

import pytest

from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from tests.ledger import value
from tests.stage import MainBackend

WISH: dict[str, Any] = {
    "user_ids": [3, 1, 2, 1],
    "plan_code": "PRO_MONTHLY",
    "days": 2,
    "author": "support",
    "reason": "сбой 26 ноября",
}
BACK = {"author": "support", "reason": "по ошибке"}


async def give(api: MainBackend, **said: object) -> httpx.Response:
    return await api.internal("POST", "grants/batches/", WISH | said, Idempotency_Key="outage")


async def grants(database: Database) -> int:
    count: int = await value(database, "SELECT count(*) FROM grants")
    return count


async def test_a_dry_run_says_whom_and_writes_nothing(api: MainBackend, database: Database) -> None:
    seen = (await give(api, dry_run=True)).json()

    assert (seen["grant_batch_id"], seen["dry_run"]) == (None, True)
    assert seen["results"] == [
        {"user_id": user, "access_until": None, "grant_id": None} for user in (1, 2, 3)
    ]
    assert (await grants(database), await value(database, "SELECT count(*) FROM grant_batches")) == (0, 0)


async def test_each_gets_them_once_whoever_asks_again_meanwhile(api: MainBackend, database: Database) -> None:
    first, second = await asyncio.gather(give(api), give(api))
    later = await give(api)
    dry = await give(api, dry_run=True)

    assert [one.status_code for one in (first, second, later, dry)] == [200] * 4
    assert later.json() == first.json() | {"results": later.json()["results"]}
    given = {one["user_id"]: one["grant_id"] for one in later.json()["results"]}
    assert given.keys() == {1, 2, 3}
    assert None not in given.values()
    assert dry.json()["results"] == later.json()["results"]
    assert await grants(database) == 3
    assert (await api.me(1))["plan_code"] == "PRO_MONTHLY"


async def test_what_is_left_is_taken_back_once_and_answered_per_user(
    api: MainBackend, database: Database
) -> None:
    given = (await give(api)).json()
    path = f"grants/batches/{given['grant_batch_id']}/revoke/"

    first, again = [(await api.internal("POST", path, BACK)).json() for _ in range(2)]

    assert first == again
    assert [one["user_id"] for one in first["results"]] == [1, 2, 3]
    assert all(0 < one["seconds_taken"] <= 2 * 86_400 for one in first["results"])
    assert (await api.me(1))["plan_code"] == "FREE"
    assert (await give(api)).json()["error"]["code"] == "GRANT_BATCH_REVOKED"
    assert await value(database, "SELECT count(*) FROM audit_log WHERE action = 'grant_batch.revoked'") == 1


@pytest.mark.parametrize(
    "said", [{"days": 3}, {"user_ids": [1, 2]}, {"reason": "другой сбой"}, {"plan_code": "PRO_YEARLY"}]
)
async def test_another_wish_under_the_same_key_is_refused(
    api: MainBackend, database: Database, said: dict[str, object]
) -> None:
    await give(api)
    refused = await give(api, **said)

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "GRANT_BATCH_DIFFERS")
    assert refused.json()["error"]["details"]["days"] == 2
    assert await grants(database) == 3


@pytest.mark.parametrize(
    "said",
    [
        {"user_ids": []},
        {"user_ids": list(range(1, 502))},
        {"user_ids": [0]},
        {"user_ids": ["1"]},
        {"days": 0},
        {"reason": " "},
        {"dry_run": "yes"},
        {"filter": "pro"},
    ],
)
async def test_what_is_no_wish_is_refused(
    api: MainBackend, database: Database, said: dict[str, object]
) -> None:
    assert (await give(api, **said)).status_code == 422
    assert await value(database, "SELECT count(*) FROM grant_batches") == 0


async def test_a_batch_that_there_is_not_cannot_be_taken_back(api: MainBackend) -> None:
    path = "grants/batches/7d0a4f7e-3c57-4a0c-9a5e-2a1f0c6b9e31/revoke/"

    answer = await api.internal("POST", path, BACK)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "GRANT_BATCH_NOT_FOUND")
