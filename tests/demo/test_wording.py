"""Russian for amounts, days and times."""

import pytest

from billing_service.config import Settings
from billing_service.demo.wording import (
    EVENTS,
    NO_CHARGE,
    days,
    moscow_day,
    moscow_hour,
    moscow_time,
    ribbon,
    roubles,
    status_name,
    written_date,
)
from billing_service.events.kinds import KINDS
from billing_service.outlooks.decision import Because


@pytest.mark.parametrize(
    ("amount", "text"),
    [("299.00", "299\u00a0₽"), (2490.0, "2\u00a0490\u00a0₽"), ("1.5", "1,50\u00a0₽"), ("0.00", "0\u00a0₽")],
)
def test_roubles_have_kopecks_only_where_there_are_any(amount: str | float, text: str) -> None:
    assert roubles(amount) == text


def test_a_time_is_told_by_the_clock_of_moscow() -> None:
    assert moscow_time("2026-12-31T21:04:11.482000Z") == "1\u00a0января 2027, 00:04"
    assert moscow_day("2026-05-09T08:00:00Z") == "9\u00a0мая 2026"
    assert moscow_hour("2026-05-09T08:00:00Z") == "11:00"


def test_a_date_is_told_as_it_stands() -> None:
    assert written_date("2026-12-21") == "21 декабря 2026"


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1 день"), (3, "3 дня"), (5, "5 дней"), (11, "11 дней"), (12, "12 дней"), (21, "21 день"), (30, "30 дней"),
     (365, "365 дней"), (112, "112 дней")],
)  # fmt: skip
def test_days_are_counted_as_russian_counts_them(number: int, text: str) -> None:
    assert days(number).replace("\u00a0", " ") == text


@pytest.mark.parametrize("status", ["pending", "succeeded", "canceled", "failed", "refunded"])
def test_every_status_has_a_russian_name(status: str) -> None:
    assert status_name(status) != status


@pytest.mark.parametrize(
    ("shop", "text"),
    [
        ({}, "Демо: деньги не списываются"),
        ({"yookassa_shop_id_test": "200600"}, "Тестовый магазин ЮKassa 200600: деньги не списываются"),
        (
            {"yookassa_mode": "prod", "yookassa_shop_id_prod": "200601"},
            "Настоящий магазин ЮKassa 200601: деньги списываются",
        ),
    ],
)
def test_every_page_says_in_which_shop_one_pays(settings: Settings, shop: dict[str, str], text: str) -> None:
    assert ribbon(settings.model_copy(update=shop)) == text


def test_every_event_and_every_reason_that_nothing_is_charged_has_its_words() -> None:
    assert EVENTS.keys() == KINDS.keys()
    assert NO_CHARGE.keys() == {because.value for because in Because}
