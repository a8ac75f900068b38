"""The kinds of failure we answer, with their status codes; `billing_service.web.errors` has one class for each fact."""

from collections.abc import Mapping
from typing import ClassVar


class BillingError(Exception):
    """A failure with a stable `code` and a Russian `message` that may be shown to the user."""

    status = 500
    code = "INTERNAL_ERROR"
    message = "Внутренняя ошибка. Попробуйте позже."
    retry_after: int | None = None
    # What a person is shown, and whether the same request may be made again: docs/frontend.md is written from it.
    show: ClassVar[str] = "`message`"
    again: ClassVar[str] = "no"
    # What its `details` look like, for the OpenAPI page.
    example: ClassVar[Mapping[str, object]] = {}

    def __init__(
        self,
        details: Mapping[str, object] | None = None,
        *,
        message: str | None = None,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message or self.message
        self.retry_after = retry_after or self.retry_after
        self.headers = dict(headers or {})
        self.details = dict(details or {})
        super().__init__(self.code)

    def __str__(self) -> str:
        return f"{self.code} {self.details or ''}".strip()


class BadRequest(BillingError):
    status = 400


class Unauthorized(BillingError):
    status = 401
    show = "nothing of it: the backend's own 503"


class Forbidden(BillingError):
    status = 403
    show = "nothing of it: the backend's own 503"


class NotFound(BillingError):
    status = 404


class Conflict(BillingError):
    status = 409


class TooLarge(BillingError):
    status = 413


class Unprocessable(BillingError):
    status = 422


class TooMany(BillingError):
    status = 429
    again = "after `Retry-After`"


class Unavailable(BillingError):
    status = 503
    retry_after = 5
    again = "yes, the same, after `Retry-After`"
