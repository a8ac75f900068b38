"""What a payer is told about a payment: while it is on its way, when access begins, and why it did not work."""

from dataclasses import dataclass
from typing import Literal

from billing_service.demo.backend import Json, Refused
from billing_service.demo.wording import moscow_time, no_charge_name, roubles, written_date


@dataclass(frozen=True)
class Verdict:
    """`final`: asking again is not worth it."""

    tone: Literal["waiting", "good", "bad"]
    title: str
    text: str
    final: bool = True


WAITING = Verdict(
    "waiting",
    "Ждём подтверждения оплаты",
    "Обычно это занимает пару секунд. Страница обновится сама.",
    final=False,
)
PAID_AND_USED = Verdict("good", "Оплачено", "Оплаченные дни уже прошли.")
NOT_CREATED = Verdict("bad", "Оплата не прошла", "ЮKassa отклонила платёж. Деньги не списаны.")
REFUNDED = Verdict("good", "Деньги возвращены", "Платёж был успешным, затем деньги вернули.")


def verdict(payment: Json, subscription: Json) -> Verdict:
    """From what the service says about the payment and, once it succeeded, about the user's access."""
    status = payment["status"]
    if status == "pending":
        return WAITING
    if status == "canceled":
        return Verdict("bad", "Оплата не прошла", payment["cancellation"]["message"])
    if status == "succeeded":
        if not is_pro(subscription):
            return PAID_AND_USED
        return Verdict("good", access_line(subscription), "Спасибо! Оплата прошла, доступ открыт.")
    return REFUNDED if status == "refunded" else NOT_CREATED


def access_line(subscription: Json) -> str:
    """`PRO до 21 декабря 2026`, or `FREE`: of one answer, for a payment may settle between two."""
    return f"PRO до {written_date(subscription['expires_at'])}" if is_pro(subscription) else "FREE"


def next_charge_line(subscription: Json) -> str:
    """When and how much is charged next, or why nothing is."""
    charge, because = subscription["next_charge"], subscription["no_charge_because"]
    if charge is None:
        return f"Списания не будет: {no_charge_name(because)}."
    line = f"Следующее списание: {roubles(charge['amount'])}, не раньше {moscow_time(charge['charge_at'])}"
    return f"{line} ({no_charge_name(because)})." if because not in {None, "NOT_DUE"} else f"{line}."


def is_pro(subscription: Json) -> bool:
    """A PRO that ended lately is still named, so that it can be offered again; it gives no access."""
    return subscription["plan"] == "pro" and subscription["is_active"] is True


def unknown(refused: Refused) -> Verdict:
    """The service did not say. It is worth asking again, except about a payment that it does not know."""
    if refused.status == 404:
        return Verdict("bad", "Платёж не найден", refused.message)
    return Verdict("waiting", "Пока не удаётся узнать", refused.message, final=False)
