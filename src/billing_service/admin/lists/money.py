"""Payments and refunds."""

from billing_service.admin.listing import USER, UUID, Choice, Column, Filter, Key, Listing, Related, Search
from billing_service.admin.lists.messages import NOTIFICATIONS
from billing_service.admin.lists.refund_requests import REFUND_REQUESTS
from billing_service.wording.statuses import (
    ACCESS,
    CALLER,
    CANCELED_BY,
    MADE_BY,
    PAYMENT_STATUS,
    PURPOSE,
    RECEIPT,
    REFUND_REFUSED,
    REFUND_STATUS,
)
from billing_service.wording.words import DECLINES

REFUNDS = Listing(
    name="refunds",
    title="Возвраты",
    one="Возврат",
    empty="Денег ещё не возвращали.",
    source="refunds r JOIN payments p ON p.id = r.payment_id",
    key=(Key("r.created_at", "timestamptz"), Key("r.id", "uuid")),
    identity="r.id",
    found="r.id = $1::text::uuid",
    pattern=UUID,
    columns=(
        Column("Создан", "r.created_at", "time"),
        Column("Пользователь", "p.user_id", "user"),
        Column("Сумма", "r.amount", "money"),
        Column("Состояние", "r.status", "state", REFUND_STATUS),
        Column("Кем", "coalesce(r.author, r.made_by)", "text", MADE_BY),
        Column("Причина", "r.reason"),
    ),
    details=(
        Column("Номер", "r.id"),
        Column("Платёж", "r.payment_id", "payment"),
        Column("Номер в ЮKassa", "r.yookassa_refund_id"),
        Column("Сделан", "r.made_by", "text", MADE_BY),
        Column("Что с доступом", "r.access", "text", ACCESS),
        Column("Снято с доступа", "nullif(r.access_cut, interval '0')", "length"),
        Column("Завершён", "r.completed_at", "time"),
        Column("Действие на доступ", "r.applied_at", "time"),
        Column("Отказ ЮKassa", "coalesce(r.refusal, r.cancellation_reason)", "text", REFUND_REFUSED),
        Column("Чек", "r.receipt_registration", "text", RECEIPT),
        Column("Магазин", "r.shop_id"),
        Column("Тестовый", "r.is_test", "flag"),
        Column("Следующий вопрос ЮKassa", "CASE WHEN r.status = 'PENDING' THEN r.next_ask_at END", "time"),
    ),
    filters=(
        Filter(
            "status",
            "Состояние",
            {
                "open": Choice("в пути", "r.status <> 'SUCCEEDED' AND r.status = 'PENDING'"),
                "failed": Choice(
                    "не прошли", "r.status <> 'SUCCEEDED' AND r.status IN ('CANCELED', 'FAILED')"
                ),
                "succeeded": Choice("возвращённые", "r.status = 'SUCCEEDED'"),
            },
        ),
    ),
    searches=(
        Search(UUID, "r.id = $1::text::uuid"),
        Search(UUID, "r.payment_id = $1::text::uuid"),
        Search(UUID, "r.yookassa_refund_id = lower($1)"),
        Search(USER, "r.payment_id = ANY (ARRAY(SELECT id FROM payments WHERE user_id = $1::text::bigint))"),
    ),
    hint="номер пользователя, возврата или платежа",
)
PAYMENTS = Listing(
    name="payments",
    title="Платежи",
    one="Платёж",
    empty="Платежей ещё не было.",
    source="payments p",
    key=(Key("p.created_at", "timestamptz"), Key("p.id", "uuid")),
    identity="p.id",
    found="p.id = $1::text::uuid",
    pattern=UUID,
    columns=(
        Column("Создан", "p.created_at", "time"),
        Column("Пользователь", "p.user_id", "user"),
        Column("Сумма", "p.amount", "money"),
        Column("Тариф", "p.plan_code", "plan"),
        Column("Состояние", "p.status", "state", PAYMENT_STATUS),
        Column("Оплачен", "p.paid_at", "time"),
        Column(
            "Возвращено",
            "(SELECT sum(r.amount) FROM refunds r WHERE r.payment_id = p.id AND r.status = 'SUCCEEDED')",
            "money",
        ),
    ),
    details=(
        Column(
            "Возвращается",
            "(SELECT sum(r.amount) FROM refunds r WHERE r.payment_id = p.id AND r.status = 'PENDING')",
            "money",
        ),
        Column("Номер", "p.id"),
        Column("Номер в ЮKassa", "p.yookassa_payment_id"),
        Column("За что", "p.purpose", "text", PURPOSE),
        Column("Описание", "p.description"),
        Column("Дней", "p.duration_days", "count"),
        Column("Автоматическое списание", "p.is_recurring", "flag"),
        Column("Доходит до нас", "p.income_amount", "money"),
        Column("Исход неизвестен", "p.outcome_unknown", "flag"),
        Column("Кто отменил", "p.cancellation_party", "text", CANCELED_BY),
        Column("Почему отменён", "p.cancellation_reason", "text", DECLINES),
        Column("Ошибка ЮKassa", "p.provider_error_code"),
        Column("Номер ошибки ЮKassa", "p.provider_error_id"),
        Column("Сохраняет способ оплаты", "p.save_payment_method", "flag"),
        Column("Чек", "p.receipt_registration", "text", RECEIPT),
        Column("Создал", "p.caller", "text", CALLER),
        Column("Перенесён из старой системы", "p.imported", "flag"),
        Column("Второй к платежу", "p.surplus_of", "payment"),
        Column("Магазин", "p.shop_id"),
        Column("Тестовый", "p.is_test", "flag"),
        Column("Впервые отправлен", "p.first_sent_at", "time"),
        Column("Последний раз отправлен", "p.last_sent_at", "time"),
        Column(
            "Следующий вопрос ЮKassa",
            "CASE WHEN p.status IN ('PENDING', 'WAITING_FOR_CAPTURE') THEN p.next_ask_at END",
            "time",
        ),
        Column("Изменён", "p.updated_at", "time"),
    ),
    filters=(
        Filter(
            "status",
            "Состояние",
            {
                "open": Choice("ждут", "p.status IN ('PENDING', 'WAITING_FOR_CAPTURE')"),
                "succeeded": Choice("оплаченные", "p.status = 'SUCCEEDED'"),
                "canceled": Choice("не прошли", "p.status = 'CANCELED'"),
                "failed": Choice("не созданы", "p.status = 'FAILED'"),
            },
        ),
    ),
    searches=(
        Search(UUID, "p.id = $1::text::uuid"),
        Search(UUID, "p.yookassa_payment_id = lower($1)"),
        Search(USER, "p.user_id = $1::text::bigint"),
    ),
    hint="номер пользователя, наш номер платежа или номер ЮKassa",
    related=(
        Related("Возвраты", REFUNDS, "r.payment_id = $1::text::uuid"),
        Related("Просьбы вернуть деньги", REFUND_REQUESTS, "c.payment_id = $1::text::uuid"),
        Related(
            "Уведомления ЮKassa",
            NOTIFICATIONS,
            "w.payment_id = (SELECT yookassa_payment_id FROM payments WHERE id = $1::text::uuid)",
        ),
    ),
    acts=("refund", "resolve-payment"),
)
