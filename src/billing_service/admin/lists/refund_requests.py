"""Payers who want their money back."""

from billing_service.admin.listing import USER, UUID, Choice, Column, Filter, Key, Listing, Order, Search

STATE = """CASE WHEN c.refusal IS NOT NULL THEN 'REFUSED' WHEN c.concluded_at IS NOT NULL THEN 'REFUNDED'
    WHEN c.answer_by < billing_now() THEN 'LATE' ELSE 'WAITING' END"""
# Of the open ones, whoever must be answered first.
URGENT = Order((Key("c.answer_by", "timestamptz"), Key("c.id", "uuid")), oldest_first=True)
# Looked up for each row of a page, never joined as a whole.
ITS_PAYMENT = "SELECT user_id, amount FROM payments WHERE id = c.payment_id OFFSET 0"
REFUND_REQUESTS = Listing(
    name="refund-requests",
    title="Просят вернуть",
    one="Просьба вернуть деньги",
    source=f"refund_requests c CROSS JOIN LATERAL ({ITS_PAYMENT}) p",
    key=(Key("c.number", "bigint"),),
    identity="c.id",
    found="c.id = $1::text::uuid",
    pattern=UUID,
    columns=(
        Column("Номер", "'R-' || lpad(c.number::text, 6, '0')", "id"),
        Column("Пользователь", "p.user_id", "user"),
        Column("Платёж на", "p.amount", "money"),
        Column("Ответить до", "c.answer_by", "time"),
        Column(
            "Состояние",
            STATE,
            "state",
            {
                "WAITING": "ждёт ответа",
                "LATE": "ответ опоздал",
                "REFUNDED": "деньги возвращены",
                "REFUSED": "отказано",
            },
        ),
        Column("Почему просит", "c.reason"),
    ),
    details=(
        Column("Платёж", "c.payment_id", "payment"),
        Column("Попросил", "c.created_at", "time"),
        Column("Ответили", "c.concluded_at", "time"),
        Column("Кто отказал", "c.refused_by"),
        Column("Что ответили плательщику", "c.refusal"),
        Column("Возврат", "c.refund_id", "id"),
    ),
    filters=(
        Filter(
            "state",
            "Состояние",
            {
                "open": Choice("ждут ответа, срочные первыми", "c.concluded_at IS NULL", URGENT),
                "late": Choice(
                    "ответ опоздал", "c.concluded_at IS NULL AND c.answer_by < billing_now()", URGENT
                ),
                "concluded": Choice("отвеченные", "c.concluded_at IS NOT NULL"),
            },
        ),
    ),
    searches=(
        Search(USER, "c.payment_id = ANY (ARRAY(SELECT id FROM payments WHERE user_id = $1::text::bigint))"),
        Search(UUID, "c.payment_id = $1::text::uuid"),
        Search(UUID, "c.id = $1::text::uuid"),
        Search(r"R-[0-9]{1,18}", "c.number = substr($1, 3)::bigint"),
    ),
    hint="номер пользователя, платежа или просьбы (R-000017)",
    acts=("refund-on-request", "refuse-refund-request"),
    empty="Никто не просил вернуть деньги.",
)
