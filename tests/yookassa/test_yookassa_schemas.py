"""What we read of the provider's objects, what we leave, and the bytes we ask with."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import ValidationError

from billing_service.yookassa.request_bodies import new_payment_body
from billing_service.yookassa.schemas import Account, Payment
from tests.yookassa.bad_provider import PENDING

SUCCEEDED = PENDING | {
    "status": "succeeded",
    "paid": True,
    "captured_at": "2026-01-11T15:44:35.557Z",
    "refunded_amount": {"value": "0.00", "currency": "RUB"},
    "payment_method": {
        "type": "bank_card",
        "id": "canary-method-id",
        "saved": True,
        "title": "Bank card *4477",
        "card": {"first6": "555555", "last4": "4477", "expiry_year": "2030", "expiry_month": "11"},
    },
    "authorization_details": {"rrn": "774669329399449", "auth_code": "659121"},
}


def read(payment: dict[str, Any]) -> Payment:
    return Payment.model_validate_json(json.dumps(payment))


def test_a_succeeded_payment_is_read() -> None:
    payment = read(SUCCEEDED)

    assert (payment.status, payment.paid, payment.test, payment.account_id) == (
        "succeeded",
        True,
        True,
        "100500",
    )
    assert str(payment.amount.value) == "299.00"
    assert payment.captured_at == datetime(2026, 1, 11, 15, 44, 35, 557000, tzinfo=UTC)
    assert payment.metadata == {"payment_id": "7"}


@pytest.mark.parametrize(
    "canary", ["4477", "555555", "2030", "canary-method-id", "774669329399449", "659121"]
)
def test_nothing_of_the_card_or_the_method_is_written_in_a_log_and_little_of_it_kept(canary: str) -> None:
    """Of a card its owner is shown the last digits and the month; by the id it could be charged."""
    shown = {"4477", "2030"}

    assert canary not in repr(read(SUCCEEDED))
    assert canary in shown or canary not in read(SUCCEEDED).model_dump_json()


def test_a_decline_says_who_and_why() -> None:
    declined = PENDING | {
        "status": "canceled",
        "cancellation_details": {"party": "payment_network", "reason": "insufficient_funds"},
    }

    payment = read(declined)

    assert (payment.cancellation_party, payment.cancellation_reason) == (
        "payment_network",
        "insufficient_funds",
    )


def test_words_and_fields_invented_since_are_read() -> None:
    payment = read(
        PENDING
        | {
            "status": "on_the_moon",
            "amount": {"value": "1.00", "currency": "MOON", "precision": 2},
            "payment_method": {"type": "teleport", "beam": []},
            "cancellation_details": {"party": "martians", "reason": "eclipse"},
            "novelty": {"deep": [1, {"x": None}]},
        }
    )

    assert (payment.status, payment.amount.currency) == ("on_the_moon", "MOON")
    assert (payment.cancellation_party, payment.cancellation_reason) == ("martians", "eclipse")


OPTIONAL = ["recipient", "captured_at", "expires_at", "metadata", "description", "confirmation"]
OPTIONAL += ["cancellation_details", "payment_method", "refunded_amount"]


@pytest.mark.parametrize("field", OPTIONAL)
def test_what_is_left_out_and_what_is_null_is_none_of_our_trouble(field: str) -> None:
    without = {name: value for name, value in SUCCEEDED.items() if name != field}

    assert read(without) == read(SUCCEEDED | {field: None})


@pytest.mark.parametrize("field", ["income_amount", "expires_at", "description", "payment_method"])
def test_what_we_do_not_act_on_cannot_make_a_payment_unreadable(field: str) -> None:
    assert read(SUCCEEDED | {field: "something new"}) == read(SUCCEEDED | {field: None})


@pytest.mark.parametrize(
    ("told", "has_refunds"),
    [
        ({"value": "0.00", "currency": "RUB"}, False),
        ({"value": "0.01", "currency": "RUB"}, True),
        ("something new", True),
        ({}, True),
        (None, False),
    ],
)
def test_only_of_a_readable_zero_is_it_certain_that_nothing_went_back(
    told: object, has_refunds: bool
) -> None:
    assert read(SUCCEEDED | {"refunded_amount": told}).has_refunds is has_refunds


@pytest.mark.parametrize("field", ["id", "status", "paid", "amount", "test", "created_at"])
def test_what_the_provider_always_sends_must_be_there(field: str) -> None:
    without = {name: value for name, value in PENDING.items() if name != field}

    with pytest.raises(ValidationError):
        read(without)


@pytest.mark.parametrize("value", [299.0, 299, "299.001", "-1.00", "NaN", None, "1e3"])
def test_money_that_is_not_two_places_of_text_is_unreadable(value: object) -> None:
    with pytest.raises(ValidationError):
        read(PENDING | {"amount": {"value": value, "currency": "RUB"}})


def test_metadata_of_another_system_does_not_hide_its_payment() -> None:
    assert read(PENDING | {"metadata": {"order": 7, "ours": "yes", "deep": {}}}).metadata == {"ours": "yes"}


def test_a_payment_cannot_be_changed_after_it_was_read() -> None:
    with pytest.raises(ValidationError):
        read(PENDING).status = "succeeded"  # type: ignore[misc]


def test_a_shop_without_receipts_may_not_mention_them() -> None:
    account = Account.model_validate_json('{"account_id": "100500", "test": false, "status": "enabled"}')

    assert (account.test, account.fiscalization_enabled) == (False, False)


def body(
    *,
    amount: Decimal = Decimal("299.00"),
    description: str = "PRO месяц",
    metadata: Mapping[str, str] = MappingProxyType({"payment_id": "7", "a": "b"}),
) -> bytes:
    return new_payment_body(
        amount=amount,
        currency="RUB",
        description=description,
        return_url="https://app.eatfit24.ru/subscription",
        metadata=metadata,
    )


def test_a_new_payment_says_everything_explicitly() -> None:
    assert json.loads(body()) == {
        "amount": {"value": "299.00", "currency": "RUB"},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": "https://app.eatfit24.ru/subscription"},
        "description": "PRO месяц",
        "metadata": {"payment_id": "7", "a": "b"},
        "save_payment_method": False,
    }


def test_the_same_payment_is_always_the_same_bytes() -> None:
    assert body(metadata={"a": "b", "payment_id": "7"}) == body(metadata={"payment_id": "7", "a": "b"})


def test_a_long_description_is_cut_to_what_the_provider_takes() -> None:
    assert json.loads(body(description="я" * 200))["description"] == "я" * 128


@pytest.mark.parametrize(
    "metadata",
    [{str(n): "" for n in range(17)}, {"k" * 33: ""}, {"k": "v" * 513}],
    ids=["keys", "key", "value"],
)
def test_metadata_the_provider_would_refuse_is_not_sent(metadata: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="metadata takes"):
        body(metadata=metadata)


def test_metadata_up_to_the_limits_is_sent() -> None:
    metadata = {f"{n:032}": "v" * 512 for n in range(16)}

    assert json.loads(body(metadata=metadata))["metadata"] == metadata


def test_a_float_never_becomes_a_price() -> None:
    with pytest.raises(TypeError):
        body(amount=299.0)  # type: ignore[arg-type]
