"""What goes wrong, as two kinds: the service said no, or it could not be asked.

BillingError
├── Refused        it understood, and said no: every 4xx; one class for each code in `codes`
└── Unavailable    5xx, or no answer at all
    ├── NotReached     nothing was sent: it certainly did not happen
    └── AnswerLost     it was sent: nobody here knows whether it happened
"""

from collections.abc import Mapping
from typing import Any


class BillingError(Exception):
    """Decide by the class, or by `code`; `message` is Russian and may be shown; quote `request_id` to support."""

    code = ""

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        status: int | None = None,
        details: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.code = code or self.code
        self.message = message
        self.status = status
        self.details = dict(details or {})
        self.request_id = request_id
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {message}" if message else self.code)


class Refused(BillingError):
    """The service understood and said no. Asking again says the same, unless `retry_after` is given."""


class Unavailable(BillingError):
    """The service could not be asked, or could not answer."""


class NotReached(Unavailable):
    """No connection: it certainly did not happen."""

    code = "NOT_REACHED"


class AnswerLost(Unavailable):
    """It was sent and no answer came: it may have happened."""

    code = "ANSWER_LOST"
