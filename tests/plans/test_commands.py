"""`billing-service plans …`: the same changes from the command line, by the real command."""

from pathlib import Path

import pytest

from billing_service.app import create_app
from billing_service.charging import service as charging
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.command import command
from tests.ledger import rows, value
from tests.payment_methods.cards import keep_a_card
from tests.stage import BackOffice, MainBackend, that_renews
from tests.test_config import EVENTS_SECRET

PRICE = "SELECT price::text FROM subscription_plans WHERE code = 'PRO_MONTHLY'"
WHO = ("--author", "owner", "--reason", "new prices")


RENEWS = {
    "YOOKASSA_SHOP_ID_TEST": "100500",
    "BILLING_RECURRING_ENABLED": "true",
    "EVENTS_URL": "http://127.0.0.1:9/events",
    "EVENTS_SECRETS": EVENTS_SECRET,
}


async def plans(
    services: Services, folder: Path, *arguments: str, says: str = "", **settings: str
) -> tuple[int, str]:
    """Exit code, and all that was said; `says` is what a person types."""
    return await command(services, folder, "plans", *arguments, says=says, only_answers=False, **settings)


async def test_a_price_changes_once_a_person_says_yes(
    services: Services, database: Database, tmp_path: Path
) -> None:
    wish = ("set", "PRO_MONTHLY", "price=349.00", "old_price=399.00", *WHO)

    code, said = await plans(services, tmp_path, *wish, says="n\n")
    assert (code, await value(database, PRICE)) == (1, "299.00")
    assert "PRO_MONTHLY costs 299.00 now; 349.00 from now on?" in said

    code, said = await plans(services, tmp_path, *wish, says="y\n")
    assert (code, await value(database, PRICE)) == (0, "349.00"), said
    assert await rows(database, "SELECT action, caller, author, reason FROM audit_log") == [
        {"action": "plan.changed", "caller": "cli", "author": "owner", "reason": "new prices"}
    ]
    _, told = await plans(services, tmp_path, "history", "PRO_MONTHLY")
    assert "price: 299.00 -> 349.00" in told
    _, listed = await plans(services, tmp_path, "list")
    assert "349.00 (was 399.00)" in listed


@pytest.mark.usefixtures("api")  # it listens for the notification
async def test_who_makes_a_plan_dearer_or_withdraws_it_is_told_which_charges_that_costs(
    services: Services, office: BackOffice, tmp_path: Path
) -> None:
    renewing = that_renews(services)
    await charging.follow_setting(renewing)
    async with MainBackend.calling(create_app(renewing.settings, renewing)) as api:
        await keep_a_card(api, office, renewing)
        await api.post("subscription/autorenew/", {"enabled": True})

    _, dearer = await plans(renewing, tmp_path, "set", "PRO_MONTHLY", "price=349", *WHO, says="n\n", **RENEWS)
    _, cheaper = await plans(
        renewing, tmp_path, "set", "PRO_MONTHLY", "price=249", *WHO, says="n\n", **RENEWS
    )
    _, withdrawn = await plans(renewing, tmp_path, "set", "PRO_MONTHLY", "is_active=false", *WHO, **RENEWS)

    lost = "1 charges (299.00 RUB) of the next month will not come."
    assert (lost in dearer, lost in cheaper, lost in withdrawn) == (True, False, True)


async def test_a_script_adds_a_plan_and_is_told_in_a_line_what_cannot_be(
    services: Services, database: Database, tmp_path: Path
) -> None:
    terms = (
        *("display_name=PRO 3", "description=PRO 3", "price=799", "duration_days=90", "history_days=-1"),
        *("ai_recognition=true", "advanced_stats=true", "priority_support=false", "is_active=false"),
    )

    code, said = await plans(services, tmp_path, "add", "PRO_QUARTERLY", *terms, *WHO, "--yes")
    assert code == 0, said
    assert "not on sale" in said
    refused = [
        await plans(services, tmp_path, "set", "PRO_MONTHLY", wrong, *WHO, "--yes")
        for wrong in ("price=0", "price")
    ] + [await plans(services, tmp_path, "set", "FREE", "is_active=false", *WHO, "--yes")]

    assert [code for code, _ in refused] == [1, 1, 1]
    assert not any("Traceback" in said for _, said in refused)
    assert "PLAN_TERMS_FROZEN" in refused[2][1]
    assert await value(database, "SELECT count(*) FROM audit_log") == 1


async def test_limits_of_other_features_are_written_as_json(
    services: Services, database: Database, tmp_path: Path
) -> None:
    limits = 'daily_limits={"personal_plan": 1}'
    code, said = await plans(services, tmp_path, "set", "FREE", limits, *WHO)
    refused, why = await plans(services, tmp_path, "set", "FREE", "daily_limits=1 a day", *WHO)

    assert (code, "1 of personal_plan" in said) == (0, True), said
    assert (refused, "write JSON" in why) == (1, True)
    assert await value(database, "SELECT daily_limits FROM subscription_plans WHERE code = 'FREE'") == {
        "personal_plan": 1
    }
