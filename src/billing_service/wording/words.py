"""How values read in Russian."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_service.config import Settings
from billing_service.kit.alarms import Alarm
from billing_service.payment_methods.schemas import PaymentMethodOut
from billing_service.staff.roles import Role
from billing_service.timeline.words import MONTHS, lasting, plural

# https://yookassa.ru/developers/payment-acceptance/after-the-payment/declined-payments
DECLINES: Mapping[str, str] = {
    "": "причина не названа",
    "3d_secure_failed": "не пройдено подтверждение 3-D Secure",
    "call_issuer": "банк отклонил, нужно звонить в банк",
    "canceled_by_merchant": "отменён магазином",
    "card_expired": "карта просрочена",
    "country_forbidden": "карта из страны, где нельзя платить",
    "deal_expired": "закончился срок сделки",
    "expired_on_capture": "закончился срок списания удержанных денег",
    "expired_on_confirmation": "плательщик не оплатил вовремя",
    "fraud_suspected": "подозрение на мошенничество",
    "general_decline": "банк не назвал причину",
    "identification_required": "нужна идентификация кошелька",
    "insufficient_funds": "не хватает денег",
    "internal_timeout": "сбой на стороне ЮKassa",
    "invalid_card_number": "неверный номер карты",
    "invalid_csc": "неверный код CVC",
    "issuer_unavailable": "банк недоступен",
    "loan_application_expired": "заявка на кредит устарела",
    "loan_declined": "банк отказал в кредите",
    "loan_declined_by_payer": "плательщик отказался от кредита",
    "payment_method_limit_exceeded": "исчерпан лимит",
    "payment_method_restricted": "операции по карте запрещены",
    "permission_revoked": "плательщик запретил списания",
    "rejected_by_timeout": "платёжная система не успела ответить",
    "unsupported_mobile_operator": "этот оператор не поддерживается",
}
NBSP = "\N{NO-BREAK SPACE}"
ROLES: Mapping[str, str] = {Role.SUPPORT: "поддержка", Role.FINANCE: "финансы", Role.OWNER: "владелец"}

ACTIONS: Mapping[str, str] = {
    "grant.given": "Подарены дни",
    "grant.revoked": "Дни отозваны",
    "grant_batch.begun": "Дни подарены многим",
    "grant_batch.revoked": "Дни отозваны у многих",
    "refund.started": "Возврат денег",
    "refund_request.refused": "Отказ в возврате",
    "webhook.replayed": "Уведомление проверено ещё раз",
    "webhook.closed": "Уведомление закрыто",
    "alarm.acknowledged": "Тревога взята в работу",
    "alarm.closed": "Тревога закрыта",
    "charging.stopped": "Списания остановлены",
    "charging.started": "Списания возобновлены",
    "plan.added": "Тариф добавлен",
    "plan.changed": "Тариф изменён",
    "payment.resolved": "Решение по платежу",
    "payment.adopted": "Платёж принят вручную",
    "payment_method.refused": "Отказ от списаний с карты",
    "user.erased": "Стёрты личные данные",
    "user.moved": "Пользователь стал другим номером",
    "usage.reset": "Сброшен лимит дня",
    "npd.registered": "Запись реестра НПД отмечена",
    "legacy.repaired": "Решение по перенесённому платежу",
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
    Alarm.PAID_BUT_FREE: "Заплатил, а PRO нет",
    Alarm.REFUND_REQUEST_OVERDUE: "Просьбе о возврате не ответили в срок",
}


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


def minute(at: datetime, zone: ZoneInfo) -> str:
    """`27 ноября 2026, 18:04`."""
    return f"{day(at, zone)}, {at.astimezone(zone):%H:%M}"


def day(at: datetime | date, zone: ZoneInfo) -> str:
    """`27 ноября 2026`."""
    there = at.astimezone(zone).date() if isinstance(at, datetime) else at
    return f"{there.day}{NBSP}{MONTHS[there.month - 1]} {there.year}"


def zone_name(zone: ZoneInfo) -> str:
    """`московское`, or the name of another zone."""
    return "московское" if zone.key == "Europe/Moscow" else zone.key


def form_of(value: int, *forms: str) -> str:
    """`тревога`, `тревоги`, `тревог`: the word that stands with this number, without the number."""
    one, few, many = forms
    return plural(value, (one, few, many)).partition(" ")[2]


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


def decline(reason: str) -> str:
    return DECLINES.get(reason, reason)


def short_day(on: date) -> str:
    """`27.11`."""
    return f"{on:%d.%m}"


def kept_method(method: PaymentMethodOut) -> str:
    """What renewals would charge."""
    if not method.is_attached:
        return "не сохранён"
    return f"карта {method.card_mask}" if method.card_mask else method.title or "сохранён"
