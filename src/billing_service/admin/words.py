"""How values read in Russian."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_service.config import Settings
from billing_service.kit.alarms import Alarm
from billing_service.staff.roles import Role
from billing_service.timeline.words import MONTHS, lasting, plural

NBSP = "\N{NO-BREAK SPACE}"
ROLES: Mapping[str, str] = {Role.SUPPORT: "поддержка", Role.FINANCE: "финансы", Role.OWNER: "владелец"}
DAYS = ("день", "дня", "дней")

ACTIONS: Mapping[str, str] = {
    "grant.given": "Подарены дни",
    "grant.revoked": "Дни отозваны",
    "refund.started": "Возврат денег",
    "webhook.replayed": "Уведомление проверено ещё раз",
    "webhook.closed": "Уведомление закрыто",
    "alarm.acknowledged": "Тревога взята в работу",
    "charging.stopped": "Списания остановлены",
    "charging.started": "Списания возобновлены",
    "plan.added": "Тариф добавлен",
    "plan.changed": "Тариф изменён",
    "payment.resolved": "Решение по платежу",
    "payment.adopted": "Платёж принят вручную",
    "payment_method.refused": "Отказ от списаний с карты",
    "usage.reset": "Сброшен лимит дня",
    "npd.registered": "Запись реестра НПД отмечена",
    "job.run_again": "Задача запущена снова",
    "staff.added": "Заведена учётная запись",
    "staff.password_set": "Сменён пароль",
    "staff.role_changed": "Сменена роль",
    "staff.disabled": "Учётная запись отключена",
    "staff.enabled": "Учётная запись включена",
}
ALARMS: Mapping[str, str] = {
    Alarm.REPORTED_OBJECT_MISMATCH: "ЮKassa сообщает другое, чем у нас",
    Alarm.DOUBLE_PURCHASE: "Куплено дважды",
    Alarm.LATE_SUCCESS: "Деньги пришли поздно",
    Alarm.IMPOSSIBLE_MOVE: "Невозможная смена состояния",
    Alarm.UNMATCHED_OBJECT: "Платёж не найден у нас",
    Alarm.OBJECT_NOT_COMPARED: "Объект не сверен",
    Alarm.SECOND_PROVIDER_OBJECT: "Второй объект у ЮKassa",
    Alarm.PROVIDER_REFUSES_OUR_KEY: "ЮKassa не принимает наш ключ",
    Alarm.HELD_PAYMENT: "Деньги удержаны, не списаны",
    Alarm.REFUND_CANCELED: "Возврат не прошёл",
    Alarm.REFUNDS_MISSING: "Возвраты не найдены",
    Alarm.REFUND_ABOVE_PAYMENT: "Возвращено больше, чем заплачено",
    Alarm.PROVIDER_LOST_PAYMENT: "ЮKassa не знает платежа",
    Alarm.UNREADABLE_REQUEST: "Не расшифровать запрос",
    Alarm.JOB_GIVEN_UP: "Задача оставлена",
    Alarm.INVARIANT_BROKEN: "Нарушено правило",
    Alarm.WORKER_INTERRUPTED: "Обработчик прерван",
    Alarm.CLOCK_SKEW: "Часы расходятся",
    Alarm.PERIOD_MOVED: "Период переложен",
    Alarm.NPD_NOT_REGISTERED: "Нет записи в реестре НПД",
    Alarm.NPD_LIMIT_NEAR: "Близко к пределу НПД",
    Alarm.RECEIPT_NOT_REGISTERED: "Чек не зарегистрирован",
    Alarm.RECEIPTS_NOT_CONFIGURED: "Чеки не настроены",
    Alarm.CHARGING_STOPPED: "Списания остановлены",
    Alarm.EVENT_NOT_DELIVERED: "Событие не доставлено",
    Alarm.PAYMENT_METHOD_NOT_KEPT: "Способ оплаты не сохранён",
    Alarm.DECLINE_UNKNOWN: "Неизвестная причина отказа",
    Alarm.PAYMENT_METHOD_UNKNOWN: "ЮKassa не знает способа оплаты",
    Alarm.RENEWALS_BOUNDED: "Продления упёрлись в предел",
    Alarm.CHARGE_NOT_GIVEN_BACK: "Списание не возвращено",
    Alarm.AUDIT_FOUND: "Сверка нашла расхождение",
    Alarm.INVARIANT_NOT_EXAMINED: "Правило не проверено",
}

__all__ = [
    "ACTIONS",
    "ALARMS",
    "DAYS",
    "ROLES",
    "action",
    "alarm",
    "day",
    "lasting",
    "length",
    "moment",
    "money",
    "number",
    "plural",
    "pretty_json",
    "ribbon",
]


def money(amount: Decimal) -> str:
    """`2 490 ₽`, `−299,50 ₽`, with spaces that do not break."""
    text = f"{amount:,.2f}".replace(",", NBSP).replace(".", ",").replace("-", "\N{MINUS SIGN}")
    return f"{text.removesuffix(',00')}{NBSP}₽"


def number(value: int) -> str:
    """`12 345`."""
    return f"{value:,}".replace(",", NBSP)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`27.11.2026 18:04:11`."""
    return f"{at.astimezone(zone):%d.%m.%Y %H:%M:%S}"


def day(at: datetime | date, zone: ZoneInfo) -> str:
    """`27 ноября 2026`."""
    there = at.astimezone(zone).date() if isinstance(at, datetime) else at
    return f"{there.day}{NBSP}{MONTHS[there.month - 1]} {there.year}"


def pretty_json(value: object) -> str:
    """For a person: indented, Cyrillic as it is."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def action(name: str) -> str:
    return ACTIONS.get(name, name)


def alarm(kind: str) -> str:
    return ALARMS.get(kind, kind)


def length(span: timedelta) -> str:
    return lasting(round(span.total_seconds()))


def ribbon(settings: Settings) -> str:
    """Which shop it is, and whether its money is real."""
    if settings.shop_is_sandbox:
        return "Песочница: деньги не настоящие"
    if settings.shop_is_test:
        return f"Тестовый магазин {settings.shop_id}: деньги не настоящие"
    return ""
