"""The provider's test cards, and every reason it gives for a canceled payment, with who gives it."""

from pydantic import BaseModel

NETWORK = "payment_network"
YOO_MONEY = "yoo_money"
MERCHANT = "merchant"

# reason -> who says so by default; the list is open, an unknown reason is the payment network's.
REASONS = {
    "3d_secure_failed": NETWORK,
    "call_issuer": NETWORK,
    "card_expired": NETWORK,
    "fraud_suspected": NETWORK,
    "general_decline": NETWORK,
    "insufficient_funds": NETWORK,
    "invalid_card_number": NETWORK,
    "invalid_csc": NETWORK,
    "issuer_unavailable": NETWORK,
    "payment_method_limit_exceeded": NETWORK,
    "payment_method_restricted": NETWORK,
    "identification_required": NETWORK,
    "unsupported_mobile_operator": NETWORK,
    "loan_declined": NETWORK,
    "loan_declined_by_payer": NETWORK,
    "loan_application_expired": NETWORK,
    "rejected_by_timeout": NETWORK,
    "country_forbidden": YOO_MONEY,
    "internal_timeout": YOO_MONEY,
    "permission_revoked": YOO_MONEY,  # the documentation's example of a declined autopayment
    "expired_on_confirmation": YOO_MONEY,
    "expired_on_capture": YOO_MONEY,
    "deal_expired": YOO_MONEY,
    "canceled_by_merchant": MERCHANT,
}


class Cancellation(BaseModel):
    """Who canceled, and why: the provider's `cancellation_details`."""

    party: str
    reason: str

    def __str__(self) -> str:
        return f"{self.party}: {self.reason}"


def cancellation(reason: str, party: str | None = None) -> Cancellation:
    return Cancellation(party=party or REASONS.get(reason, NETWORK), reason=reason)


class BankCard(BaseModel):
    """What a test card is and does. The full number is the key of the table and is never kept elsewhere."""

    first6: str
    last4: str
    card_type: str
    three_d_secure: bool = False
    decline: Cancellation | None = None

    @property
    def title(self) -> str:
        return f"Bank card *{self.last4}"


# number: (card type, asks for 3-D Secure)
_SUCCEEDING = {
    "5555555555554477": ("MasterCard", True),
    "5555555555554444": ("MasterCard", False),
    "4793128161644804": ("Visa", True),
    "4111111111111111": ("Visa", False),
    "2200000000000004": ("Mir", True),
    "2202474301322987": ("Mir", False),
    "6759649826438453": ("MasterCard", False),  # Maestro
    "4175001000000017": ("Visa", False),  # Visa Electron
    "370000000000002": ("AmericanExpress", False),
    "3528000700000000": ("JCB", False),
    "36700102000000": ("DinersClub", False),
}
# (party, reason): the MasterCard, the Visa and the Mir that are declined so
_DECLINED = {
    (NETWORK, "3d_secure_failed"): ("5555555555554592", "4839665499603842", "2200000000000012"),
    (NETWORK, "call_issuer"): ("5555555555554535", "4926946416239025", "2200000000000020"),
    (NETWORK, "card_expired"): ("5555555555554543", "4141435412630840", "2200000000000038"),
    (NETWORK, "fraud_suspected"): ("5555555555554568", "4483274282299972", "2200000000000046"),
    (NETWORK, "general_decline"): ("5555555555554527", "4889971706588753", "2202202212312379"),
    (NETWORK, "insufficient_funds"): ("5555555555554600", "4562265587712390", "2200000000000053"),
    (NETWORK, "invalid_card_number"): ("5555555555554618", "4951017853630544", "2201382000000013"),
    (NETWORK, "invalid_csc"): ("5555555555554626", "4194180666146368", "2200770212727079"),
    (NETWORK, "issuer_unavailable"): ("5555555555554501", "4654130848359150", "2201382000000021"),
    (NETWORK, "payment_method_limit_exceeded"): (
        "5555555555554576",
        "4565231022577548",
        "2201382000000039",
    ),
    (NETWORK, "payment_method_restricted"): ("5555555555554550", "4233961169071671", "2201382000000047"),
    (YOO_MONEY, "country_forbidden"): ("5555555555554584", "4969751510013864", "2201382000000054"),
    (YOO_MONEY, "fraud_suspected"): ("5555555555554634", "4119098878796485", "2201696981989955"),
}


def _table() -> dict[str, BankCard]:
    cards = {
        number: BankCard(first6=number[:6], last4=number[-4:], card_type=card_type, three_d_secure=asks)
        for number, (card_type, asks) in _SUCCEEDING.items()
    }
    for (party, reason), numbers in _DECLINED.items():
        for number, card_type in zip(numbers, ("MasterCard", "Visa", "Mir"), strict=True):
            cards[number] = BankCard(
                first6=number[:6],
                last4=number[-4:],
                card_type=card_type,
                three_d_secure=reason == "3d_secure_failed",
                decline=Cancellation(party=party, reason=reason),
            )
    return cards


CARDS = _table()
SUCCEEDING_CARD = "5555555555554444"


def find_card(number: str) -> BankCard | None:
    """The test card of this number; spaces are forgiven. None for any other number, real ones included."""
    return CARDS.get(number.replace(" ", ""))
