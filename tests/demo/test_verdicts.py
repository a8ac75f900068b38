"""What a payer is told about a payment."""

import pytest

from billing_service.demo.backend import Refused
from billing_service.demo.verdicts import access_line, unknown, verdict

FREE = {"plan": "free", "plan_display": "Free", "is_active": True, "expires_at": None}
PRO = {"plan": "pro", "plan_display": "PRO", "is_active": True, "expires_at": "2026-12-21"}
ENDED = PRO | {"is_active": False}


def test_access_is_told_with_its_last_day() -> None:
    told = verdict({"status": "succeeded"}, PRO)

    assert told.title.replace("\u00a0", " ") == "PRO до 21 декабря 2026"
    assert told.final


@pytest.mark.parametrize("subscription", [FREE, ENDED])
def test_a_payment_whose_days_are_over_does_not_promise_access(subscription: dict[str, object]) -> None:
    told = verdict({"status": "succeeded"}, subscription)

    assert access_line(subscription) == "FREE"
    assert told.title == "Оплачено"
    assert "прошли" in told.text


def test_an_open_payment_is_still_waited_for() -> None:
    assert not verdict({"status": "pending"}, FREE).final


def test_a_payment_that_was_never_created_took_no_money() -> None:
    told = verdict({"status": "failed"}, FREE)

    assert told.tone == "bad"
    assert "не списаны" in told.text


def test_returned_money_is_called_returned() -> None:
    assert verdict({"status": "refunded"}, FREE).title == "Деньги возвращены"


def test_a_service_that_is_away_is_asked_again_and_quoted() -> None:
    told = unknown(Refused(503, "Сервис временно недоступен.", "9f1c2ab0", "5"))

    assert not told.final
    assert told.text == "Сервис временно недоступен."


def test_a_payment_nobody_knows_is_not_asked_about_again() -> None:
    assert unknown(Refused(404, "Такого платежа нет.", "9f1c2ab0", None)).final
