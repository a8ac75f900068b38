"""How amounts, times and statuses read in Russian."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_service.config import Settings

MOSCOW = ZoneInfo("Europe/Moscow")
MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
STATUSES = {
    "pending": "ждёт оплаты",
    "succeeded": "оплачен",
    "canceled": "не прошёл",
    "failed": "не создан",
    "refunded": "деньги возвращены",
}
RETURNS = {"pending": "возвращаем", "succeeded": "возвращено"}
EVENTS = {
    "subscription.activated": "Доступ открыт",
    "subscription.extended": "Доступ продлён",
    "subscription.shortened": "Доступ сокращён",
    "subscription.ended": "Доступ закончился",
    "subscription.autorenew_changed": "Автопродление переключено",
    "subscription.imported": "Подписка перенесена",
    "subscription.moved": "Пользователь стал другим номером",
    "subscription.renewal_upcoming": "Скоро списание",
    "subscription.renewal_failed": "Списать не получилось",
    "subscription.grace_started": "Доступ закончился, продление ещё пробуется",
    "subscription.consent_needed": "Нужно новое согласие",
    "payment_method.saved": "Карта сохранена",
    "payment_method.refused": "Карта удалена навсегда",
    "payment_method.ended": "Карту больше нельзя списывать",
    "payment_method.expiring": "Срок карты заканчивается",
    "payment.succeeded": "Платёж прошёл",
    "payment.canceled": "Платёж не прошёл",
    "payment.refunded": "Деньги возвращены",
    "receipt.not_registered": "Чек не зарегистрирован",
    "usage.limit_reached": "Лимит фото на сегодня исчерпан",
    "billing.alarm": "Тревога для владельца",
    "billing.weekly_digest": "Сводка недели для владельца",
}
# Why nothing is charged, as `subscription/` says it.
NO_CHARGE = {
    "RENEWALS_OFF": "автопродление выключено у сервиса",
    "AUTORENEW_OFF": "автопродление выключено",
    "NOTHING_TO_RENEW": "продлевать нечего",
    "RENEWAL_IN_PROGRESS": "списание уже в пути",
    "CONSENT_NEEDED": "нужно новое согласие",
    "PAYMENT_METHOD_NEEDED": "нужна сохранённая карта",
    "RECEIPT_CONTACT_NEEDED": "неизвестно, куда прислать чек",
    "DECLINED": "банк отказал, нужна другая карта или оплата вручную",
    "NOT_DUE": "ещё рано",
    "NOT_TOLD": "плательщик ещё не предупреждён",
    "TOO_LATE": "предупредили слишком поздно",
    "CHECKOUT_OPEN": "открыта страница оплаты",
    "TOO_MANY_TODAY": "сегодня больше нельзя",
    "CHARGING_STOPPED": "списания остановлены",
}
SPACE = "\u00a0"


def ribbon(settings: Settings) -> str:
    """In which shop one pays here, and whether that costs anything."""
    if settings.shop_is_sandbox:
        return "Демо: деньги не списываются"
    if settings.shop_is_test:
        return f"Тестовый магазин ЮKassa {settings.shop_id}: деньги не списываются"
    return f"Настоящий магазин ЮKassa {settings.shop_id}: деньги списываются"


def roubles(amount: str | float) -> str:
    """`2 490 ₽`, with kopecks only where there are any, and with spaces that do not break."""
    value = Decimal(str(amount))
    text = f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"
    return text.replace(",", SPACE).replace(".", ",") + f"{SPACE}₽"


def written_date(iso: str) -> str:
    """`21 декабря 2026` from a date in ISO 8601."""
    return _spoken(date.fromisoformat(iso))


def moscow_day(iso: str) -> str:
    """`21 декабря 2026` from a time in ISO 8601."""
    return _spoken(datetime.fromisoformat(iso).astimezone(MOSCOW))


def _spoken(day: date) -> str:
    return f"{day.day}{SPACE}{MONTHS[day.month - 1]} {day.year}"


def moscow_hour(iso: str) -> str:
    """`21:04` from a time in ISO 8601."""
    return f"{datetime.fromisoformat(iso).astimezone(MOSCOW):%H:%M}"


def moscow_time(iso: str) -> str:
    """`21 декабря 2026, 21:04`."""
    return f"{moscow_day(iso)}, {moscow_hour(iso)}"


def status_name(status: str) -> str:
    return STATUSES.get(status, status)


def return_name(status: str) -> str:
    return RETURNS.get(status, status)


def no_charge_name(because: str | None) -> str:
    return NO_CHARGE.get(because or "", because or "")


def event_title(kind: str) -> str:
    return EVENTS.get(kind, kind)


def counted(number: int, one: str, few: str, many: str) -> str:
    """`1 день`, `3 дня`, `11 дней`."""
    if number % 10 == 1 and number % 100 != 11:
        word = one
    elif number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14}:
        word = few
    else:
        word = many
    return f"{number}{SPACE}{word}"


def days(number: int) -> str:
    return counted(number, "день", "дня", "дней")
