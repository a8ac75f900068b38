"""Who will be charged what: the command and the API say what then happens."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from billing_service.renewals import candidates
from tests.command import command
from tests.ledger import value
from tests.renewals.actors import Renewals
from tests.stage import RENEWING, USER

ENABLED: dict[str, Any] = RENEWING | {
    "YOOKASSA_SHOP_ID_TEST": "100500",
    "YOOKASSA_API_KEY_TEST": "test_sandbox",
}


async def preview(renewals: Renewals, folder: Path, *options: str) -> tuple[int, str]:
    secret = renewals.services.settings.billing_digest_keys[0].get_secret_value()
    asked = ("renewals", "preview", *options)
    return await command(
        renewals.services, folder, *asked, only_answers=True, BILLING_DIGEST_KEYS=secret, **ENABLED
    )


async def test_the_command_and_the_api_say_who_is_charged_what_and_why_the_others_are_not(
    renewals: Renewals, tmp_path: Path
) -> None:
    nobody = await preview(renewals, tmp_path)
    for user in (USER, USER + 1):
        await renewals.subscribe(user)
    await renewals.api.post("subscription/autorenew/", {"enabled": False}, USER + 1)
    await renewals.pass_time(days=24)

    shown = (await renewals.api.internal("GET", "renewals/forecast/?days=7")).json()

    assert nobody == (0, "no subscription is due within 7 days\n")
    one, other = shown["results"]
    assert (one["user_id"], one["next_charge"]["amount"], one["no_charge_because"]) == (
        USER,
        "299.00",
        "NOT_TOLD",
    )
    assert (other["user_id"], other["next_charge"], other["no_charge_because"]) == (
        USER + 1,
        None,
        "AUTORENEW_OFF",
    )
    [day] = shown["by_day"]
    assert (day["charges"], day["amount"], shown["currency"]) == (1, "299.00", "RUB")
    code, said = await preview(renewals, tmp_path, "--json")
    assert (code, [line["user_id"] for line in json.loads(said)["results"]]) == (0, [USER, USER + 1])
    _, said = await preview(renewals, tmp_path)
    assert f"user {USER}: 299.00 RUB for PRO_MONTHLY at " in said
    assert f"user {USER + 1}: not charged (AUTORENEW_OFF)" in said


@pytest.mark.parametrize(("days", "status"), [(0, 422), (1, 200), (31, 200), (32, 422)])
async def test_it_is_asked_about_a_day_to_a_month(renewals: Renewals, days: int, status: int) -> None:
    assert (await renewals.api.internal("GET", f"renewals/forecast/?days={days}")).status_code == status


async def test_who_names_no_number_of_days_sees_a_week(renewals: Renewals, tmp_path: Path) -> None:
    """He is charged on the 29th day."""
    await renewals.subscribe()
    await renewals.pass_time(days=21, hours=22)
    a_week_and_two_hours_before = await foreseen_by_both(renewals, tmp_path)

    await renewals.pass_time(hours=3)

    assert a_week_and_two_hours_before == ([], [])
    assert await foreseen_by_both(renewals, tmp_path) == ([USER], [USER])


async def foreseen_by_both(renewals: Renewals, folder: Path) -> tuple[list[int], list[int]]:
    """Users whom the API and the command name when they are asked nothing more."""
    answered = (await renewals.api.internal("GET", "renewals/forecast/")).json()
    _, said = await preview(renewals, folder, "--json")
    of_api, of_command = (
        [one["user_id"] for one in shown["results"]] for shown in (answered, json.loads(said))
    )
    return of_api, of_command


@pytest.mark.parametrize("page", [1, 2, 5, 6])
async def test_everybody_is_foreseen_once_however_many_pages_that_takes(
    renewals: Renewals, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(candidates, "PAGE", page)
    users = list(range(USER, USER + 5))
    for user in users:
        await renewals.subscribe(user)
    await renewals.pass_time(days=24)

    foreseen = [one async for one in candidates.preview(renewals.services, timedelta(days=7))]

    assert [one.known.facts.user_id for one in foreseen] == users


async def test_a_report_is_believed_once_and_never_from_the_future(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.pass_time(days=24)
    first = await renewals.tell()
    later = await renewals.api.internal(
        "POST",
        f"notices/{first['notice_id']}/delivered/",
        {"channel": "email", "at": "2999-01-01T00:00:00Z"},
    )

    assert (later.status_code, later.json()["error"]["details"]) == (
        422,
        {"fields": {"at": "It lies in the future"}},
    )
    assert await renewals.tell() == first


@pytest.mark.parametrize("ago", [timedelta(days=30), timedelta(seconds=-50)])
async def test_by_a_clock_that_is_otherwise_nobody_was_told_before_his_notice_or_not_at_all(
    renewals: Renewals, ago: timedelta
) -> None:
    await renewals.subscribe()
    await renewals.pass_time(days=24)

    told_at = datetime.fromisoformat((await renewals.tell(ago=ago))["told_at"])

    assert told_at >= await value(renewals.database, "SELECT created_at FROM renewal_notices")


async def seen(renewals: Renewals, plan: str = "PRO_MONTHLY") -> dict[str, Any]:
    answer = await renewals.api.post("create-payment/preview/", {"plan_code": plan})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_preview_of_a_purchase_says_when_and_what_is_charged_after_it_or_why_nothing(
    renewals: Renewals,
) -> None:
    assert (await seen(renewals))["no_charge_because"] == "AUTORENEW_OFF"
    await renewals.subscribe()

    shown = await seen(renewals, "PRO_YEARLY")

    # What renews is what was agreed to, behind whatever is bought.
    assert (shown["next_charge"]["amount"], shown["no_charge_because"]) == ("299.00", None)
    until = datetime.fromisoformat(shown["until"])
    assert datetime.fromisoformat(shown["next_charge"]["charge_at"]) == until - timedelta(days=1)
    bought = await renewals.api.post(
        "create-payment/", {"plan_code": "PRO_YEARLY", "preview_id": shown["preview_id"]}
    )
    assert bought.status_code == 201, bought.text
    await renewals.office.pay(bought.json())
    await renewals.work()
    assert (await renewals.shown())["next_charge"] | shown["next_charge"] == (await renewals.shown())[
        "next_charge"
    ]
    await renewals.services.statements.fetch(
        "UPDATE subscription_plans SET price = 349 WHERE code = 'PRO_MONTHLY'"
    )
    assert (await seen(renewals, "PRO_YEARLY"))["no_charge_because"] == "CONSENT_NEEDED"


async def test_a_preview_is_stale_once_what_follows_the_purchase_is_another_charge(
    renewals: Renewals,
) -> None:
    await renewals.subscribe()
    shown = await seen(renewals, "PRO_YEARLY")
    await renewals.api.post("subscription/autorenew/", {"enabled": False})

    answer = await renewals.api.post(
        "create-payment/", {"plan_code": "PRO_YEARLY", "preview_id": shown["preview_id"]}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "PREVIEW_STALE")
