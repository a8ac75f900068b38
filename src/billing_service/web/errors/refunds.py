"""Why no money goes back, or whether it does is not known yet."""

from typing import ClassVar

from billing_service.kit.errors import Conflict, NotFound, Unprocessable
from billing_service.web.errors.payments import YookassaRejected, YookassaUnavailable

REFUND: dict[str, object] = {"refund_id": "9d0f8b54-6a3c-4a51-8f0a-6f7f3f9a2c10"}


class RefundNotFound(NotFound):
    code = "REFUND_NOT_FOUND"
    message = "Возврат не найден."


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
    message = "Столько вернуть нельзя: от платежа осталось меньше, или деньги уже возвращаются."
    example: ClassVar = {"refundable": "299.00"}


class AccessExceedsRefund(Unprocessable):
    """`left`: what would be left of the payment."""

    code = "ACCESS_EXCEEDS_REFUND"
    message = "Весь доступ можно закрыть, только если возвращены все деньги."
    example: ClassVar = {"left": "199.00"}


class RefundRejected(YookassaRejected):
    """`reason` is what YooKassa said, if it can be shown."""

    message = "ЮKassa не приняла этот возврат, деньги не возвращены."
    example: ClassVar = {**REFUND, "reason": "Partial refund forbidden"}


class RefundUnanswered(YookassaUnavailable):
    message = "ЮKassa сейчас не отвечает. Повторите с тем же ключом: второго возврата не будет."
    example: ClassVar = REFUND
