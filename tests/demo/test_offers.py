"""What a plan would bring a user who has access already."""

from billing_service.demo.offers import Offer, offers

MONTH, FREE = {"duration_days": 30}, {"duration_days": 0}


def test_days_are_laid_behind_those_already_paid() -> None:
    assert list(offers([MONTH], "2027-02-15T20:59:30Z")) == [Offer(MONTH, "2027-03-17T20:59:30+00:00")]


def test_without_access_there_is_no_day_to_promise() -> None:
    assert list(offers([MONTH], None)) == [Offer(MONTH, None)]


def test_what_lasts_for_ever_is_not_sold() -> None:
    assert list(offers([FREE], None)) == []
