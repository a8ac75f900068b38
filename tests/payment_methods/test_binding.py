"""A card is bound on the provider's page, without a payment."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.payment_methods.binding import Told
from billing_service.payment_methods.calls import BINDINGS
from billing_service.payment_methods.service import find_digest
from billing_service.provider_calls.asking import enqueue_due
from billing_service.services import Services
from billing_service.yookassa.errors import NotFound
from billing_service.yookassa.schemas import SavedMethod
from tests.ledger import rows, value
from tests.payment_methods.cards import CONSENT, confirm, keep_a_card, order, refuse, shown
from tests.stage import POOR_CARD, USER, BackOffice, Clock, MainBackend, WebApp, work_off


async def bind(api: MainBackend, body: object = None, **headers: Any) -> httpx.Response:  # noqa: ANN401
    return await api.post("bind-card/start/", {"consent": CONSENT} if body is None else body, **headers)


@pytest.fixture
async def pro(api: MainBackend, office: BackOffice, renewing: Services) -> None:
    """A user on PRO without a card."""
    await office.pay(await api.buy())
    await work_off(renewing)


@pytest.mark.usefixtures("pro")
async def test_a_card_that_its_owner_confirms_is_kept_and_nothing_is_charged(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    started = await bind(api)
    method_id = await confirm(office)
    await work_off(renewing)

    created = started.json()
    assert started.status_code == 201
    assert created["confirmation_url"].endswith(f"/bind/{method_id}")
    assert (await shown(api))["card_mask"] == "•••• 4444"
    sent = "SELECT request_body IS NULL AND sealed_id IS NULL AS is_forgotten FROM card_bindings"
    assert await value(database, sent) is True
    assert (await api.get("subscription/")).json()["autorenew_enabled"] is False
    assert await value(database, "SELECT count(*) FROM payments") == 1
    assert await value(database, "SELECT status FROM webhook_logs ORDER BY id DESC LIMIT 1") == "SUCCESS"
    switched = await api.post("subscription/autorenew/", {"enabled": True})
    assert (switched.status_code, switched.json()["autorenew_enabled"]) == (200, True)
    assert await value(database, "SELECT auto_renew_since IS NOT NULL FROM subscriptions")
    off = await api.post("subscription/autorenew/", {"enabled": False})
    assert off.json()["autorenew_enabled"] is False


@pytest.mark.usefixtures("pro")
@pytest.mark.parametrize(
    ("wrong", "otherwise"),
    [
        ("shop", {"account_id": "200600"}),
        ("status", {"status": "invented_since"}),
        ("id", {"method": SavedMethod(id=SecretStr("another"), type="bank_card", saved=True)}),
    ],
)
async def test_a_report_that_is_not_about_this_binding_keeps_nothing_and_is_told(
    api: MainBackend,
    office: BackOffice,
    renewing: Services,
    database: Database,
    wrong: str,
    otherwise: dict[str, object],
) -> None:
    await bind(api)
    seen = await renewing.yookassa.get_payment_method(SecretStr(await confirm(office)))
    told = Told.of(renewing.settings, seen.model_copy(update=otherwise))

    async with renewing.statements.transaction() as tx:
        binding_id = await tx.value("SELECT id FROM card_bindings")
        settlement = await BINDINGS.settle(tx, renewing.settings, binding_id, told)

    assert settlement.refused_because == (wrong,)
    assert (await shown(api))["is_attached"] is False
    assert await rows(database, "SELECT kind, subject FROM alarms") == [
        {"kind": "reported_object_mismatch", "subject": str(binding_id)}
    ]


@pytest.mark.usefixtures("pro")
async def test_a_page_with_less_than_a_quarter_of_an_hour_left_is_not_handed_out(
    api: MainBackend, clock: Clock
) -> None:
    first = (await bind(api)).json()
    await clock.advance(minutes=44, seconds=30)
    again = (await bind(api)).json()
    await clock.advance(minutes=1)
    late = (await bind(api)).json()

    assert again == first
    assert late["confirmation_url"] != first["confirmation_url"]


@pytest.mark.usefixtures("pro")
async def test_what_is_told_of_while_a_binding_is_in_doubt_is_not_taken_for_another_systems(
    api: MainBackend, office: BackOffice, renewing: Services
) -> None:
    """YooKassa has not told us its id yet, so that nobody can say whose it is."""
    lost = {"operation": "create_payment_method", "fault": "lost_after", "count": 3}
    await office.call("PUT", "/faults", [lost])
    assert (await bind(api)).status_code == 503
    digest = await find_digest(renewing, await confirm(office))

    with pytest.raises(NotFound):
        await BINDINGS.get(renewing, digest)


@pytest.mark.usefixtures("pro")
async def test_the_id_stands_in_clear_nowhere(
    api: MainBackend,
    office: BackOffice,
    renewing: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await bind(api)
    method_id = await confirm(office)
    await work_off(renewing)
    await office.call("POST", f"/notifications/{await _newest_notification(office)}/resend")
    await work_off(renewing)

    tables = ("webhook_logs", "card_bindings", "payment_methods", "outbox_events", "alarms")
    stored = [await value(database, f"SELECT coalesce(json_agg(t)::text, '') FROM {one} t") for one in tables]  # noqa: S608

    ours = [line for line in capsys.readouterr().out.splitlines() if method_id in line]
    assert not [line for line in stored if method_id in line]
    assert not ours


async def _newest_notification(office: BackOffice) -> str:
    return str((await office.call("GET", "/notifications"))["results"][0]["id"])


@pytest.mark.usefixtures("pro")
async def test_without_a_notification_the_ladder_learns_of_it(
    api: MainBackend, office: BackOffice, renewing: Services, clock: Clock
) -> None:
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    await bind(api)
    await confirm(office)
    await clock.advance(seconds=31)
    await enqueue_due(renewing, BINDINGS)
    await work_off(renewing)

    assert (await shown(api))["is_attached"] is True


@pytest.mark.usefixtures("pro")
async def test_a_lost_answer_binds_once(api: MainBackend, office: BackOffice, database: Database) -> None:
    await office.call(
        "PUT", "/faults", [{"operation": "create_payment_method", "fault": "lost_after", "count": 1}]
    )

    created = await bind(api)
    again = await bind(api)

    assert created.json() == again.json()
    assert len((await office.call("GET", "/payment_methods"))["results"]) == 1
    assert await value(database, "SELECT count(*) FROM card_bindings") == 1


@pytest.mark.usefixtures("pro")
async def test_a_binding_in_doubt_is_never_posted_to_another_shop(
    api: MainBackend, office: BackOffice, renewing: Services, clock: Clock, web: WebApp
) -> None:
    lost = {"operation": "create_payment_method", "fault": "lost_before", "count": 3}
    await office.call("PUT", "/faults", [lost])
    await bind(api, Idempotency_Key="k")
    posted = len(await office.creations("create_payment_method"))
    await clock.advance(minutes=2)
    settings = renewing.settings.model_copy(update={"yookassa_shop_id_test": "200600"})
    web.app = create_app(settings, replace(renewing, settings=settings))

    again = await bind(api, Idempotency_Key="k")

    assert (again.status_code, again.json()["error"]["code"]) == (503, "YOOKASSA_UNAVAILABLE")
    assert len(await office.creations("create_payment_method")) == posted


@pytest.mark.usefixtures("pro")
async def test_a_card_confirmed_after_a_refusal_is_not_kept(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await bind(api)
    await refuse(api)
    await confirm(office)
    await work_off(renewing)

    assert (await shown(api))["is_attached"] is False
    assert await value(database, "SELECT status FROM card_bindings") == "ACTIVE"


async def test_the_legacy_page_is_told_in_russian_what_is_missing(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    nothing_bought = await bind(api)
    unasked = await bind(api, {})
    await keep_a_card(api, office, renewing)
    await office.call("PUT", "/shop", {"recurring": False})
    unable = await bind(api)
    again = await bind(api)

    for answer in (nothing_bought, unasked):
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "CONSENT_REQUIRED")
        assert answer.json()["error"]["message"].startswith("Нужно согласие")
    for answer in (unable, again):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CARD_BINDING_NOT_AVAILABLE")
    assert len(await office.creations("create_payment_method")) == 1
    ended = await rows(database, "SELECT status, outcome_unknown, send_lease_until FROM card_bindings")
    assert ended == [{"status": "FAILED", "outcome_unknown": False, "send_lease_until": None}]


async def test_a_shop_that_may_bind_no_card_keeps_those_of_purchases(
    api: MainBackend, office: BackOffice, renewing: Services
) -> None:
    """A permission of its own, which a shop may lack that has the other."""
    await keep_a_card(api, office, renewing)
    await office.call("PUT", "/shop", {"recurring": False})
    assert (await bind(api)).json()["error"]["code"] == "CARD_BINDING_NOT_AVAILABLE"
    await office.call("PUT", "/shop", {"recurring": True})

    sold = await order(api, user=USER + 1)
    again = await bind(api)

    assert (sold["method_will_be_saved"], sold["not_saved_because"]) == (True, None)
    assert again.json()["error"]["code"] == "CARD_BINDING_NOT_AVAILABLE"


async def test_another_systems_binding_is_left_alone(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    object_id = "3115a831-0037-5000-8000-0d92f345c39e"
    told = {"id": object_id, "type": "bank_card", "status": "active", "saved": True}
    await api.notify({"type": "notification", "event": "payment_method.active", "object": told})
    await work_off(renewing)

    assert await value(database, "SELECT status FROM webhook_logs") == "FOREIGN"
    assert object_id not in await value(database, "SELECT json_agg(w)::text FROM webhook_logs w")
    assert (await shown(api, USER))["is_attached"] is False
    assert len(await office.creations("get_payment_method")) == 0


@pytest.mark.usefixtures("pro")
async def test_a_consent_recorded_by_itself_counts_for_a_day_and_not_after_a_refusal(
    api: MainBackend, database: Database, clock: Clock
) -> None:
    given = (await api.post("consents/", CONSENT | {"plan_code": "PRO_YEARLY"})).json()["consent_id"]
    agreed = await bind(api, {})
    await refuse(api)
    refused = await bind(api, {}, Idempotency_Key="refused")
    await api.post("consents/", CONSENT | {"plan_code": "PRO_YEARLY"})
    await clock.advance(hours=24, minutes=1)
    late = await bind(api, {}, Idempotency_Key="late")

    assert agreed.status_code == 201, agreed.text
    assert await rows(database, "SELECT consent_id::text FROM card_bindings") == [{"consent_id": given}]
    assert refused.json()["error"]["code"] == late.json()["error"]["code"] == "CONSENT_REQUIRED"


@pytest.mark.usefixtures("pro")
async def test_an_inline_consent_is_for_the_plan_of_the_last_purchase(
    api: MainBackend, database: Database
) -> None:
    await bind(api, X_User_IP="203.0.113.7", X_User_Agent="Telegram")

    assert await rows(
        database,
        "SELECT plan_code, amount::text, period_days, given_with, caller, document_version, payer_ip, payer_agent "
        "FROM consents",
    ) == [
        {
            "plan_code": "PRO_MONTHLY",
            "amount": "299.00",
            "period_days": 30,
            "given_with": "binding",
            "caller": "dev",
            "document_version": "2026-11",
            "payer_ip": "203.0.113.7",
            "payer_agent": "Telegram",
        }
    ]


@pytest.mark.usefixtures("pro")
async def test_a_key_binds_once_and_cannot_mean_something_else(
    api: MainBackend, office: BackOffice, database: Database
) -> None:
    first = await bind(api, Idempotency_Key="k")
    again = await bind(api, Idempotency_Key="k")
    other = await bind(api, {"consent": {"document_version": "2027-01"}}, Idempotency_Key="k")

    assert again.json() == first.json()
    assert (other.status_code, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(await office.creations("create_payment_method")) == 1
    assert await value(database, "SELECT count(*) FROM consents") == 1


@pytest.mark.usefixtures("pro")
async def test_who_agrees_anew_to_an_open_binding_after_a_refusal_keeps_the_card(
    api: MainBackend, office: BackOffice, renewing: Services
) -> None:
    first = await bind(api)
    await refuse(api)
    again = await bind(api)
    await confirm(office)
    await work_off(renewing)

    assert again.json() == first.json()
    assert (await shown(api))["is_attached"] is True


@pytest.mark.usefixtures("pro")
async def test_a_card_that_is_declined_ends_its_binding_though_nobody_is_told(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database, clock: Clock
) -> None:
    await bind(api)
    await confirm(office, POOR_CARD)
    await clock.advance(seconds=31)
    await enqueue_due(renewing, BINDINGS)
    await work_off(renewing)

    ended = await rows(database, "SELECT status, sealed_id, confirmation_url FROM card_bindings")
    assert ended == [{"status": "INACTIVE", "sealed_id": None, "confirmation_url": None}]
    assert (await shown(api))["is_attached"] is False


@pytest.mark.usefixtures("pro")
async def test_open_bindings_are_counted_by_age_and_doubt(
    api: MainBackend, office: BackOffice, clock: Clock
) -> None:
    await bind(api)
    await clock.advance(hours=2)
    lost = {"operation": "create_payment_method", "fault": "lost_before", "count": 3}
    await office.call("PUT", "/faults", [lost])
    assert (await bind(api, Idempotency_Key="in-doubt")).status_code == 503

    figures = (await api.http.get("/metrics")).text.splitlines()

    assert {one for one in figures if one.startswith("billing_open_bindings")} == {
        'billing_open_bindings{age="1h-1d",in_doubt="false"} 1.0',
        'billing_open_bindings{age="0-10m",in_doubt="true"} 1.0',
    }
