"""Why nothing was bought, or a payment is not found."""

from typing import ClassVar

from billing_service.kit.errors import BadRequest, Conflict, Forbidden, NotFound, Unavailable, Unprocessable

PAYMENT: dict[str, object] = {"payment_id": "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"}


class MissingPlanCode(BadRequest):
    code = "MISSING_PLAN_CODE"
    message = "Не указан тариф."


class InvalidPlan(BadRequest):
    code = "INVALID_PLAN"
    message = "Такого тарифа нет в продаже."
    show = "`message`, and the plans anew"


class PreviewStale(Conflict):
    """Nothing was bought: look again, and show the payer what is so now."""

    code = "PREVIEW_STALE"
    message = "Условия изменились, пока вы смотрели. Проверьте их ещё раз."


class ReceiptContactRequired(Unprocessable):
    """`needs`: what would do; each of them is enough. With «Чеки от ЮKassa» that is an e-mail address only. Nothing
    was sent, and nothing was taken from a limit."""

    code = "RECEIPT_CONTACT_REQUIRED"
    message = "Укажите, куда прислать кассовый чек."
    show = "a field for what `details.needs` names"
    again = "with `receipt_contact`, the same `Idempotency-Key`"
    example: ClassVar = {"needs": ["email"]}


class PaymentNotFound(NotFound):
    code = "PAYMENT_NOT_FOUND"
    message = "Платёж не найден."


class LiveTestRefused(Forbidden):
    code = "FORBIDDEN"
    message = "Проверочный платёж доступен только администраторам и только в боевом магазине."


class LiveTestPlanNotFound(NotFound):
    code = "TEST_PLAN_NOT_FOUND"
    message = "Тариф для проверочного платежа не найден."


class YookassaRejected(BadRequest):
    """No 5xx: the legacy frontend posts those four times at once and hides their text."""

    code = "YOOKASSA_REJECTED"
    message = "ЮKassa не приняла этот платёж, деньги не списаны. Попробуйте позже или напишите в поддержку."
    again = "with a new `Idempotency-Key`, by the user, a minute later"
    example: ClassVar = PAYMENT


class YookassaUnavailable(Unavailable):
    code = "YOOKASSA_UNAVAILABLE"
    message = "ЮKassa сейчас не отвечает. Повторите через несколько секунд: второго платежа не будет."
    again = "yes, with the same `Idempotency-Key`, after `Retry-After`"
    example: ClassVar = PAYMENT
