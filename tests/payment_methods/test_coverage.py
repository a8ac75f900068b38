"""A consent covers a plan, its days, and no higher price: said once."""

from decimal import Decimal

import pytest

from billing_service.consents.coverage import Terms, covers

AGREED = Terms("PRO_MONTHLY", Decimal("299.00"), 30)


@pytest.mark.parametrize(
    ("sold", "is_covered"),
    [
        (AGREED, True),
        (AGREED._replace(amount=Decimal("298.99")), True),
        (AGREED._replace(amount=Decimal("299.01")), False),
        (AGREED._replace(days=29), False),
        (AGREED._replace(days=31), False),
        (AGREED._replace(plan_code="PRO_YEARLY"), False),
    ],
)
def test_a_consent_covers_no_more_than_it_names(sold: Terms, is_covered: bool) -> None:
    assert covers(AGREED, sold) is is_covered
