"""What is sold is added, withdrawn and sold again in the browser, within the rules of plans."""

import pytest

from billing_service.app import create_app
from billing_service.charging import service as charging
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.admin.visitor import Person, shown_in
from tests.ledger import rows, value
from tests.payment_methods.cards import keep_a_card
from tests.stage import BackOffice, MainBackend, that_renews

QUARTER = {
    "code": "PRO_QUARTERLY",
    "price": "799",
    "old_price": "",
    "display_name": "PRO 3 месяца",
    "description": "PRO на 3 месяца",
    "duration_days": "90",
    "daily_photo_limit": "",
    "daily_limits": "personal_plan 1\nphoto_menu без ограничения",
    "history_days": "\u22121",
    "is_active": "true",
    "ai_recognition": "true",
    "advanced_stats": "true",
    "priority_support": "false",
    "vat_code": "",
}


async def test_a_plan_is_added_and_on_sale_at_once(
    finance: Person, api: MainBackend, database: Database
) -> None:
    page, _ = await finance.preview("add-plan", **QUARTER)
    done = await finance.do("add-plan", **QUARTER)
    twice, _ = await finance.preview("add-plan", **QUARTER)
    bought = await api.buy("PRO_QUARTERLY")

    assert "799\u00a0₽" in page.text
    assert "personal_plan 1, photo_menu без ограничения" in page.text
    assert "добавлен" in done.text
    assert (twice.status_code, "уже есть" in twice.text) == (409, True)
    assert bought["payment_id"]
    (plan,) = await rows(
        database,
        "SELECT price::text, duration_days, daily_limits, history_days FROM subscription_plans "
        "WHERE code = 'PRO_QUARTERLY'",
    )
    assert dict(plan) == {
        "price": "799.00",
        "duration_days": 90,
        "daily_limits": {"personal_plan": 1, "photo_menu": None},
        "history_days": -1,
    }


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"code": "pro 3"}, 409),
        ({"price": "0"}, 409),
        ({"duration_days": "девяносто"}, 422),
        ({"daily_limits": "photo_ai 3"}, 409),
        ({"daily_limits": "personal_plan"}, 422),
        ({"vat_code": "13"}, 409),
        ({"history_days": ""}, 422),
    ],
)
async def test_a_plan_that_cannot_be_is_refused_before_it_is_shown(
    finance: Person, database: Database, said: dict[str, str], status: int
) -> None:
    page, form = await finance.preview("add-plan", **QUARTER | said)

    assert (page.status_code, form) == (status, {})
    assert await value(database, "SELECT count(*) FROM audit_log WHERE caller = 'panel'") == 0


async def test_a_plan_is_withdrawn_and_sold_again(
    finance: Person, database: Database, api: MainBackend
) -> None:
    page, _ = await finance.preview("withdraw-plan", "PRO_MONTHLY")
    await finance.do("withdraw-plan", "PRO_MONTHLY")
    withdrawn = [plan["code"] for plan in (await api.get("plans/")).json()]
    twice, _ = await finance.preview("withdraw-plan", "PRO_MONTHLY")
    await finance.do("sell-plan", "PRO_MONTHLY")
    again, _ = await finance.preview("sell-plan", "PRO_MONTHLY")
    free, _ = await finance.preview("withdraw-plan", "FREE")

    assert "подписка закончится" in page.text
    assert ("PRO_MONTHLY" in withdrawn, "PRO_YEARLY" in withdrawn) == (False, True)
    assert [
        (one.status_code, text in one.text) for one, text in ((twice, "и так не"), (again, "уже продаётся"))
    ] == [
        (409, True),
        (409, True),
    ]
    assert free.status_code == 404
    assert "PRO_MONTHLY" in [plan["code"] for plan in (await api.get("plans/")).json()]
    done = await rows(
        database,
        "SELECT action, details -> 'after' AS after FROM audit_log WHERE caller = 'panel' ORDER BY id",
    )
    assert [dict(one) for one in done] == [
        {"action": "plan.changed", "after": {"is_active": False}},
        {"action": "plan.changed", "after": {"is_active": True}},
    ]


async def test_the_form_of_a_change_shows_every_limit_as_it_is(finance: Person) -> None:
    await finance.do("add-plan", **QUARTER)

    form = await finance.open("/acts/change-plan?subject=PRO_QUARTERLY")

    assert "photo_menu без ограничения\npersonal_plan 1</textarea>" in form.text
    assert shown_in(form)["duration_days"] == "90"


@pytest.mark.usefixtures("api")  # it listens for the notification
async def test_who_makes_a_plan_dearer_or_withdraws_it_is_told_how_many_charges_that_costs(
    panel: Services, office: BackOffice
) -> None:
    renewing = that_renews(panel)
    await charging.follow_setting(renewing)
    async with MainBackend.calling(create_app(renewing.settings, renewing)) as api:
        for user in (1, 2):
            await keep_a_card(api, office, renewing, user=user)
            await api.post("subscription/autorenew/", {"enabled": True}, user)
    async with Person.at(renewing) as person:
        await person.sign_in("finance")
        kept = QUARTER | {"display_name": "PRO месяц", "duration_days": "30", "daily_limits": ""}
        del kept["code"]
        pages = [
            (await person.preview("change-plan", "PRO_MONTHLY", **kept | {"price": price}))[0].text
            for price in ("349", "249")
        ]
        withdrawn, other = [
            (await person.preview("withdraw-plan", code))[0].text for code in ("PRO_MONTHLY", "PRO_YEARLY")
        ]

    lost = "На месяц вперёд таких списаний намечено: 2, на 598\u00a0₽."
    assert (lost in pages[0], lost in withdrawn) == (True, True)
    assert "без нового согласия" in pages[0]
    # One button does it, and the way back is called otherwise.
    assert pages[0].count(">Изменить</button>") == 1
    assert "предупредят заново" in pages[1]
    assert "без нового согласия" not in pages[1]
    assert "намечено" not in pages[1] + other
