"""What must never be false, in Russian: for the owner whom an alarm, the audit or a stop of charging tells of it."""

from collections.abc import Mapping

from billing_service.charging.models import Source

# By the names in operations/invariants.py and operations/daily_audit.py.
RULES: Mapping[str, str] = {
    "a paid plan has its period": "у каждой оплаты есть её дни",
    "a payment never has two periods": "одна оплата не даёт дней дважды",
    "a paid period is what its payment bought": "дней дано ровно столько, сколько куплено",
    "a span is as long as its days less what was cut": "период длится свои дни без снятых",
    "no two spans of a user's chain overlap": "дни одного пользователя не накладываются",
    "a period still to come begins where another ends": "будущие дни начинаются там, где кончаются прежние",
    "a period does not begin before it was paid": "дни не начинаются раньше оплаты",
    "a period has exactly one cause": "у каждого периода одна причина: оплата, подарок или перенос",
    "at most one renewal of a user is open": "у пользователя не больше одного незавершённого продления",
    "a period is renewed at most once": "один период продлевается не больше одного раза",
    "no more is refunded than was paid": "возвращено не больше, чем заплачено",
    "a refund that succeeded has had its effect": "прошедший возврат подействовал на доступ",
    "no more access is taken than money went back": "доступа снято не больше, чем возвращено денег",
    "what a paid period lacks is what its refunds took": "из оплаченных дней снято только то, что сняли возвраты",
    "whoever has become another number has nothing under the old one": "под прежним номером ничего не осталось",
    "a refund made here was asked for by somebody": "у каждого возврата отсюда есть автор",
    "every open refund will be asked about": "о каждом незавершённом возврате спросят ЮKassa",
    "the request of a refund is erased once its outcome is known": "запрос завершённого возврата стёрт",
    "what the provider made belongs to one refund": "один возврат в ЮKassa — один возврат здесь",
    "counts and holds can be read": "счётчики использования читаются",
    "a held place is remembered as an operation": "у каждого занятого места есть операция",
    "every open payment will be asked about": "о каждом незавершённом платеже спросят ЮKassa",
    "a request is erased once its outcome is known": "запрос завершённого платежа стёрт",
    "what the provider made belongs to one payment": "один платёж в ЮKassa — один платёж здесь",
    "no card is kept of a notification": "в уведомлениях нет данных карт",
    "every table has its pinned name": "таблицы называются так, как ждёт код",
    "the money of the day is the provider's": "деньги дня здесь и в ЮKassa равны",
    "as many days were given as were paid": "дней выдано столько, сколько оплачено",
}


def rule(name: str) -> str:
    """The sentence that is not true any more."""
    return RULES.get(name, name)


def stopped_because(source: str, reason: str | None) -> str:
    """Why charging was stopped: a person's own words, or what the service found."""
    if source == Source.AUDIT:
        return f"сверка: нарушено «{rule(reason or '')}»"
    if source == Source.TRIP:
        return "банк отклоняет слишком много списаний подряд, и не из-за денег"
    return reason or ""
