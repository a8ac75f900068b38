"""What people did by hand, alarms, and jobs that were given up."""

from billing_service.admin.listing import NUMBER, USER, UUID, Choice, Column, Filter, Key, Listing, Search
from billing_service.alarms.service import CONDITION
from billing_service.kit.alarms import Alarm
from billing_service.wording import jobs
from billing_service.wording.alarm_advice import ADVICE
from billing_service.wording.statuses import CALLER

# Of an alarm's payment, if it is one of ours.
ITS_PAYMENT = f"""(SELECT p.id::text FROM payments p WHERE p.id =
    CASE WHEN t.facts ->> 'payment_id' ~ '^{UUID}$' THEN (t.facts ->> 'payment_id')::uuid END)"""  # noqa: S608 (constants)
KINDS = ", ".join(f"'{kind}'" for kind in Alarm)
AUDIT = Listing(
    name="audit",
    title="Журнал действий",
    one="Запись журнала",
    source="audit_log a",
    key=(Key("a.id", "bigint"),),
    identity="a.id",
    found="a.id = $1::text::bigint",
    pattern=NUMBER,
    columns=(
        Column("Когда", "a.at", "time"),
        Column("Действие", "a.action", "action"),
        Column("Кто", "a.author"),
        Column("Пользователь", "a.user_id", "user"),
        Column("Причина", "a.reason"),
    ),
    details=(
        Column("Откуда", "a.caller", "text", CALLER),
        Column("Номер запроса", "a.request_id"),
        Column("Подробности", "a.details::text", "json"),
    ),
    filters=(
        Filter(
            "action",
            "Действие",
            {
                "grants": Choice("дни", "a.action IN ('grant.given', 'grant.revoked')"),
                "refunds": Choice("возвраты", "a.action = 'refund.started'"),
                "plans": Choice("тарифы", "a.action IN ('plan.added', 'plan.changed')"),
                "charging": Choice("списания", "a.action IN ('charging.stopped', 'charging.started')"),
                "staff": Choice(
                    "люди",
                    "a.action IN ('staff.added', 'staff.password_set', 'staff.role_changed', 'staff.disabled', "
                    "'staff.enabled')",
                ),
            },
        ),
    ),
    searches=(
        Search(USER, "a.user_id = $1::text::bigint"),
        Search(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,63}", "a.request_id = $1"),
    ),
    hint="номер пользователя или номер запроса",
)
JOBS = Listing(
    name="jobs",
    title="Оставленные задачи",
    one="Задача",
    source="pgqueuer j",
    always="j.status = 'failed'",
    key=(Key("j.id", "bigint"),),
    identity="j.id",
    found="j.id = $1::text::bigint",
    pattern=NUMBER,
    columns=(
        Column("Создана", "j.created", "time"),
        Column("Задача", "j.entrypoint", "text", jobs.JOBS),
        Column("О чём", "convert_from(j.payload, 'UTF8')", "id", jobs.SCHEDULES),
        Column("Попыток", "j.attempts", "count"),
        Column("Оставлена", "j.updated", "time"),
    ),
    details=(
        Column("Имя в логах", "j.entrypoint"),
        Column(
            "Последняя ошибка",
            "(SELECT l.traceback::text FROM pgqueuer_log l WHERE l.job_id = j.id AND l.traceback IS NOT NULL "
            "ORDER BY l.created DESC LIMIT 1)",
            "json",
        ),
    ),
    acts=("run-job-again",),
    empty="Оставленных задач нет: всё, что ставилось, сделано или ещё пробуется.",
)
ALARMS = Listing(
    name="alarms",
    title="Тревоги",
    one="Тревога",
    source="alarms t",
    key=(Key("t.last_at", "timestamptz"), Key("t.kind", "text"), Key("t.subject", "text")),
    identity="t.kind || ':' || t.subject",
    found="t.kind = split_part($1, ':', 1) AND t.subject = substr($1, strpos($1, ':') + 1)",
    pattern=r"[a-z_]{1,60}:[^\x00]{1,500}",
    columns=(
        Column("Последний раз", "t.last_at", "time"),
        Column("Что", "t.kind", "alarm"),
        Column("О чём", "t.subject", "id", {CONDITION: "о сервисе целиком"}),
        Column("Раз", "t.times", "count"),
        Column(
            "Состояние",
            "CASE WHEN t.resolved_at IS NOT NULL THEN 'RESOLVED' WHEN t.acknowledged_at IS NOT NULL "
            "THEN 'ACKNOWLEDGED' ELSE 'OPEN' END",
            "state",
            {"OPEN": "открыта", "ACKNOWLEDGED": "в работе", "RESOLVED": "решена"},
        ),
        Column("Кто занимается", "t.acknowledged_by"),
    ),
    details=(
        Column("Что делать", "t.kind", "advice", ADVICE),
        Column("Нарушенное правило", "t.facts ->> 'rule'", "rule"),
        Column("Пользователь", "t.facts ->> 'user_id'", "user"),
        Column("Платёж", ITS_PAYMENT, "payment"),
        Column("Впервые", "t.first_at", "time"),
        Column("Изменилась", "t.changed_at", "time"),
        Column("Взята в работу", "t.acknowledged_at", "time"),
        Column("Решена", "t.resolved_at", "time"),
        Column("Подробности", "t.facts::text", "json"),
    ),
    filters=(
        Filter(
            "state",
            "Состояние",
            {
                "open": Choice("открытые", "t.resolved_at IS NULL AND t.acknowledged_at IS NULL"),
                "taken": Choice("в работе", "t.resolved_at IS NULL AND t.acknowledged_at IS NOT NULL"),
                "resolved": Choice("решённые", "t.resolved_at IS NOT NULL"),
            },
        ),
    ),
    searches=(
        # The kinds are named, so that the primary key finds the subject of each.
        Search(r".{1,100}", f"t.kind = ANY (ARRAY[{KINDS}]) AND t.subject = $1"),
    ),
    hint="номер того, о чём тревога",
    acts=("acknowledge-alarm", "resolve-payment", "close-alarm"),
    empty="Тревог нет.",
    note="Чего пока никто не встретил, здесь нет: что залежалось, показывают проверки на первой странице; "
    "что сервис не отвечает вовсе — только метрики.",
)
