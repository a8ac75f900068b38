"""Why what people do by hand is not done: to plans, gifts, users, the register and the events."""

from typing import ClassVar

from billing_service.kit.errors import Conflict, NotFound


class PlanNotFound(NotFound):
    code = "PLAN_NOT_FOUND"
    message = "Такого тарифа нет."


class PlanTermsFrozen(Conflict):
    """`frozen`: what of it stays as it is."""

    code = "PLAN_TERMS_FROZEN"
    message = "Эти условия тарифа не меняются: создайте новый тариф."
    example: ClassVar = {"frozen": ["duration_days"]}


class PlanExists(Conflict):
    code = "PLAN_EXISTS"
    message = "Тариф с таким кодом уже есть, на других условиях."


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


class MoveRefused(Conflict):
    """`because`: `open_payment`, `charge_in_flight`, `open_binding` of `user_id`, which end by themselves within the
    day, or `both_have_methods`: two live payment methods in one shop, of which one must be refused first."""

    code = "MOVE_REFUSED"
    message = "Сейчас перенести пользователя нельзя: у него есть незавершённые дела."
    again = "once what `details.because` names is over"
    example: ClassVar = {"because": "open_payment", "user_id": 1001}


class NpdEntryNotFound(NotFound):
    code = "NPD_ENTRY_NOT_FOUND"
    message = "В реестре нет такой записи."


class EventNotFound(NotFound):
    code = "EVENT_NOT_FOUND"
    message = "Такого события нет."
