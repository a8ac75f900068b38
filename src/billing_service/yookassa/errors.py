"""What a call to YooKassa may raise.

    YookassaError
      Rejected            a definite no: nothing happened, and the same request will not do better
        Forbidden         403, the key is right, the operation is not allowed to this shop
        NotFound          404, no such object in this shop
      Unavailable         nothing happened, certainly; the same request may do better later
        Unauthorized      401, the shop id or the key is wrong: it says nothing about what was asked
      OutcomeUnknown      it may have happened, and may still be happening

A caller answers all three, and never treats one as another: guessing "no" from OutcomeUnknown charges
twice, guessing "yes" grants what nobody paid for. Their texts carry statuses and codes, never what was sent
and never the provider's prose, which may quote it.
"""

from typing import ClassVar


class YookassaError(Exception):
    """Any failure of a call.

    `status`: the HTTP status of the last answer, None when none came. `error_id`: what the provider's support
    asks for. `retry_after`: seconds the provider asked us to wait, None when it did not say. `outcome`: the
    kind as one word, for logs and counters.
    """

    outcome: ClassVar[str] = "failed"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        error_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error_id = error_id
        self.retry_after = retry_after


class Rejected(YookassaError):
    """The provider understood the request and refused it; nothing happened.

    Decide by `status`, `code` and `parameter`; `description` is prose for people and changes without notice.
    """

    outcome = "rejected"

    def __init__(
        self,
        *,
        status: int,
        error_id: str | None,
        code: str | None,
        description: str | None,
        parameter: str | None,
    ) -> None:
        about = f" about {parameter}" if parameter else ""
        super().__init__(
            f"refused with {status} {code or 'and no code'}{about}", status=status, error_id=error_id
        )
        self.code = code
        self.description = description
        self.parameter = parameter


class Forbidden(Rejected):
    """The shop may not do this, e.g. save a card without the permission for recurring payments."""


class NotFound(Rejected):
    """This shop has no such object."""


class Unavailable(YookassaError):
    """Nothing happened: no connection was made, the provider limits us (429), a question got no answer."""

    outcome = "unavailable"


class Unauthorized(Unavailable):
    """The shop id or the secret key is wrong: somebody must be told at once, and what was asked waits for the key."""


class OutcomeUnknown(YookassaError):
    """The request may have left and nobody knows what became of it.

    Safe next steps: the same request with the same idempotence key, within 24 hours of the first; or asking.
    """

    outcome = "unknown"
