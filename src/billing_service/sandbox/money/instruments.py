"""What a payer pays with, as the payment then shows it."""

from billing_service.sandbox.model.cards import BankCard
from billing_service.sandbox.model.objects import (
    AuthorizationDetails,
    CardDetails,
    PayerBank,
    PaymentMethod,
    ThreeDSecure,
)
from billing_service.sandbox.model.provider import Yookassa

# The methods whose payments show `authorization_details`.
AUTHORIZED = frozenset({"bank_card", "sberbank", "tinkoff_bank"})


def card_details(card: BankCard) -> CardDetails:
    return CardDetails(first6=card.first6, last4=card.last4, card_type=card.card_type)


def card_method(method_id: str, card: BankCard) -> PaymentMethod:
    return PaymentMethod(type="bank_card", id=method_id, title=card.title, card=card_details(card))


def wallet_method(yookassa: Yookassa, method_id: str, method_type: str) -> PaymentMethod:
    """Any method but a card, with the particulars this type shows."""
    method = PaymentMethod(type=method_type, id=method_id)
    if method_type == "yoo_money":
        method.account_number = "4100" + yookassa.ids.digits("wallet", 12)
        method.title = f"YooMoney wallet {method.account_number}"
    elif method_type == "sbp":
        method.payer_bank_details = PayerBank(bank_id="100000000111", bic="044525225")
        method.sbp_operation_id = yookassa.ids.uuid("sbp").replace("-", "").upper()
        method.title = "Faster payments"
    elif method_type in {"sberbank", "mobile_balance", "cash"}:
        method.phone = "79000000000"
    elif method_type == "sber_loan":
        method.loan_option = "loan"
    return method


def authorization(
    yookassa: Yookassa, method_type: str, *, three_d_secure: bool
) -> AuthorizationDetails | None:
    if method_type not in AUTHORIZED:
        return None
    return AuthorizationDetails(
        rrn=yookassa.ids.digits("rrn", 12),
        auth_code=yookassa.ids.digits("auth_code", 6),
        three_d_secure=ThreeDSecure(applied=three_d_secure),
    )
