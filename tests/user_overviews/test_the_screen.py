"""`billing-service user`: the whole picture of a user on one screen, and what became of his money in a sentence."""

import re
from pathlib import Path

import pytest

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.user_overviews import service as overviews
from billing_service.user_overviews.text import Page
from tests.command import command
from tests.grants.test_grants import give
from tests.ledger import value
from tests.payment_methods.cards import keep_a_card
from tests.stage import USER, BackOffice, Clock, MainBackend, that_renews, work_off
from tests.stories.test_refunds_of_odd_payments import BOUGHT_BEFORE


async def screen(services: Services, user: int = USER) -> str:
    return "\n".join(Page(await overviews.read(services, user), services.settings).lines())


def answer(shown: str) -> str:
    """The first sentence for whoever says that he paid."""
    return shown.split("«Заплатил, и ничего»:\n  ")[1].splitlines()[0]


async def test_everything_that_belongs_to_a_user_is_on_one_screen(
    api: MainBackend, office: BackOffice, services: Services, database: Database, tmp_path: Path
) -> None:
    renewing = that_renews(services)
    async with MainBackend.calling(create_app(renewing.settings, renewing)) as seller:
        payment = await keep_a_card(seller, office, renewing)
    await api.refund(payment, "100.00", access="keep")
    await work_off(services)
    await give(api)
    await office.misreport(payment, amount={"value": "1.00", "currency": "RUB"})
    await office.claim(payment, "payment.waiting_for_capture")
    await api.internal("POST", f"users/{USER}/usage/consume")

    code, shown = await command(services, tmp_path, "user", str(USER), only_answers=True)

    assert code == 0, shown
    headings = [line for line in shown.splitlines() if line.endswith(":") and not line.startswith(" ")]
    expected = [
        "«Заплатил, и ничего»",
        "Периоды",
        "Платежи",
        "Возвраты",
        "Способы оплаты",
        "Уведомления ЮKassa",
    ]
    assert headings == [f"{one}:" for one in [*expected, "Последнее"]]
    assert payment["payment_id"] in shown
    assert payment["yookassa_payment_id"] in shown
    assert "возвращено 100" in shown
    assert "(support: сбой 4711)" in shown
    assert "•••• 4444  действует" in shown
    assert len(shown.splitlines()) < 50
    # Nothing but the last four digits, and no sealed id.
    assert not re.search(r"\d{12,}", shown.replace(payment["yookassa_payment_id"], ""))
    assert await value(database, "SELECT count(*) FROM audit_log") == 2


async def test_what_became_of_the_newest_payment_is_said(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    assert answer(await screen(services)).startswith("Платежей этого пользователя нет")

    declined = await api.buy(Idempotency_Key="declined")
    assert "ЮKassa не сообщала об оплате" in answer(await screen(services))
    await office.decline(declined, "insufficient_funds")
    await work_off(services)
    assert "Недостаточно денег" in answer(await screen(services))

    await clock.advance(minutes=2)
    paid = await api.buy(Idempotency_Key="paid")
    await office.pay(paid)
    await work_off(services)
    assert "учтена, её дни лежат до" in answer(await screen(services))

    await api.refund(paid)
    await work_off(services)
    assert "все деньги возвращены" in answer(await screen(services))

    await clock.advance(minutes=2)
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_before"}])
    await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})
    assert "неизвестно, создала ли её ЮKassa" in answer(await screen(services))
    await office.call("PUT", "/faults", [])


async def test_who_paid_in_the_test_shop_is_not_told_that_he_is_pro_in_the_live_one(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.pay(await api.buy())
    await work_off(services)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE shop_in_force SET is_test = false")

    assert answer(await screen(services)).endswith("но PRO они не дают: платёж тестовый.")


async def test_the_days_of_an_imported_payment_are_those_that_were_imported(
    services: Services,
) -> None:
    await services.statements.fetch(BOUGHT_BEFORE.format(user=USER, object="2f3a"))

    shown = answer(await screen(services))
    assert "прошла в прежней системе; перенесённые оттуда дни лежат до" in shown

    await services.statements.fetch(
        "UPDATE subscription_periods SET span = tstzrange(lower(span), billing_now()), "
        "cut = days * interval '24 hours' - (billing_now() - lower(span))"
    )
    assert answer(await screen(services)).endswith("перенесённых оттуда дней не осталось, см. периоды.")


async def test_what_contradicts_us_is_named_with_its_alarm_and_nobody_is_told_to_wait_for_it(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy()
    await office.misreport(payment, amount={"value": "1.00", "currency": "RUB"})
    await office.pay(payment)
    await work_off(services)

    shown = await screen(services)

    assert (
        "Уведомление payment.succeeded о ней не учтено (не удалось): не так, как записано у нас: сумма."
        in shown
    )
    assert "Есть тревоги: ЮKassa сообщает другое, чем у нас." in shown
    assert "дней за неё не дано. Что с ней делать, решает человек, по тревоге." in answer(shown)
    assert "придут сами" not in shown

    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alarms SET resolved_at = billing_now()")
    assert "О ней уже решено, см. журнал." in answer(await screen(services))


async def test_nobody_sees_what_belongs_to_another(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await api.buy()
    await office.misreport(payment, amount={"value": "1.00", "currency": "RUB"})
    await office.pay(payment)
    await work_off(services)

    shown = await screen(services, user=1002)

    assert payment["payment_id"] not in shown
    assert [line for line in shown.splitlines() if line.endswith(":")] == ["«Заплатил, и ничего»:"]


@pytest.mark.parametrize("user", ["0", "-1", "me", "9223372036854775808"])
async def test_an_id_that_nobody_can_have_is_refused(services: Services, tmp_path: Path, user: str) -> None:
    code, said = await command(services, tmp_path, "user", user)

    assert code == 2, said
