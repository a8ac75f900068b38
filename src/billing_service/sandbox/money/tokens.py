"""Payment tokens: what the provider's script in a shop's own form makes of a card, good for one payment."""

from billing_service.sandbox.model.cards import BankCard
from billing_service.sandbox.model.errors import Refused
from billing_service.sandbox.model.provider import Yookassa


def mint(yookassa: Yookassa, card: BankCard) -> str:
    token = "pt-" + yookassa.ids.uuid("token")
    yookassa.state.tokens[token] = card
    return token


def spend(yookassa: Yookassa, token: str) -> BankCard:
    """The card behind it. Refuses an unknown token and one that was used."""
    card = yookassa.state.tokens.pop(token, None)
    if card is None:
        raise Refused("Payment token is invalid or has been used", parameter="payment_token")
    return card
