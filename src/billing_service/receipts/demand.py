"""Whether a shop sends receipts: what is configured, and what YooKassa says of it."""

from enum import StrEnum
from typing import NamedTuple

from billing_service.config import Settings

# «Чеки от ЮKassa»: it sends receipts by e-mail only (https://yookassa.ru/developers/payment-acceptance/receipts).
BY_EMAIL_ONLY = "yoo_receipt"


class Demand(StrEnum):
    """`DEMANDED`: no payment without a receipt. `NPD`: none is sent, a register is kept instead (room `npd`)."""

    DEMANDED = "demanded"
    OFF = "off"
    NPD = "npd"


class Told(NamedTuple):
    """What `/me` said of a shop last: whether it fiscalises, and through whom; None if it was never asked."""

    enabled: bool | None = None
    provider: str | None = None

    @property
    def needs_email(self) -> bool:
        return self.provider == BY_EMAIL_ONLY


def demand(settings: Settings, told: Told) -> Demand:
    """What holds for the shop now. One that was never asked sends no receipts: where they are demanded after all,
    YooKassa refuses the payment, which is then remembered of it."""
    if settings.receipts_mode != "auto":
        return Demand(settings.receipts_mode)
    return Demand.DEMANDED if told.enabled else Demand.OFF


def is_configured(settings: Settings) -> bool:
    """Whether it is known what stands in a receipt."""
    return bool(settings.receipt_vat_codes) and settings.receipt_tax_system_code is not None
