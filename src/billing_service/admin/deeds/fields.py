"""What forms ask for, and how it is read."""

from collections.abc import Mapping
from decimal import Decimal

from billing_service.admin.acts import Field
from billing_service.kit.money import from_wire
from billing_service.plans import changes
from billing_service.services import Services
from billing_service.wording.words import money

MOST_DAYS = 3660


def days_of(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:6]) <= MOST_DAYS:
        raise ValueError(f"Целое число от 1 до {MOST_DAYS}.")
    return int(text)


def amount_of(text: str) -> Decimal:
    """As people write it: a comma or a point, spaces between."""
    written = text.replace("\u00a0", "").replace(" ", "").replace("₽", "").replace(",", ".")
    try:
        amount = from_wire(written)
    except ValueError:
        raise ValueError("Сумма в рублях, например 299 или 299,50.") from None
    if amount == 0:
        raise ValueError("Сумма больше нуля.")
    return amount


async def plans_to_give(services: Services) -> Mapping[str, str]:
    """Those whose days can be given by hand."""
    return {
        plan.code: f"{plan.display_name} ({money(plan.price)})"
        for plan in await changes.list_all(services)
        if plan.price > 0 and not plan.is_test
    }


PLAN = Field("plan_code", "Тариф", choices_of=plans_to_give, default="PRO_MONTHLY")
DAYS = Field(
    "days", "Сколько дней", "number", "Сутки по 24 часа; лягут после всего, что уже есть.", read=days_of
)
