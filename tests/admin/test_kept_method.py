"""What renewals would charge, in the words of the panel."""

import pytest

from billing_service.payment_methods.schemas import PaymentMethodOut
from billing_service.wording.words import kept_method


@pytest.mark.parametrize(
    ("is_attached", "mask", "title", "words"),
    [
        (True, "•••• 4444", "Bank card *4444", "карта •••• 4444"),
        (True, None, "СБП", "СБП"),
        (True, None, None, "сохранён"),
        (False, None, None, "не сохранён"),
    ],
)
def test_a_method_is_named_and_one_without_a_name_is_kept_all_the_same(
    *, is_attached: bool, mask: str | None, title: str | None, words: str
) -> None:
    shown = PaymentMethodOut(
        is_attached=is_attached, card_mask=mask, card_brand=None, title=title, expires=None
    )

    assert kept_method(shown) == words
