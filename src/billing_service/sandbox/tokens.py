"""Payment tokens: what the provider's script in a shop's own form makes of a card, good for one payment."""

from billing_service.sandbox.cards import BankCard
from billing_service.sandbox.errors import Refused
from billing_service.sandbox.world import World


def mint(world: World, card: BankCard) -> str:
    token = "pt-" + world.ids.uuid("token")
    world.state.tokens[token] = card
    return token


def spend(world: World, token: str) -> BankCard:
    """The card behind it. Refuses an unknown token and one that was used."""
    card = world.state.tokens.pop(token, None)
    if card is None:
        raise Refused("Payment token is invalid or has been used", parameter="payment_token")
    return card
