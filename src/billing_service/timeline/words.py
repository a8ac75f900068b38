"""Money, days and lengths of time as they are written in Russian."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
DAYS = ("день", "дня", "дней")
# Of a charge in a shop of before that a person has ended.
LEFT_ELSEWHERE = "Прошло ли оно, видно только в кабинете прежнего магазина."
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def plural(number: int, forms: tuple[str, str, str]) -> str:
    """`1 день`, `2 дня`, `5 дней`, `11 дней`, `21 день`."""
    ten, hundred = number % 10, number % 100
    if ten == 1 and hundred != 11:
        form = forms[0]
    elif ten in {2, 3, 4} and hundred not in {12, 13, 14}:
        form = forms[1]
    else:
        form = forms[2]
    return f"{number} {form}"


def money(amount: Decimal) -> str:
    """`2 490 ₽`, `299,50 ₽`."""
    text = f"{amount:,.2f}".replace(",", " ").replace(".", ",")
    return f"{text.removesuffix(',00')} ₽"


def day(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`3 марта`, in another year than now `3 марта 2025 года`."""
    there = at.astimezone(zone)
    named = f"{there.day} {MONTHS[there.month - 1]}"
    return named if there.year == now.astimezone(zone).year else f"{named} {there.year} года"


def lasting(seconds: int) -> str:
    """`30 дней`, `9 дней 12 ч`, `5 ч 30 мин`; what is less than a minute is `меньше минуты`."""
    days, rest = divmod(seconds, 86400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    parts = [
        plural(days, DAYS) if days else "",
        f"{hours} ч" if hours else "",
        f"{minutes} мин" if minutes and not days else "",
    ]
    return " ".join(part for part in parts if part) or "меньше минуты"
