"""Days that many were given at once, and who was."""

from billing_service.admin.listing import USER, UUID, Choice, Column, Filter, Key, Listing, Related

MEMBERS = Listing(
    name="users",
    title="Кому",
    one="Пользователь",
    source="grant_batch_members m LEFT JOIN grants g ON g.id = m.grant_id "
    "LEFT JOIN subscription_periods lies ON lies.id = g.period_id",
    key=(Key("m.user_id", "bigint"),),
    identity="m.user_id",
    found="m.user_id = $1::text::bigint",
    pattern=USER,
    columns=(
        Column("Пользователь", "m.user_id", "user"),
        Column("Подарено", "g.id IS NOT NULL", "flag"),
        Column("Дни начинаются", "lower(lies.span)", "time"),
        Column("Кончаются", "upper(lies.span)", "time"),
        Column("Отозвано", "g.taken", "length"),
    ),
)
WHOM = """CASE WHEN b.audience LIKE '% listed users (%' THEN 'по списку: ' || split_part(b.audience, ' ', 1)
    WHEN b.audience LIKE 'paid%' THEN 'у кого был оплаченный PRO' || replace(substr(b.audience, 5), 'at', 'на')
    WHEN b.audience LIKE 'pro%' THEN 'у кого был PRO' || replace(substr(b.audience, 4), 'at', 'на')
    ELSE b.audience END"""
BATCHES = Listing(
    name="batches",
    title="Подарки многим",
    one="Подарок многим",
    source="grant_batches b",
    key=(Key("b.created_at", "timestamptz"), Key("b.id", "uuid")),
    identity="b.id",
    found="b.id = $1::text::uuid",
    pattern=UUID,
    columns=(
        Column("Когда", "b.created_at", "time"),
        Column("Название", "b.name"),
        Column("Тариф", "b.plan_code", "plan"),
        Column("Дней каждому", "b.days", "count"),
        Column("Кому", WHOM),
        Column("Кто", "b.author"),
        Column("Отозван", "b.revoked_at", "time"),
    ),
    details=(
        Column("Причина", "b.reason"),
        Column("Кто отозвал", "b.revoked_by"),
        Column("Почему отозвал", "b.revoke_reason"),
    ),
    filters=(
        Filter(
            "state",
            "Состояние",
            {
                "standing": Choice("действуют", "b.revoked_at IS NULL"),
                "revoked": Choice("отозваны", "b.revoked_at IS NOT NULL"),
            },
        ),
    ),
    related=(Related("Кому", MEMBERS, "m.batch_id = $1::text::uuid"),),
    acts=("revoke-days-of-many",),
    acts_of_all=("give-days-to-many",),
    empty="Дни многим сразу ещё не дарили.",
)
