"""What a payer is told about a payment."""

from billing_service.demo.backend import Refused
from billing_service.demo.verdicts import unknown, verdict

NEVER = {"expires_at": None}
UNTIL = {"expires_at": "2026-12-21T18:04:11.482000Z"}
FREE = {"plan": "free", "plan_display": "Free"}
PRO = {"plan": "pro", "plan_display": "PRO"}


def test_access_is_told_with_its_last_day() -> None:
    told = verdict({"status": "succeeded"}, UNTIL, PRO)

    assert told.title.replace("\u00a0", " ") == "PRO до 21 декабря 2026"
    assert told.final


def test_a_payment_whose_days_are_over_does_not_promise_access() -> None:
    told = verdict({"status": "succeeded"}, NEVER, FREE)

    assert told.title == "Оплачено"
    assert "прошли" in told.text


def test_an_open_payment_is_still_waited_for() -> None:
    assert not verdict({"status": "pending"}, NEVER, FREE).final


def test_a_payment_that_was_never_created_took_no_money() -> None:
    told = verdict({"status": "failed"}, NEVER, FREE)

    assert told.tone == "bad"
    assert "не списаны" in told.text


def test_returned_money_is_called_returned() -> None:
    assert verdict({"status": "refunded"}, NEVER, FREE).title == "Деньги возвращены"


def test_a_service_that_is_away_is_asked_again_and_quoted() -> None:
    told = unknown(Refused(503, "Сервис временно недоступен.", "9f1c2ab0", "5"))

    assert not told.final
    assert told.text == "Сервис временно недоступен."


def test_a_payment_nobody_knows_is_not_asked_about_again() -> None:
    assert unknown(Refused(404, "Такого платежа нет.", "9f1c2ab0", None)).final
