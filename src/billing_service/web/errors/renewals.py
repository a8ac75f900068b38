"""Why a card is not kept, or a subscription does not go on by itself."""

from typing import ClassVar

from billing_service.kit.errors import BadRequest, Conflict, NotFound, Unprocessable


class RecurringDisabled(Conflict):
    code = "RECURRING_DISABLED"
    message = "Автопродление пока недоступно."


class CardBindingNotAvailable(Conflict):
    code = "CARD_BINDING_NOT_AVAILABLE"
    message = "Привязать карту пока нельзя."


class NotAvailableForFree(BadRequest):
    code = "NOT_AVAILABLE_FOR_FREE"
    message = "Автопродление доступно только с подпиской PRO."
    show = "`message`, and PRO"


class PaymentMethodRequired(BadRequest):
    """The code as the legacy API writes it."""

    code = "payment_method_required"
    message = "Сначала привяжите карту."
    show = "the way to bind a card"


class RenewalInProgress(Conflict):
    code = "RENEWAL_IN_PROGRESS"
    message = "Подписка как раз продлевается. Подождите несколько минут."
    example: ClassVar = {"until": "2026-11-27T09:10:00.000000Z"}


class ConsentRequired(Unprocessable):
    code = "CONSENT_REQUIRED"
    message = "Нужно согласие на автоматические списания на условиях тарифа."
    show = "the terms, to agree to"
    again = "with `consent`"


class ConsentNotFound(NotFound):
    code = "CONSENT_NOT_FOUND"
    message = "Такого согласия нет."


class NoticeNotFound(NotFound):
    code = "NOTICE_NOT_FOUND"
    message = "Уведомление не найдено."
