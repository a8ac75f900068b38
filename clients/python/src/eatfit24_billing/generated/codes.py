"""Written from `openapi.json` by `make clients`; not edited by hand."""

from collections.abc import Mapping

from ..errors import BillingError, Refused, Unavailable


class AccessExceedsRefund(Refused):
    code = "ACCESS_EXCEEDS_REFUND"


class AmountAboveLimit(Refused):
    code = "AMOUNT_ABOVE_LIMIT"


class CardBindingNotAvailable(Refused):
    code = "CARD_BINDING_NOT_AVAILABLE"


class ConsentNotFound(Refused):
    code = "CONSENT_NOT_FOUND"


class ConsentRequired(Refused):
    code = "CONSENT_REQUIRED"


class DailyLimitReached(Refused):
    code = "DAILY_LIMIT_REACHED"


class EventNotFound(Refused):
    code = "EVENT_NOT_FOUND"


class FeatureUnknown(Refused):
    code = "FEATURE_UNKNOWN"


class Forbidden(Refused):
    code = "FORBIDDEN"


class GrantBatchDiffers(Refused):
    code = "GRANT_BATCH_DIFFERS"


class GrantBatchNotFound(Refused):
    code = "GRANT_BATCH_NOT_FOUND"


class GrantBatchRevoked(Refused):
    code = "GRANT_BATCH_REVOKED"


class GrantNotFound(Refused):
    code = "GRANT_NOT_FOUND"


class HeadTooLarge(Refused):
    code = "HEAD_TOO_LARGE"


class IdempotencyKeyRequired(Refused):
    code = "IDEMPOTENCY_KEY_REQUIRED"


class IdempotencyKeyReused(Refused):
    code = "IDEMPOTENCY_KEY_REUSED"


class InternalError(Unavailable):
    code = "INTERNAL_ERROR"


class InvalidJson(Refused):
    code = "INVALID_JSON"


class InvalidPayload(Refused):
    code = "INVALID_PAYLOAD"


class InvalidPlan(Refused):
    code = "INVALID_PLAN"


class LimitHeld(Refused):
    code = "LIMIT_HELD"


class MalformedRequest(Refused):
    code = "MALFORMED_REQUEST"


class MethodNotAllowed(Refused):
    code = "METHOD_NOT_ALLOWED"


class MissingPlanCode(Refused):
    code = "MISSING_PLAN_CODE"


class MoveRefused(Refused):
    code = "MOVE_REFUSED"


class NoticeNotFound(Refused):
    code = "NOTICE_NOT_FOUND"


class NotAvailableForFree(Refused):
    code = "NOT_AVAILABLE_FOR_FREE"


class NotFound(Refused):
    code = "NOT_FOUND"


class NotRefundable(Refused):
    code = "NOT_REFUNDABLE"


class NpdEntryNotFound(Refused):
    code = "NPD_ENTRY_NOT_FOUND"


class OperationCommitted(Refused):
    code = "OPERATION_COMMITTED"


class OperationExpired(Refused):
    code = "OPERATION_EXPIRED"


class OperationMismatch(Refused):
    code = "OPERATION_MISMATCH"


class OperationNotFound(Refused):
    code = "OPERATION_NOT_FOUND"


class PayloadTooLarge(Refused):
    code = "PAYLOAD_TOO_LARGE"


class PaymentNotFound(Refused):
    code = "PAYMENT_NOT_FOUND"


class PlanExists(Refused):
    code = "PLAN_EXISTS"


class PlanNotFound(Refused):
    code = "PLAN_NOT_FOUND"


class PlanTermsFrozen(Refused):
    code = "PLAN_TERMS_FROZEN"


class PreviewStale(Refused):
    code = "PREVIEW_STALE"


class RateLimited(Refused):
    code = "RATE_LIMITED"


class ReceiptContactRequired(Refused):
    code = "RECEIPT_CONTACT_REQUIRED"


class RecurringDisabled(Refused):
    code = "RECURRING_DISABLED"


class RefundNotFound(Refused):
    code = "REFUND_NOT_FOUND"


class RefundRequestNotFound(Refused):
    code = "REFUND_REQUEST_NOT_FOUND"


class RefundTooLarge(Refused):
    code = "REFUND_TOO_LARGE"


class RenewalInProgress(Refused):
    code = "RENEWAL_IN_PROGRESS"


class TemporarilyUnavailable(Unavailable):
    code = "TEMPORARILY_UNAVAILABLE"


class TestPlanNotFound(Refused):
    code = "TEST_PLAN_NOT_FOUND"


class Unauthorized(Refused):
    code = "UNAUTHORIZED"


class UserMoved(Refused):
    code = "USER_MOVED"


class UserRequired(Refused):
    code = "USER_REQUIRED"


class ValidationError(Refused):
    code = "VALIDATION_ERROR"


class YookassaRejected(Refused):
    code = "YOOKASSA_REJECTED"


class YookassaUnavailable(Unavailable):
    code = "YOOKASSA_UNAVAILABLE"


class PaymentMethodRequired(Refused):
    code = "payment_method_required"


BY_CODE: Mapping[str, type[BillingError]] = {
    "ACCESS_EXCEEDS_REFUND": AccessExceedsRefund,
    "AMOUNT_ABOVE_LIMIT": AmountAboveLimit,
    "CARD_BINDING_NOT_AVAILABLE": CardBindingNotAvailable,
    "CONSENT_NOT_FOUND": ConsentNotFound,
    "CONSENT_REQUIRED": ConsentRequired,
    "DAILY_LIMIT_REACHED": DailyLimitReached,
    "EVENT_NOT_FOUND": EventNotFound,
    "FEATURE_UNKNOWN": FeatureUnknown,
    "FORBIDDEN": Forbidden,
    "GRANT_BATCH_DIFFERS": GrantBatchDiffers,
    "GRANT_BATCH_NOT_FOUND": GrantBatchNotFound,
    "GRANT_BATCH_REVOKED": GrantBatchRevoked,
    "GRANT_NOT_FOUND": GrantNotFound,
    "HEAD_TOO_LARGE": HeadTooLarge,
    "IDEMPOTENCY_KEY_REQUIRED": IdempotencyKeyRequired,
    "IDEMPOTENCY_KEY_REUSED": IdempotencyKeyReused,
    "INTERNAL_ERROR": InternalError,
    "INVALID_JSON": InvalidJson,
    "INVALID_PAYLOAD": InvalidPayload,
    "INVALID_PLAN": InvalidPlan,
    "LIMIT_HELD": LimitHeld,
    "MALFORMED_REQUEST": MalformedRequest,
    "METHOD_NOT_ALLOWED": MethodNotAllowed,
    "MISSING_PLAN_CODE": MissingPlanCode,
    "MOVE_REFUSED": MoveRefused,
    "NOTICE_NOT_FOUND": NoticeNotFound,
    "NOT_AVAILABLE_FOR_FREE": NotAvailableForFree,
    "NOT_FOUND": NotFound,
    "NOT_REFUNDABLE": NotRefundable,
    "NPD_ENTRY_NOT_FOUND": NpdEntryNotFound,
    "OPERATION_COMMITTED": OperationCommitted,
    "OPERATION_EXPIRED": OperationExpired,
    "OPERATION_MISMATCH": OperationMismatch,
    "OPERATION_NOT_FOUND": OperationNotFound,
    "PAYLOAD_TOO_LARGE": PayloadTooLarge,
    "PAYMENT_NOT_FOUND": PaymentNotFound,
    "PLAN_EXISTS": PlanExists,
    "PLAN_NOT_FOUND": PlanNotFound,
    "PLAN_TERMS_FROZEN": PlanTermsFrozen,
    "PREVIEW_STALE": PreviewStale,
    "RATE_LIMITED": RateLimited,
    "RECEIPT_CONTACT_REQUIRED": ReceiptContactRequired,
    "RECURRING_DISABLED": RecurringDisabled,
    "REFUND_NOT_FOUND": RefundNotFound,
    "REFUND_REQUEST_NOT_FOUND": RefundRequestNotFound,
    "REFUND_TOO_LARGE": RefundTooLarge,
    "RENEWAL_IN_PROGRESS": RenewalInProgress,
    "TEMPORARILY_UNAVAILABLE": TemporarilyUnavailable,
    "TEST_PLAN_NOT_FOUND": TestPlanNotFound,
    "UNAUTHORIZED": Unauthorized,
    "USER_MOVED": UserMoved,
    "USER_REQUIRED": UserRequired,
    "VALIDATION_ERROR": ValidationError,
    "YOOKASSA_REJECTED": YookassaRejected,
    "YOOKASSA_UNAVAILABLE": YookassaUnavailable,
    "payment_method_required": PaymentMethodRequired,
}
