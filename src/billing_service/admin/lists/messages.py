"""What YooKassa told us."""

from billing_service.admin.listing import NUMBER, UUID, Choice, Column, Filter, Key, Listing, Search
from billing_service.wording.statuses import NOTIFICATION_STATUS, YOOKASSA_EVENT

NOTIFICATIONS = Listing(
    name="notifications",
    title="Уведомления ЮKassa",
    one="Уведомление",
    empty="ЮKassa ещё ни о чём не уведомляла: если оплаты уже были, проверьте адрес уведомлений в её кабинете.",
    source="webhook_logs w",
    key=(Key("w.id", "bigint"),),
    identity="w.id",
    found="w.id = $1::text::bigint",
    pattern=NUMBER,
    columns=(
        Column("Пришло", "w.created_at", "time"),
        Column("Событие", "w.event_type", "text", YOOKASSA_EVENT),
        Column("Платёж в ЮKassa", "w.payment_id", "id"),
        Column("Состояние", "w.status", "state", NOTIFICATION_STATUS),
        Column("Копий", "w.attempts", "count"),
        Column("Что помешало", "w.error_message", "trouble"),
    ),
    details=(
        Column("Проверок", "w.looks", "count"),
        Column("Обработано", "w.processed_at", "time"),
        Column("С адреса", "w.client_ip"),
        Column("Номер запроса", "w.trace_id"),
        Column("Содержимое (без личных данных)", "w.raw_payload::text", "json"),
    ),
    filters=(
        Filter(
            "status",
            "Состояние",
            {
                "waiting": Choice("ждут", "w.status IN ('RECEIVED', 'UNMATCHED', 'GIVEN_UP')"),
                "given_up": Choice(
                    "оставлены", "w.status IN ('RECEIVED', 'UNMATCHED', 'GIVEN_UP') AND w.status = 'GIVEN_UP'"
                ),
                "failed": Choice(
                    "не удались", "w.status IN ('FAILED', 'FOREIGN', 'CLOSED') AND w.status = 'FAILED'"
                ),
                "foreign": Choice(
                    "чужие", "w.status IN ('FAILED', 'FOREIGN', 'CLOSED') AND w.status = 'FOREIGN'"
                ),
                "closed": Choice(
                    "закрыты", "w.status IN ('FAILED', 'FOREIGN', 'CLOSED') AND w.status = 'CLOSED'"
                ),
                "done": Choice("учтены", "w.status = 'SUCCESS'"),
            },
        ),
    ),
    searches=(
        Search(UUID, "w.payment_id = lower($1)"),
        Search(
            UUID,
            "w.payment_id = (SELECT yookassa_payment_id FROM payments WHERE id = $1::text::uuid)",
        ),
        Search(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", "w.trace_id = $1"),
    ),
    hint="номер платежа (наш или ЮKassa) или номер запроса",
    acts=("replay-notification", "close-notification"),
)
