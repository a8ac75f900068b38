"""What a shop may ask for in `POST /payments`."""

from dataclasses import dataclass

from billing_service.sandbox.model.errors import Refused, forbidden
from billing_service.sandbox.model.method_types import METHOD_TYPES, method_type
from billing_service.sandbox.model.objects import Confirmation, Money
from billing_service.sandbox.requests import fields
from billing_service.sandbox.requests.fields import Body

CONFIRMATIONS = frozenset({"redirect", "embedded", "external", "qr", "mobile_application"})
_SOURCES = ("payment_method_data", "payment_method_id", "payment_token")


@dataclass(frozen=True)
class AskedConfirmation:
    type: str
    return_url: str | None
    enforce: bool | None

    def shown(self, page: str, object_id: str) -> Confirmation:
        """How the payer gets to the page, by the way the shop chose."""
        shown = Confirmation(type=self.type, enforce=self.enforce)
        if self.type in {"redirect", "mobile_application"}:
            shown.confirmation_url, shown.return_url = page, self.return_url
        elif self.type == "embedded":
            shown.confirmation_token = f"ct-{object_id}"
        elif self.type == "qr":
            shown.confirmation_data = page
        return shown


@dataclass(frozen=True)
class AskedPayment:
    """A readable request. At most one of `method_type`, `method_id` and `token` is set."""

    amount: Money
    capture: bool
    description: str | None
    metadata: dict[str, str]
    merchant_customer_id: str | None
    gateway_id: str | None
    save: bool | None
    method_type: str | None
    method_id: str | None
    token: str | None
    confirmation: AskedConfirmation | None


def read_payment(body: Body, *, text_flags: bool) -> AskedPayment:
    """Read it or refuse it, by form alone: whether the shop may is decided by the story."""
    if sum(body.get(name) is not None for name in _SOURCES) > 1:
        raise Refused(
            "Request should contain only one of: payment_method_data, payment_method_id, payment_token",
            parameter="payment_method_id",
        )
    asked = AskedPayment(
        amount=fields.payment_money(body),
        capture=bool(fields.flag(body, "capture", as_text=text_flags)),
        description=fields.text(
            body, "description", most=128, too_long="Description is too long. Max. length is 128"
        ),
        metadata=fields.metadata(body),
        merchant_customer_id=fields.text(body, "merchant_customer_id", most=200),
        gateway_id=fields.text(fields.section(body, "recipient") or {}, "gateway_id", most=64),
        save=fields.flag(body, "save_payment_method", as_text=text_flags),
        method_type=_method_type(body),
        method_id=fields.text(body, "payment_method_id", most=64),
        token=fields.text(body, "payment_token", most=10_240),
        confirmation=read_confirmation(body, text_flags=text_flags),
    )
    _check_amount(asked)
    _check_confirmation(asked)
    return asked


def _method_type(body: Body) -> str | None:
    method = fields.section(body, "payment_method_data")
    if method is None:
        return None
    if method.get("card") is not None:
        raise forbidden("Forbidden to send raw bank card data")
    name = method.get("type")
    if not isinstance(name, str) or name not in METHOD_TYPES:
        raise Refused("Illegal payment method type", parameter="payment_method_data.type")
    return name


def read_confirmation(body: Body, *, text_flags: bool) -> AskedConfirmation | None:
    confirmation = fields.section(body, "confirmation")
    if confirmation is None:
        return None
    kind = confirmation.get("type")
    if not isinstance(kind, str) or kind not in CONFIRMATIONS:
        raise fields.illegal("confirmation.type")
    needs_return = kind in {"redirect", "mobile_application"}
    return AskedConfirmation(
        type=kind,
        return_url=fields.return_url(confirmation) if needs_return or "return_url" in confirmation else None,
        enforce=fields.flag(confirmation, "enforce", as_text=text_flags),
    )


def _check_amount(asked: AskedPayment) -> None:
    if not method_type(asked.method_type).allows(asked.amount.value):
        raise Refused("Payment amount is illegal", parameter="amount.value")


def _check_confirmation(asked: AskedPayment) -> None:
    if asked.method_id is not None and asked.confirmation is not None:
        raise Refused("Confirmation must be null when using payment_method_id", parameter="confirmation")
    if asked.method_id is None and asked.token is None and asked.confirmation is None:
        raise fields.illegal("confirmation")
