"""Nobody is charged before the main backend has reported that he was told, however it fails to hear, tell or report."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.events.receiver import Json, Receiver, Says, deliver, receiving, told_of
from tests.ledger import rows, value
from tests.renewals.actors import Renewals
from tests.stage import USER

UPCOMING = "subscription.renewal_upcoming"
NOBODY_LISTENS = "http://127.0.0.1:9/events"
NOTICE_DAYS = timedelta(days=4)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def passes(renewals: Renewals, receiver: Receiver, **by: float) -> None:
    """Time goes by, and what is to be told is posted."""
    await renewals.pass_time(**by)
    await deliver(told_of(renewals.services, receiver))


async def now(renewals: Renewals) -> datetime:
    at: datetime = await value(renewals.database, "SELECT billing_now()")
    return at


def heard(receiver: Receiver) -> list[Json]:
    return [event["data"] for event in receiver.heard if event["type"] == UPCOMING]


def tells_the_payer(renewals: Renewals, receiver: Receiver) -> None:
    """From now on it tells him at once, and says so in its 2xx."""

    async def answer(event: Json) -> Says:
        if event["type"] != UPCOMING:
            return Says()
        at = (await now(renewals)).isoformat()
        return Says(body=f'{{"delivered": {{"channel": "telegram", "at": "{at}"}}}}'.encode())

    receiver.answer = answer


async def why_not(renewals: Renewals) -> str:
    """As the user and as the main backend read it: both the same."""
    shown = await renewals.shown()
    state = (await renewals.api.internal("GET", f"users/{USER}/state/")).json()
    assert state["no_charge_because"] == shown["no_charge_because"]
    assert (state["next_charge"] or {}).get("amount") == (shown["next_charge"] or {}).get("amount")
    because: str = shown["no_charge_because"]
    return because


async def charge_at(renewals: Renewals) -> datetime:
    return datetime.fromisoformat((await renewals.shown())["next_charge"]["charge_at"])


async def report(renewals: Renewals, notice: dict[str, Any], at: datetime) -> None:
    told = {"channel": "telegram", "at": at.isoformat()}
    answer = await renewals.api.internal("POST", f"notices/{notice['notice_id']}/delivered/", told)
    assert answer.status_code == 200, answer.text


async def test_a_receiver_that_is_down_for_a_week_moves_the_charge_and_not_the_access(
    renewals: Renewals, receiver: Receiver
) -> None:
    await renewals.subscribe()
    await passes(renewals, receiver, days=22, hours=23)
    down = Receiver(url=NOBODY_LISTENS)
    for _ in range(14):
        await passes(renewals, down, hours=12)
    await passes(renewals, down, hours=2)

    assert await renewals.charges() == []
    assert ((await renewals.shown())["is_active"], await why_not(renewals)) == (False, "NOT_TOLD")
    tells_the_payer(renewals, receiver)
    await passes(renewals, receiver, hours=2)
    [notice] = heard(receiver)
    told_at = await value(renewals.database, "SELECT max(told_at) FROM renewal_notices")
    assert await why_not(renewals) == "NOT_DUE"
    assert await charge_at(renewals) == told_at + NOTICE_DAYS
    assert datetime.fromisoformat(notice["charge_at"]) <= told_at + NOTICE_DAYS

    await passes(renewals, receiver, days=3, hours=22)
    assert await renewals.charges() == []
    assert (await renewals.shown())["is_active"] is False
    await passes(renewals, receiver, hours=3)
    [charge] = await renewals.charges()
    assert (charge["status"], charge["amount"]) == ("SUCCEEDED", notice["amount"])
    assert await renewals.pro_days_left() == pytest.approx(30, abs=0.1)
    assert len(await renewals.events("subscription.ended")) == 1


async def test_a_bare_yes_for_thirty_days_charges_nobody_and_a_word_after_the_grace_neither(
    renewals: Renewals, receiver: Receiver
) -> None:
    """The bot is blocked, and the main backend says that it has heard, and no more."""
    await renewals.subscribe()
    await passes(renewals, receiver, days=23, hours=1)
    reasons = [await why_not(renewals)]
    for _ in range(15):
        await passes(renewals, receiver, days=2)
        reasons.append(await why_not(renewals))

    [notice] = heard(receiver)
    assert list(dict.fromkeys(reasons)) == ["NOT_TOLD", "TOO_LATE", "NOTHING_TO_RENEW"]
    await report(renewals, notice, await now(renewals))
    await passes(renewals, receiver, days=5)
    assert await renewals.charges() == []
    assert await rows(renewals.database, "SELECT id FROM subscription_periods WHERE id > 1") == []
    assert len(await renewals.events("subscription.ended")) == 1


async def test_a_slow_receiver_is_charged_by_when_the_payer_was_told_and_not_by_when_it_said_so(
    renewals: Renewals, receiver: Receiver
) -> None:
    """It tells the payer, and its answer is lost; it says a bare yes to the repeat, and reports two days later."""

    async def never(event: Json) -> Says:
        raise ConnectionError(event["type"])

    await renewals.subscribe()
    await passes(renewals, receiver, days=22)
    yes, receiver.answer = receiver.answer, never
    await passes(renewals, receiver, days=1, hours=1)
    told_at = await now(renewals)
    receiver.answer = yes
    await passes(renewals, receiver, days=2)
    first, again = heard(receiver)
    assert first == again
    assert await why_not(renewals) == "NOT_TOLD"

    await report(renewals, again, told_at)
    await passes(renewals, receiver, hours=1)
    assert await why_not(renewals) == "NOT_DUE"
    assert await charge_at(renewals) == datetime.fromisoformat(again["charge_at"])
    await passes(renewals, receiver, days=3, hours=23)
    assert [charge["status"] for charge in await renewals.charges()] == ["SUCCEEDED"]


async def test_who_was_told_another_price_meanwhile_is_charged_only_once_he_was_told_the_new_one(
    renewals: Renewals, receiver: Receiver
) -> None:
    await renewals.subscribe()
    await passes(renewals, receiver, days=22)
    down = Receiver(url=NOBODY_LISTENS)
    await passes(renewals, down, days=1, hours=1)
    await renewals.services.statements.fetch(
        "UPDATE subscription_plans SET price = 199 WHERE code = 'PRO_MONTHLY'"
    )
    await passes(renewals, down, days=1)
    await passes(renewals, receiver, hours=2)
    old, new = heard(receiver)
    assert (old["amount"], new["amount"]) == ("299.00", "199.00")

    await report(renewals, old, await now(renewals))
    for _ in range(3):
        await passes(renewals, receiver, days=2)
        assert await why_not(renewals) == "NOT_TOLD"
    assert await renewals.charges() == []
    assert (await renewals.shown())["is_active"] is False
    await report(renewals, new, (await now(renewals)) - timedelta(days=1))
    await passes(renewals, receiver, days=3, hours=1)

    assert [charge["amount"] for charge in await renewals.charges()] == ["199.00"]
    assert await renewals.pro_days_left() == pytest.approx(30, abs=0.1)
