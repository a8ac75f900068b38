"""What is wrong with a request, whatever it asks for: who calls, what it looks like, how often."""

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


class MalformedRequest(BadRequest):
    """What is no HTTP; the server answers it before any route is known."""

    code = "MALFORMED_REQUEST"
    message = "Запрос не является HTTP."


class HeadTooLarge(TooLarge):
    """Answered by the server, before any route is known."""

    status = 431
    code = "HEAD_TOO_LARGE"
    message = "Заголовки запроса слишком большие."


class PayloadTooLarge(TooLarge):
    code = "PAYLOAD_TOO_LARGE"
    message = "Тело запроса слишком большое."


class RouteNotFound(NotFound):
    code = "NOT_FOUND"
    message = "Такого адреса нет."
    show = "nothing: a mistake of the caller"


class MethodNotAllowed(BillingError):
    status = 405
    code = "METHOD_NOT_ALLOWED"
    message = "Этот метод здесь не поддерживается."
    show = "nothing: a mistake of the caller"


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


class InvalidPayload(BadRequest):
    code = "INVALID_PAYLOAD"
    message = "Это не уведомление ЮKassa."


class InvalidJson(BadRequest):
    code = "INVALID_JSON"
    message = "Тело запроса не является JSON."


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


class UserMoved(Conflict):
    """`moved_to`: the number under which he and all that is his are known now; nothing is done under the old one."""

    code = "USER_MOVED"
    message = "Этот пользователь объединён с другим: действуйте под новым номером."
    again = "under `details.moved_to`"
    example: ClassVar = {"moved_to": 1001}

    @property
    def moved_to(self) -> int:
        return int(str(self.details["moved_to"]))


class IdempotencyKeyRequired(Unprocessable):
    """What is done by hand has no other way to tell a repeat from a second deed."""

    code = "IDEMPOTENCY_KEY_REQUIRED"
    message = "Нужен заголовок Idempotency-Key: без него повтор не отличить от второй операции."


class IdempotencyKeyReused(Unprocessable):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "С этим ключом уже был другой запрос. Начните заново."
    again = "with a new `Idempotency-Key`"


class RateLimited(TooMany):
    code = "RATE_LIMITED"
    message = "Слишком много запросов. Повторите немного позже."
    example: ClassVar = {"scope": "billing_create_payment"}


class TemporarilyUnavailable(Unavailable):
    code = "TEMPORARILY_UNAVAILABLE"
    message = "Сервис временно недоступен. Повторите через несколько секунд."


AUTH: tuple[type[BillingError], ...] = (TokenRequired, ScopeMissing)
USER: tuple[type[BillingError], ...] = (*AUTH, UserRequired, UserMalformed, TemporarilyUnavailable)
