"""What the provider reports is compared fact by fact, in every direction."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from billing_service.payments.comparison import differences
from billing_service.payments.models import Payment
from billing_service.yookassa import schemas as yookassa

SEEN_BEFORE = "2c5a4f5e-000f-5000-9000-1b68e7b15f3f"


def ours(**otherwise: object) -> Payment:
    facts = {
        "id": uuid4(),
        "amount": Decimal("299.00"),
        "currency": "RUB",
        "shop_id": "100500",
        "is_test": True,
        "yookassa_payment_id": SEEN_BEFORE,
    }
    return Payment(**facts | otherwise)


def theirs(*, value: str = "299.00", currency: str = "RUB", **otherwise: object) -> yookassa.Payment:
    seen = yookassa.Payment(
        id=SEEN_BEFORE,
        status="succeeded",
        paid=True,
        amount=yookassa.Amount.model_validate({"value": value, "currency": currency}),
        test=True,
        created_at=datetime.now(UTC),
    )
    return seen.model_copy(update={"account_id": "100500"} | otherwise)


@pytest.mark.parametrize("known", [SEEN_BEFORE, None])
@pytest.mark.parametrize("is_test", [True, False])
def test_what_agrees_may_be_believed(known: str | None, *, is_test: bool) -> None:
    assert differences(ours(yookassa_payment_id=known, is_test=is_test), theirs(test=is_test)) == []


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        (theirs(value="298.99"), "amount"),
        (theirs(value="299.01"), "amount"),
        (theirs(currency="USD"), "currency"),
        (theirs(account_id="100501"), "shop"),
        (theirs(account_id=None), "shop"),
        (theirs(status="invented_since"), "status"),
        (theirs(status="refused"), "status"),
        (theirs(paid=False), "paid"),
        (theirs(id="another-object"), "id"),
    ],
)
def test_each_fact_that_is_otherwise_is_named(seen: yookassa.Payment, wrong: str) -> None:
    assert differences(ours(), seen) == [wrong]


@pytest.mark.parametrize("is_test", [True, False])
def test_a_payment_of_the_other_kind_of_shop_is_named(*, is_test: bool) -> None:
    assert differences(ours(is_test=is_test), theirs(test=not is_test)) == ["test"]


def test_everything_that_is_wrong_is_named() -> None:
    assert differences(ours(), theirs(value="1.00", account_id="1", test=False)) == ["amount", "shop", "test"]


@pytest.mark.parametrize("status", ["pending", "waiting_for_capture", "canceled"])
def test_only_a_success_must_be_paid(status: str) -> None:
    assert differences(ours(), theirs(status=status, paid=False)) == []
