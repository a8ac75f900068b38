"""Every refusal the provider answers, as one exception and the body it becomes."""

from typing import Any


class Refused(Exception):
    """The provider refuses a call, and nothing happened.

    `code` is None for 405 and 415, which carry none. `retry_after` is in milliseconds.
    """

    def __init__(
        self,
        description: str,
        *,
        parameter: str | None = None,
        status: int = 400,
        code: str | None = "invalid_request",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(description)
        self.description = description
        self.parameter = parameter
        self.status = status
        self.code = code
        self.retry_after = retry_after

    @classmethod
    def again(cls, status: int, body: dict[str, Any]) -> "Refused":
        """The refusal this body was, for a key that is used up by it."""
        return cls(body["description"], parameter=body.get("parameter"), status=status, code=body.get("code"))

    def body(self, error_id: str) -> dict[str, Any]:
        fields = {
            "type": "error",
            "id": error_id,
            "code": self.code,
            "description": self.description,
            "parameter": self.parameter,
            "retry_after": self.retry_after,
        }
        return {name: value for name, value in fields.items() if value is not None}


class ImpossibleMove(Exception):
    """Somebody at the control API or on a page asks for a step that this state does not allow."""


def missing_key() -> Refused:
    return Refused("Idempotence key is empty", parameter="Idempotence-Key")


def long_key() -> Refused:
    text = "Idempotence key is too long. Send the value in accordance with the documentation"
    return Refused(text, parameter="Idempotence-Key")


def reused_key() -> Refused:
    return Refused("Idempotence key duplicated", parameter="Idempotence-Key")


def unreadable_body() -> Refused:
    return Refused("Failed to parse request body")


def no_authorization() -> Refused:
    return Refused("Authorization header not found", status=401, code="invalid_credentials")


def garbled_authorization() -> Refused:
    return Refused("Basic authentication failed", status=401, code="invalid_credentials")


def wrong_credentials() -> Refused:
    text = (
        "Error in shopId or secret key. Check their validity. You can reissue the key in the Merchant Profile"
    )
    return Refused(text, status=401, code="invalid_credentials")


def forbidden(text: str) -> Refused:
    return Refused(text, status=403, code="forbidden")


def no_recurring() -> Refused:
    return forbidden("This store can't make recurring payments. Contact the YooMoney manager to learn more")


def not_found(text: str, *, parameter: str | None = None) -> Refused:
    return Refused(text, parameter=parameter, status=404, code="not_found")


def wrong_method() -> Refused:
    return Refused("Method not allowed", status=405, code=None)


def wrong_content_type() -> Refused:
    return Refused("Content type is not supported, send application/json", status=415, code=None)


def too_many(seconds: float | None) -> Refused:
    pause = None if seconds is None else int(seconds * 1000)
    return Refused("Too many requests", status=429, code="too_many_requests", retry_after=pause)


def gone() -> Refused:
    return Refused("The object was removed", status=410, code="gone")


def internal() -> Refused:
    return Refused("Internal server error", status=500, code="internal_server_error")
