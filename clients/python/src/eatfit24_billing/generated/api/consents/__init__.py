from .give_consent import give_consent
from .list_consents import list_consents
from .withdraw_consent import withdraw_consent

__all__ = [
    "give_consent",
    "list_consents",
    "withdraw_consent",
]
