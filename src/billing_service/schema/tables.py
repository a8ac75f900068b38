"""Every table of the service, and the names that are pinned.

The legacy service once ran with a usage table under another name than its model's: every limit was off. So the names
stand here once more, and tests compare them with the models, the migrations and a live database.
"""

from collections.abc import Iterator

from billing_service.alarms.models import StandingAlarm
from billing_service.audit.models import AuditEntry
from billing_service.charging.models import ChargingStop
from billing_service.consents.models import Consent
from billing_service.daily_audits.models import DailyAudit, DailyAuditSide
from billing_service.events.models import EventFeed, EventReplay, EventStream, OutboxEvent
from billing_service.grant_batches.models import GrantBatch, GrantBatchMember
from billing_service.grants.models import Grant
from billing_service.heartbeats.models import WorkerHeartbeat
from billing_service.kit.db import Model
from billing_service.legacy.models import LegacyAccess, LegacyDifference, LegacyImport
from billing_service.npd.models import NpdRegistration
from billing_service.payment_methods.models import CardBinding, PaymentMethod, Refusal, UnableShop
from billing_service.payments.models import Payment
from billing_service.plans.models import Plan
from billing_service.provider_calls.models import ListWalk
from billing_service.receipts.models import ReceiptContact, ShopFiscalization
from billing_service.refund_requests.models import RefundRequest
from billing_service.refunds.models import Refund
from billing_service.renewals.models import RenewalHour, RenewalNotice
from billing_service.schema.models import SchemaCompatibility
from billing_service.staff.models import StaffAccount, StaffAct, StaffSession
from billing_service.subscriptions.models import AccessChange, Period, ShopInForce, Subscription
from billing_service.usage.models import DailyFeatureUsage, DailyUsage, UsageOperation, UsageTimezone
from billing_service.user_moves.models import UserMove, UserMoveCut
from billing_service.webhooks.models import WebhookLog

PINNED: dict[str, type[Model]] = {
    "subscription_plans": Plan,
    "subscriptions": Subscription,
    "payments": Payment,
    "refunds": Refund,
    "webhook_logs": WebhookLog,
    "daily_usage": DailyUsage,
}
OURS: dict[str, type[Model]] = {
    "subscription_periods": Period,
    "access_changes": AccessChange,
    "shop_in_force": ShopInForce,
    "list_walks": ListWalk,
    "daily_feature_usage": DailyFeatureUsage,
    "usage_operations": UsageOperation,
    "usage_timezone": UsageTimezone,
    "audit_log": AuditEntry,
    "worker_heartbeats": WorkerHeartbeat,
    "alarms": StandingAlarm,
    "grants": Grant,
    "grant_batches": GrantBatch,
    "grant_batch_members": GrantBatchMember,
    "consents": Consent,
    "payment_methods": PaymentMethod,
    "payment_method_refusals": Refusal,
    "card_bindings": CardBinding,
    "shops_unable_to_save": UnableShop,
    "user_moves": UserMove,
    "user_move_cuts": UserMoveCut,
    "outbox_events": OutboxEvent,
    "event_feed": EventFeed,
    "event_streams": EventStream,
    "event_replays": EventReplay,
    "charging_stops": ChargingStop,
    "renewal_notices": RenewalNotice,
    "renewal_hours": RenewalHour,
    "refund_requests": RefundRequest,
    "npd_registrations": NpdRegistration,
    "daily_audits": DailyAudit,
    "daily_audit_sides": DailyAuditSide,
    "receipt_contacts": ReceiptContact,
    "shop_fiscalization": ShopFiscalization,
    "legacy_imports": LegacyImport,
    "legacy_access": LegacyAccess,
    "legacy_differences": LegacyDifference,
    "staff_accounts": StaffAccount,
    "staff_sessions": StaffSession,
    "staff_acts": StaffAct,
    "schema_compatibility": SchemaCompatibility,
}
# The job library's own; its migration stands among ours.
JOBS = ("pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics")
# What the service does to its tables, where it is not `READ_AND_WRITE`.
READ_AND_WRITE = ("SELECT", "INSERT", "UPDATE")
ONLY = {"audit_log": ("SELECT", "INSERT")}
# What is done or old is deleted: `operations/retention` says when.
BESIDES = dict.fromkeys(
    (
        *(
            "daily_usage",
            "daily_feature_usage",
            "usage_operations",
            "webhook_logs",
            "alarms",
            "outbox_events",
            "event_replays",
        ),
        *("receipt_contacts", "access_changes", "renewal_hours", "daily_audit_sides", "legacy_differences"),
        *("staff_sessions", "staff_acts"),
        *("pgqueuer", "pgqueuer_log", "pgqueuer_statistics"),
    ),
    ("DELETE",),
)
metadata = Model.metadata


def needed_rights() -> Iterator[tuple[str, str]]:
    """(table, right): everything the service must be allowed to do to go on."""
    for table in [*PINNED, *OURS, *JOBS]:
        for right in ONLY.get(table, READ_AND_WRITE) + BESIDES.get(table, ()):
            yield table, right
