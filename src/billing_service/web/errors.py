"""Every failure we answer: one class a fact, with its stable code and its Russian message.

BillingError
├── BadRequest 400      ValidationFailed UserRequired UserMalformed MissingPlanCode InvalidPlan InvalidJson
│             400       InvalidPayload MalformedRequest YookassaRejected RefundRejected
│             400       NotAvailableForFree PaymentMethodRequired
├── Unauthorized 401    TokenRequired
├── Forbidden 403       ScopeMissing NotifierRefused SignatureRefused LiveTestRefused
├── NotFound 404        RouteNotFound PaymentNotFound RefundNotFound OperationNotFound LiveTestPlanNotFound
│             404       PlanNotFound GrantNotFound EventNotFound NpdEntryNotFound ConsentNotFound
│             404       NoticeNotFound RefundRequestNotFound GrantBatchNotFound
├── 405                 MethodNotAllowed
├── Conflict 409        RecurringDisabled CardBindingNotAvailable RenewalInProgress
│             409       OperationMismatch OperationExpired OperationCommitted NotRefundable RefundTooLarge
│             409       PlanTermsFrozen PlanExists PreviewStale GrantBatchDiffers GrantBatchRevoked
│             409       UserMoved MoveRefused
├── TooLarge 413        PayloadTooLarge
├── 431                 HeadTooLarge
├── Unprocessable 422   IdempotencyKeyRequired IdempotencyKeyReused AccessExceedsRefund AmountAboveLimit
│                 422   ConsentRequired ReceiptContactRequired FeatureUnknown
│                 422   PayloadInvalid (ValidationFailed on /internal/v1)
├── TooMany 429         DailyLimitReached LimitHeld RateLimited
└── Unavailable 503     YookassaUnavailable RefundUnanswered TemporarilyUnavailable
"""

from typing import ClassVar

from billing_service.kit.errors import (
    BadRequest,
    BillingError,
    Conflict,
    Forbidden,
    NotFound,
    TooLarge,
    TooMany,
    Unauthorized,
    Unavailable,
    Unprocessable,
)

PAYMENT: dict[str, object] = {"payment_id": "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"}
REFUND: dict[str, object] = {"refund_id": "9d0f8b54-6a3c-4a51-8f0a-6f7f3f9a2c10"}


def _figures(*, used: int, held: int) -> dict[str, object]:
    return {
        "current_plan": "FREE",
        "feature": "photo_ai",
        "daily_limit": 3,
        "used_today": used,
        "held": held,
        "resets_at": "2026-11-21T21:00:00Z",
    }


class ValidationFailed(BadRequest):
    code = "VALIDATION_ERROR"
    message = "Запрос составлен неверно."
    show = "nothing: a mistake of the caller, `details.fields` says which"
    example: ClassVar = {"fields": {"plan_code": "Input should be a valid string"}}


class PayloadInvalid(Unprocessable):
    """The same on /internal/v1."""

    code = "VALIDATION_ERROR"
    message = "Запрос составлен неверно."
    show = "nothing: a mistake of the caller, `details.fields` says which"
    example: ClassVar = {"fields": {"amount": "Input should be greater than or equal to 1"}}


class UserRequired(BadRequest):
    code = "USER_REQUIRED"
    message = "Не указан пользователь."
    show = "nothing of it: the backend's own 503"


class UserMalformed(UserRequired):
    message = "Заголовок X-User-Id неверен: нужен номер пользователя, один."
    example: ClassVar = {"fields": {"X-User-Id": "one whole number from 1 to 9223372036854775807"}}


class MissingPlanCode(BadRequest):
    code = "MISSING_PLAN_CODE"
    message = "Не указан тариф."


class InvalidPlan(BadRequest):
    code = "INVALID_PLAN"
    message = "Такого тарифа нет в продаже."
    show = "`message`, and the plans anew"


class YookassaRejected(BadRequest):
    """No 5xx: the legacy frontend posts those four times at once and hides their text."""

    code = "YOOKASSA_REJECTED"
    message = "ЮKassa не приняла этот платёж, деньги не списаны. Попробуйте позже или напишите в поддержку."
    again = "with a new `Idempotency-Key`, by the user, a minute later"
    example: ClassVar = PAYMENT


class RefundRejected(YookassaRejected):
    """`reason` is what YooKassa said, if it can be shown."""

    message = "ЮKassa не приняла этот возврат, деньги не возвращены."
    example: ClassVar = {**REFUND, "reason": "Partial refund forbidden"}


class InvalidJson(BadRequest):
    code = "INVALID_JSON"
    message = "Тело запроса не является JSON."


class MalformedRequest(BadRequest):
    """What is no HTTP; the server answers it before any route is known."""

    code = "MALFORMED_REQUEST"
    message = "Запрос не является HTTP."


class InvalidPayload(BadRequest):
    code = "INVALID_PAYLOAD"
    message = "Это не уведомление ЮKassa."


class TokenRequired(Unauthorized):
    code = "UNAUTHORIZED"
    message = "Нужен действующий токен сервиса."


class ScopeMissing(Forbidden):
    code = "FORBIDDEN"
    message = "Этому токену такой запрос не разрешён."
    example: ClassVar = {"required_scope": "user"}


class NotifierRefused(Forbidden):
    code = "FORBIDDEN"
    message = "С этого адреса уведомления не принимаются."


class SignatureRefused(Forbidden):
    code = "FORBIDDEN"
    message = "Подпись уведомления отсутствует или неверна."


class LiveTestRefused(Forbidden):
    code = "FORBIDDEN"
    message = "Проверочный платёж доступен только администраторам и только в боевом магазине."


class RouteNotFound(NotFound):
    code = "NOT_FOUND"
    message = "Такого адреса нет."
    show = "nothing: a mistake of the caller"


class PaymentNotFound(NotFound):
    code = "PAYMENT_NOT_FOUND"
    message = "Платёж не найден."


class RefundNotFound(NotFound):
    code = "REFUND_NOT_FOUND"
    message = "Возврат не найден."


class NpdEntryNotFound(NotFound):
    code = "NPD_ENTRY_NOT_FOUND"
    message = "В реестре нет такой записи."


class OperationNotFound(NotFound):
    code = "OPERATION_NOT_FOUND"
    message = "Такая операция неизвестна."


class LiveTestPlanNotFound(NotFound):
    code = "TEST_PLAN_NOT_FOUND"
    message = "Тариф для проверочного платежа не найден."


class PlanNotFound(NotFound):
    code = "PLAN_NOT_FOUND"
    message = "Такого тарифа нет."


class GrantNotFound(NotFound):
    code = "GRANT_NOT_FOUND"
    message = "Такого начисления дней нет."


class GrantBatchNotFound(NotFound):
    code = "GRANT_BATCH_NOT_FOUND"
    message = "Такого начисления многим нет."


class GrantBatchDiffers(Conflict):
    """The name stands for another batch: other users, days, plan, author or reason."""

    code = "GRANT_BATCH_DIFFERS"
    message = "Под этим названием дни уже дарили иначе: возьмите другое название."
    example: ClassVar = {
        "audience": "2 listed users (1cf926fd7836cc1a)",
        "plan_code": "PRO_MONTHLY",
        "days": 2,
        "author": "support",
        "reason": "сбой 26 ноября",
    }


class GrantBatchRevoked(Conflict):
    code = "GRANT_BATCH_REVOKED"
    message = "Эти дни у всех уже отозваны: чтобы подарить снова, возьмите другое название."


class EventNotFound(NotFound):
    code = "EVENT_NOT_FOUND"
    message = "Такого события нет."


class PlanTermsFrozen(Conflict):
    """`frozen`: what of it stays as it is."""

    code = "PLAN_TERMS_FROZEN"
    message = "Эти условия тарифа не меняются: создайте новый тариф."
    example: ClassVar = {"frozen": ["duration_days"]}


class PlanExists(Conflict):
    code = "PLAN_EXISTS"
    message = "Тариф с таким кодом уже есть, на других условиях."


class ConsentNotFound(NotFound):
    code = "CONSENT_NOT_FOUND"
    message = "Такого согласия нет."


class NotAvailableForFree(BadRequest):
    code = "NOT_AVAILABLE_FOR_FREE"
    message = "Автопродление доступно только с подпиской PRO."
    show = "`message`, and PRO"


class PaymentMethodRequired(BadRequest):
    """The code as the legacy API writes it."""

    code = "payment_method_required"
    message = "Сначала привяжите карту."
    show = "the way to bind a card"


class ConsentRequired(Unprocessable):
    code = "CONSENT_REQUIRED"
    message = "Нужно согласие на автоматические списания на условиях тарифа."
    show = "the terms, to agree to"
    again = "with `consent`"


class ReceiptContactRequired(Unprocessable):
    """`needs`: what would do; each of them is enough. With «Чеки от ЮKassa» that is an e-mail address only. Nothing
    was sent, and nothing was taken from a limit."""

    code = "RECEIPT_CONTACT_REQUIRED"
    message = "Укажите, куда прислать кассовый чек."
    show = "a field for what `details.needs` names"
    again = "with `receipt_contact`, the same `Idempotency-Key`"
    example: ClassVar = {"needs": ["email"]}


class MethodNotAllowed(BillingError):
    status = 405
    code = "METHOD_NOT_ALLOWED"
    message = "Этот метод здесь не поддерживается."
    show = "nothing: a mistake of the caller"


class RecurringDisabled(Conflict):
    code = "RECURRING_DISABLED"
    message = "Автопродление пока недоступно."


class RenewalInProgress(Conflict):
    code = "RENEWAL_IN_PROGRESS"
    message = "Подписка как раз продлевается. Подождите несколько минут."
    example: ClassVar = {"until": "2026-11-27T09:10:00.000000Z"}


class NoticeNotFound(NotFound):
    code = "NOTICE_NOT_FOUND"
    message = "Уведомление не найдено."


class CardBindingNotAvailable(Conflict):
    code = "CARD_BINDING_NOT_AVAILABLE"
    message = "Привязать карту пока нельзя."


class OperationMismatch(Conflict):
    code = "OPERATION_MISMATCH"
    message = (
        "Операция с этим номером принадлежит другому пользователю, другой возможности или другого размера."
    )


class OperationExpired(Conflict):
    code = "OPERATION_EXPIRED"
    message = "Время операции вышло, и её место уже занято."
    show = "`message`; nothing was counted"
    example: ClassVar = _figures(used=3, held=0)


class OperationCommitted(Conflict):
    code = "OPERATION_COMMITTED"
    message = "Операция уже засчитана."


class PreviewStale(Conflict):
    """Nothing was bought: look again, and show the payer what is so now."""

    code = "PREVIEW_STALE"
    message = "Условия изменились, пока вы смотрели. Проверьте их ещё раз."


class UserMoved(Conflict):
    """`moved_to`: the number under which he and all that is his are known now; nothing is done under the old one."""

    code = "USER_MOVED"
    message = "Этот пользователь объединён с другим: действуйте под новым номером."
    again = "under `details.moved_to`"
    example: ClassVar = {"moved_to": 1001}


class MoveRefused(Conflict):
    """`because`: `open_payment`, `charge_in_flight`, `open_binding` of `user_id`, which end by themselves within the
    day, or `both_have_methods`: two live payment methods in one shop, of which one must be refused first."""

    code = "MOVE_REFUSED"
    message = "Сейчас перенести пользователя нельзя: у него есть незавершённые дела."
    again = "once what `details.because` names is over"
    example: ClassVar = {"because": "open_payment", "user_id": 1001}


class RefundRequestNotFound(NotFound):
    code = "REFUND_REQUEST_NOT_FOUND"
    message = "Такого запроса на возврат нет."


class NotRefundable(Conflict):
    """`because`: `not_succeeded`, `another_shop`, or `unknown_to_yookassa` for a payment imported without its id."""

    code = "NOT_REFUNDABLE"
    message = "Этот платёж вернуть нельзя."
    example: ClassVar = {"because": "not_succeeded"}


class RefundTooLarge(Conflict):
    """What is under way counts as well as what has gone back."""

    code = "REFUND_TOO_LARGE"
    message = "Столько вернуть нельзя: от платежа осталось меньше."
    example: ClassVar = {"refundable": "299.00"}


class DailyLimitReached(TooMany):
    """Whose midnight it names follows `BILLING_TIMEZONE`; here it is the default one."""

    code = "DAILY_LIMIT_REACHED"
    message = "Дневной лимит исчерпан. Он обновится в 00:00 по московскому времени; с PRO лимита нет."
    show = "`message`, and PRO; the hour by the user's own clock from `details.resets_at`"
    again = "after `details.resets_at`"
    example: ClassVar = _figures(used=3, held=0)


class LimitHeld(TooMany):
    code = "LIMIT_HELD"
    message = "Оставшиеся попытки заняты анализами, которые ещё идут. Повторите через несколько секунд."
    example: ClassVar = _figures(used=1, held=2)


class RateLimited(TooMany):
    code = "RATE_LIMITED"
    message = "Слишком много запросов. Повторите немного позже."
    example: ClassVar = {"scope": "billing_create_payment"}


class PayloadTooLarge(TooLarge):
    code = "PAYLOAD_TOO_LARGE"
    message = "Тело запроса слишком большое."


class HeadTooLarge(TooLarge):
    """Answered by the server, before any route is known."""

    status = 431
    code = "HEAD_TOO_LARGE"
    message = "Заголовки запроса слишком большие."


class IdempotencyKeyRequired(Unprocessable):
    """What is done by hand has no other way to tell a repeat from a second deed."""

    code = "IDEMPOTENCY_KEY_REQUIRED"
    message = "Нужен заголовок Idempotency-Key: без него повтор не отличить от второй операции."


class IdempotencyKeyReused(Unprocessable):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "С этим ключом идемпотентности уже был другой запрос."
    again = "with a new `Idempotency-Key`"


class AccessExceedsRefund(Unprocessable):
    """`left`: what would be left of the payment."""

    code = "ACCESS_EXCEEDS_REFUND"
    message = "Весь доступ можно закрыть, только если возвращены все деньги."
    example: ClassVar = {"left": "199.00"}


class AmountAboveLimit(Unprocessable):
    code = "AMOUNT_ABOVE_LIMIT"
    message = "Столько за раз не поместится ни в один день: дневной лимит меньше."
    example: ClassVar = {"amount": 4, **_figures(used=0, held=0)}


class FeatureUnknown(Unprocessable):
    """No plan has a limit of it."""

    code = "FEATURE_UNKNOWN"
    message = "Такой возможности нет ни в одном тарифе."
    example: ClassVar = {"feature": "teleport"}


class YookassaUnavailable(Unavailable):
    code = "YOOKASSA_UNAVAILABLE"
    message = "ЮKassa сейчас не отвечает. Повторите через несколько секунд: второго платежа не будет."
    again = "yes, with the same `Idempotency-Key`, after `Retry-After`"
    example: ClassVar = PAYMENT


class RefundUnanswered(YookassaUnavailable):
    message = "ЮKassa сейчас не отвечает. Повторите с тем же ключом: второго возврата не будет."
    example: ClassVar = REFUND


class TemporarilyUnavailable(Unavailable):
    code = "TEMPORARILY_UNAVAILABLE"
    message = "Сервис временно недоступен. Повторите через несколько секунд."


AUTH: tuple[type[BillingError], ...] = (TokenRequired, ScopeMissing)
USER: tuple[type[BillingError], ...] = (*AUTH, UserRequired, UserMalformed, TemporarilyUnavailable)
