"""The owner's day, a user and the renewals: the figures of the service, each with its number and its table."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from billing_service.admin.charts import HEIGHT, Chart, Value
from billing_service.charging import service as charging
from billing_service.services import Services
from tests.admin.visitor import Person
from tests.payment_methods.cards import keep_a_card
from tests.stage import USER, BackOffice, MainBackend, work_off


@pytest.fixture
async def services(services: Services) -> Services:
    """Of a shop that keeps cards and renews."""
    settings = services.settings.model_copy(update={"billing_recurring_enabled": True})
    return replace(services, settings=settings)


def tiles(page: str) -> dict[str, str]:
    """What each tile counts, by its first words."""
    found = re.findall(r'class="tile[^>]*><b>([^<]*)</b><span>([^<,:]*)', page)
    return {what.strip(): figure.strip() for figure, what in found}


async def test_the_first_page_says_what_came_in_what_went_back_and_who_came(
    owner: Person, api: MainBackend, office: BackOffice, services: Services
) -> None:
    for user, plan in ((1, "PRO_MONTHLY"), (2, "PRO_YEARLY"), (3, "PRO_MONTHLY")):
        await office.pay(await api.buy(plan, user))
    await office.decline(await api.buy(user=4), "insufficient_funds")
    await work_off(services)
    paid = (await api.get("payments/", 3)).json()["results"][0]
    await api.refund({"payment_id": paid["id"]}, "99.50")
    await work_off(services)

    page = (await owner.open("/")).text

    shown = tiles(page)
    assert shown["выручка сегодня"] == "2\u00a0988,50\u00a0₽"
    assert shown["выручка за месяц"] == shown["выручка за 30 дней"] == shown["выручка сегодня"]
    assert (shown["с PRO сейчас"], shown["открытых тревог"], shown["оставленных задач"]) == ("3", "0", "0")
    assert "Время на страницах: московское" in page
    assert "не хватает денег" in page
    assert page.count("<svg viewBox") == 4
    assert page.count('<table class="figures"><caption') == 4
    assert re.search(r"<title>[^<]*: выручка 2\u00a0988,50\u00a0₽</title>", page)


async def test_a_user_whom_nobody_knows_and_one_who_has_bought(
    support: Person, finance: Person, api: MainBackend, office: BackOffice, services: Services
) -> None:
    nobody = (await support.open(f"/users/{USER}")).text
    await keep_a_card(api, office, services)
    known, may = (await support.open(f"/users/{USER}")).text, (await finance.open(f"/users/{USER}")).text

    assert "Сейчас PRO нет, и раньше его не было" in nobody
    assert "он ничего не покупал" in nobody
    assert "Сейчас PRO («PRO месяц») до" in known
    assert "•••• 4444" in known
    # Who may not do it is not offered it.
    assert ("/acts/" in known, "/acts/give-days" in may, "/acts/refund" in may) == (False, True, True)


async def test_who_says_that_he_paid_and_nothing_happened_is_answered_on_his_page(
    support: Person, api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await api.buy()
    unpaid = (await support.open(f"/users/{USER}")).text
    await office.misreport(payment, amount={"value": "1.00", "currency": "RUB"})
    await office.pay(payment)
    await work_off(services)
    otherwise, nobody = [(await support.open(f"/users/{user}")).text for user in (USER, 1002)]

    assert "ЮKassa не сообщала об оплате; спросим " in unpaid
    assert "Уведомление payment.succeeded о ней не учтено (не удалось)" in otherwise
    assert "придут сами" not in otherwise
    assert f'href="/admin/alarms/reported_object_mismatch:{payment["yookassa_payment_id"]}"' in otherwise
    assert "Есть тревоги: ЮKassa сообщает другое, чем у нас." in otherwise
    assert "Платежей этого пользователя нет" in nobody
    assert "тревоги:" not in nobody


async def test_renewals_show_who_will_be_charged_and_who_not(
    support: Person, api: MainBackend, office: BackOffice, services: Services
) -> None:
    await charging.follow_setting(services)
    await keep_a_card(api, office, services)
    await api.post("subscription/autorenew/", {"enabled": True})
    await keep_a_card(api, office, services, user=1002)
    await keep_a_card(api, office, services, user=1000)
    await api.post("subscription/autorenew/", {"enabled": True}, user=1000)

    week, month = [(await support.open(f"/renewals?days={days}")).text for days in ("7", "31")]

    assert "не предвидится" in week
    assert f'href="/admin/users/{USER}"' in month
    assert "299\u00a0₽" in month
    assert "автопродление выключено" in month
    assert re.search(r"<tfoot>.*Всего.*>2<.*>598\u00a0₽<.*</tfoot>", month, re.DOTALL)
    # Who bought first is charged first.
    assert month.index(f"/users/{USER}") < month.index("/users/1000")


def test_bars_reach_from_the_line_of_zero_and_the_tallest_fills_the_box() -> None:
    chart = Chart(
        "x", ["Пришли", "Ушли"], [Value("1", 30, "30", 10, "10"), Value("2", 0, "0"), Value("3", 15, "15")]
    )

    up, down, half = chart.bars
    assert (up.y, round(up.height + down.height), down.y) == (0, HEIGHT, chart.line)
    assert (half.height, half.y + half.height) == (up.height / 2, chart.line)
    assert (up.title, down.title) == ("1: пришли 30", "1: ушли 10")


def test_a_day_on_which_more_went_back_than_came_in_hangs_below_the_line() -> None:
    chart = Chart("x", ["Выручка"], [Value("1", Decimal(-100), "−100 ₽"), Value("2", Decimal(300), "300 ₽")])

    down, up = chart.bars
    assert (down.is_below, up.is_below) == (True, False)
    assert (down.y, up.y + up.height) == (chart.line, chart.line)
    assert not chart.is_empty
    assert Chart("x", ["x"], [Value("1", 0, "0")]).is_empty


async def test_an_address_that_there_is_not_has_the_menu_for_who_is_signed_in(support: Person) -> None:
    lost = await support.open("/no-such-page")
    support.http.cookies.clear()
    stranger = await support.open("/no-such-page")

    assert (lost.status_code, stranger.status_code) == (404, 404)
    assert ('href="/admin/renewals"' in lost.text, 'href="/admin/renewals"' in stranger.text) == (True, False)
