"""What a declined charge of a saved method means: the provider's reasons, as data. A new reason is a row.

The reasons are those of https://yookassa.ru/developers/payment-acceptance/after-the-payment/declined-payments; whether
it is tried again without the payer is our own rule. docs/renewals.md shows this table.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Reaction(StrEnum):
    """`never`: this method is not charged any more. `spaced`: again after days. `soon`: again after hours. `ask`: not
    by itself, the payer has to do something first."""

    NEVER = "never"
    SPACED = "spaced"
    SOON = "soon"
    ASK = "ask"


class Decline(NamedTuple):
    """`text` is what the payer reads; of one that may be tried again `told` says more. `stops_renewing`: he has taken
    his word back at the bank. `about_money`: it says nothing about us, the shop or the provider."""

    reaction: Reaction
    text: str
    stops_renewing: bool = False
    about_money: bool = False

    def told(self, *, goes_on: bool) -> str:
        """The same as a whole: whether it will be tried again is said only of what would be, had nobody said no."""
        if self.reaction in {Reaction.NEVER, Reaction.ASK}:
            return self.text
        return f"{self.text} {AGAIN if goes_on else NO_MORE}"


NEW_CARD = "Привяжите другую карту, чтобы подписка продолжилась."
ASK_BANK = "Банк отклонил платёж. Обратитесь в банк или оплатите подписку другой картой."
PAY_BY_HAND = "Автоматически оплатить не получилось. Оплатите подписку вручную."
SILENT = "Банк сейчас не отвечает."
AGAIN = "Мы попробуем ещё раз."
NO_MORE = "Больше мы не пробуем, деньги не списаны. Продлить подписку можно вручную."

DECLINES: Mapping[str, Decline] = {
    "insufficient_funds": Decline(Reaction.SPACED, "На карте не хватило денег.", about_money=True),
    "payment_method_limit_exceeded": Decline(
        Reaction.SPACED, "Превышен лимит платежей по карте.", about_money=True
    ),
    "general_decline": Decline(Reaction.SPACED, "Банк отклонил платёж без объяснения."),
    "issuer_unavailable": Decline(Reaction.SOON, SILENT),
    "internal_timeout": Decline(Reaction.SOON, SILENT),
    "rejected_by_timeout": Decline(Reaction.SOON, SILENT),
    "call_issuer": Decline(Reaction.ASK, ASK_BANK),
    "fraud_suspected": Decline(Reaction.ASK, ASK_BANK),
    "identification_required": Decline(
        Reaction.ASK, "Кошелёк нужно подтвердить. Сделайте это или оплатите подписку другой картой."
    ),
    "invalid_csc": Decline(Reaction.ASK, PAY_BY_HAND),
    "3d_secure_failed": Decline(Reaction.ASK, PAY_BY_HAND),
    "expired_on_confirmation": Decline(Reaction.ASK, PAY_BY_HAND),
    "expired_on_capture": Decline(Reaction.ASK, PAY_BY_HAND),
    "canceled_by_merchant": Decline(Reaction.ASK, PAY_BY_HAND),
    "deal_expired": Decline(Reaction.ASK, PAY_BY_HAND),
    "loan_declined": Decline(Reaction.ASK, PAY_BY_HAND),
    "loan_declined_by_payer": Decline(Reaction.ASK, PAY_BY_HAND),
    "loan_application_expired": Decline(Reaction.ASK, PAY_BY_HAND),
    "unsupported_mobile_operator": Decline(Reaction.ASK, PAY_BY_HAND),
    "permission_revoked": Decline(
        Reaction.NEVER, f"Разрешение на автоплатежи отозвано в банке. {NEW_CARD}", stops_renewing=True
    ),
    "payment_method_restricted": Decline(Reaction.NEVER, f"Операции по карте ограничены. {NEW_CARD}"),
    "card_expired": Decline(Reaction.NEVER, f"Срок действия карты истёк. {NEW_CARD}"),
    "invalid_card_number": Decline(Reaction.NEVER, f"Номер карты больше не действует. {NEW_CARD}"),
    "country_forbidden": Decline(Reaction.NEVER, f"Карты этой страны не принимаются. {NEW_CARD}"),
}
# The provider's list is open: what was invented since is left to the payer, and to a person here.
UNKNOWN = Decline(Reaction.ASK, PAY_BY_HAND)
# YooKassa refused to make the charge at all, as after a change of the shop's contract; or it never had it.
NOT_MADE = Decline(Reaction.SPACED, "Автоматически оплатить не получилось.")
NEVER_REACHED = NOT_MADE._replace(reaction=Reaction.SOON)
ABOUT_MONEY = tuple(reason for reason, decline in DECLINES.items() if decline.about_money)


def decline_for(reason: str | None) -> Decline:
    return DECLINES.get(reason or "", UNKNOWN)
