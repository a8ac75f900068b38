"""Why a feature may not be used now, or an operation of it is not what it was."""

from typing import ClassVar

from billing_service.kit.errors import Conflict, NotFound, TooMany, Unprocessable


def _figures(*, used: int, held: int) -> dict[str, object]:
    return {
        "current_plan": "FREE",
        "feature": "photo_ai",
        "daily_limit": 3,
        "used_today": used,
        "held": held,
        "resets_at": "2026-11-21T21:00:00Z",
    }


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


class AmountAboveLimit(Unprocessable):
    code = "AMOUNT_ABOVE_LIMIT"
    message = "Столько за раз не поместится ни в один день: дневной лимит меньше."
    example: ClassVar = {"amount": 4, **_figures(used=0, held=0)}


class FeatureUnknown(Unprocessable):
    """No plan has a limit of it."""

    code = "FEATURE_UNKNOWN"
    message = "Такой возможности нет ни в одном тарифе."
    example: ClassVar = {"feature": "teleport"}


class OperationNotFound(NotFound):
    code = "OPERATION_NOT_FOUND"
    message = "Такая операция неизвестна."


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
