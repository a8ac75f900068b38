"""Why a payment was canceled, for the person who tried to pay."""

import re

import pytest

from billing_service.payments.cancellations import EXPLANATIONS, NOTHING_TAKEN, UNKNOWN, explain

# Documented by the provider, or known to its SDK; the list is open.
REASONS = (
    *("3d_secure_failed", "call_issuer", "canceled_by_merchant", "card_expired", "country_forbidden"),
    *("deal_expired", "expired_on_capture", "expired_on_confirmation", "fraud_suspected", "general_decline"),
    *("identification_required", "insufficient_funds", "internal_timeout", "invalid_card_number"),
    *("invalid_csc", "issuer_unavailable", "loan_application_expired", "loan_declined"),
    *("loan_declined_by_payer", "payment_method_limit_exceeded", "payment_method_restricted"),
    *("permission_revoked", "rejected_by_timeout", "unsupported_mobile_operator"),
)


@pytest.mark.parametrize("reason", REASONS)
def test_every_known_reason_is_explained_in_its_own_words(reason: str) -> None:
    assert UNKNOWN not in explain(reason)


@pytest.mark.parametrize("reason", ["a_reason_of_tomorrow", "", None])
def test_an_unknown_reason_gets_the_general_words(reason: str | None) -> None:
    assert UNKNOWN in explain(reason)


@pytest.mark.parametrize("reason", [*REASONS, "a_reason_of_tomorrow", None])
def test_every_declined_payer_is_told_once_that_no_money_was_taken(reason: str | None) -> None:
    assert explain(reason).count("не списаны") == 1
    assert explain(reason).endswith(NOTHING_TAKEN)


def test_every_explained_reason_is_a_known_one() -> None:
    assert set(EXPLANATIONS) == set(REASONS)


@pytest.mark.parametrize("text", [*EXPLANATIONS.values(), UNKNOWN])
def test_an_explanation_is_russian_and_whole_sentences(text: str) -> None:
    assert re.fullmatch(r"[А-ЯЁ].*\.", text)
    assert not re.search(r"[a-z]+_[a-z]+", text)


def test_a_payer_without_money_is_told_so() -> None:
    assert "Недостаточно денег" in explain("insufficient_funds")
