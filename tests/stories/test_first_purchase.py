"""From FREE to PRO: the main job."""

from billing_service.services import Services
from tests.stage import GOOD_CARD, POOR_CARD, BackOffice, Clock, MainBackend, work_off


async def test_a_user_nobody_has_seen_is_on_free(api: MainBackend) -> None:
    me = await api.me()

    assert me["plan_code"] == "FREE"
    assert me["expires_at"] is None
    assert me["daily_photo_limit"] == 3
    assert me["remaining_today"] == 3


async def test_a_paid_plan_turns_the_user_pro(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await api.buy("PRO_MONTHLY")

    await office.pay(payment, GOOD_CARD)
    await work_off(services)

    me = await api.me()
    assert me["plan_code"] == "PRO_MONTHLY"
    assert me["remaining_today"] is None
    assert (await api.payment(payment["payment_id"]))["status"] == "succeeded"


async def test_a_declined_card_says_why_and_grants_nothing(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await api.buy("PRO_MONTHLY")

    await office.pay(payment, POOR_CARD)
    await work_off(services)

    shown = await api.payment(payment["payment_id"])
    assert shown["status"] == "canceled"
    assert shown["cancellation"]["reason"] == "insufficient_funds"
    assert "Недостаточно денег" in shown["cancellation"]["message"]
    assert (await api.me())["plan_code"] == "FREE"


async def test_access_ends_by_itself_when_the_paid_days_are_over(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await office.pay(await api.buy("PRO_MONTHLY"))
    await work_off(services)

    await clock.advance(days=29, hours=23)
    last_hour = await api.me()
    await clock.advance(hours=2)

    assert last_hour["plan_code"] == "PRO_MONTHLY"
    assert (await api.me())["plan_code"] == "FREE"


async def test_a_month_and_then_a_year_add_up_and_the_year_follows_the_month(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    await office.pay(await api.buy("PRO_MONTHLY"))
    await work_off(services)
    await office.pay(await api.buy("PRO_YEARLY"))
    await work_off(services)

    now = await api.me()
    await clock.advance(days=31)
    later = await api.me()

    assert now["plan_code"] == "PRO_MONTHLY"
    assert later["plan_code"] == "PRO_YEARLY"
    assert later["expires_at"] == now["expires_at"]
