"""Every failure we answer: one class a fact, with its stable code and its Russian message.

BillingError
├── BadRequest 400
│   ├── requests  400   MalformedRequest InvalidPayload InvalidJson ValidationFailed UserRequired UserMalformed
│   ├── payments  400   MissingPlanCode InvalidPlan YookassaRejected
│   ├── renewals  400   NotAvailableForFree PaymentMethodRequired
│   └── refunds   400   RefundRejected
├── Unauthorized 401
│   └── requests  401   TokenRequired
├── Forbidden 403
│   ├── requests  403   ScopeMissing NotifierRefused SignatureRefused
│   └── payments  403   LiveTestRefused
├── NotFound 404
│   ├── requests  404   RouteNotFound
│   ├── payments  404   PaymentNotFound LiveTestPlanNotFound
│   ├── renewals  404   ConsentNotFound NoticeNotFound
│   ├── refunds   404   RefundNotFound RefundRequestNotFound
│   ├── usage     404   OperationNotFound
│   └── operators 404   PlanNotFound GrantNotFound GrantBatchNotFound NpdEntryNotFound EventNotFound
├── requests      405   MethodNotAllowed
├── Conflict 409
│   ├── requests  409   UserMoved
│   ├── payments  409   PreviewStale
│   ├── renewals  409   RecurringDisabled CardBindingNotAvailable RenewalInProgress
│   ├── refunds   409   NotRefundable RefundTooLarge
│   ├── usage     409   OperationMismatch OperationExpired OperationCommitted
│   └── operators 409   PlanTermsFrozen PlanExists GrantBatchDiffers GrantBatchRevoked MoveRefused
├── TooLarge 413
│   ├── requests  413   PayloadTooLarge
│   └── requests  431   HeadTooLarge
├── Unprocessable 422
│   ├── requests  422   PayloadInvalid (ValidationFailed on /internal/v1) IdempotencyKeyRequired IdempotencyKeyReused
│   ├── payments  422   ReceiptContactRequired
│   ├── renewals  422   ConsentRequired
│   ├── refunds   422   AccessExceedsRefund
│   └── usage     422   AmountAboveLimit FeatureUnknown
├── TooMany 429
│   ├── requests  429   RateLimited
│   └── usage     429   DailyLimitReached LimitHeld
└── Unavailable 503
    ├── requests  503   TemporarilyUnavailable
    ├── payments  503   YookassaUnavailable
    └── refunds   503   RefundUnanswered
"""

from billing_service.kit.errors import BillingError
from billing_service.web.errors import operators, payments, refunds, renewals, requests, usage

FAILURES: tuple[type[BillingError], ...] = tuple(
    one
    for module in (requests, payments, renewals, refunds, usage, operators)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, BillingError) and one.__module__ == module.__name__
)
