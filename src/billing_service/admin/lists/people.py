"""Plans, and the people who use the panel."""

from billing_service.admin.listing import Column, Key, Listing, Related
from billing_service.admin.lists.log import AUDIT
from billing_service.staff.roles import Role
from billing_service.wording.words import ROLES

PLANS = Listing(
    name="plans",
    title="Тарифы",
    one="Тариф",
    source="subscription_plans s",
    key=(Key("s.is_active", "boolean"), Key("s.price", "numeric"), Key("s.code", "text")),
    identity="s.code",
    found="s.code = $1",
    pattern=r"[A-Z0-9_]{1,64}",
    columns=(
        Column("Код", "s.code"),
        Column("Название", "s.display_name"),
        Column("Цена", "s.price", "money"),
        Column("Старая цена", "s.old_price", "money"),
        Column("Дней", "s.duration_days", "count"),
        Column("Фото в день", "s.daily_photo_limit", "limit"),
        Column("Продаётся", "s.is_active AND NOT s.is_test AND s.price > 0", "flag"),
    ),
    details=(
        Column("Описание в чеке", "s.description"),
        Column("Другие лимиты в день", "s.daily_limits::text", "json"),
        Column("История, дней (−1 — вся)", "s.history_days", "count"),
        Column("Распознавание", "s.ai_recognition", "flag"),
        Column("Расширенная статистика", "s.advanced_stats", "flag"),
        Column("Приоритетная поддержка", "s.priority_support", "flag"),
        Column("Код НДС", "s.vat_code", "count"),
        Column("Проверочный", "s.is_test", "flag"),
        Column("Создан", "s.created_at", "time"),
        Column("Изменён", "s.updated_at", "time"),
    ),
    related=(
        Related(
            "Кто и как менял",
            AUDIT,
            "a.action IN ('plan.added', 'plan.changed') AND a.details @> jsonb_build_object('plan_code', $1::text)",
        ),
    ),
    acts=("change-plan", "withdraw-plan", "sell-plan"),
    acts_of_all=("add-plan",),
)
PEOPLE = Listing(
    name="people",
    title="Люди",
    one="Учётная запись",
    source="staff_accounts s",
    key=(Key("s.created_at", "timestamptz"), Key("s.name", "text")),
    identity="s.name",
    found="s.name = $1",
    pattern=r"[a-z0-9][a-z0-9._@-]{0,63}",
    columns=(
        Column("Имя", "s.name"),
        Column("Роль", "s.role", "text", ROLES),
        Column("Входит паролем", "s.password_hash IS NOT NULL", "flag"),
        Column("Заведена", "s.created_at", "time"),
        Column("Отключена", "s.disabled_at", "time"),
        Column("Видели", "(SELECT max(seen_at) FROM staff_sessions WHERE account = s.name)", "time"),
    ),
    related=(
        Related(
            "Что делали с записью",
            AUDIT,
            "a.action LIKE 'staff.%' AND a.details @> jsonb_build_object('account', $1::text)",
        ),
        Related("Что делал человек", AUDIT, "a.author = $1 AND a.caller = 'panel'"),
    ),
    acts=("change-role", "set-password", "disable-account", "enable-account"),
    acts_of_all=("add-account",),
    role=Role.OWNER,
)
