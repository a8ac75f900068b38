"""What of the service's answers the frontend must not see."""

import json
from collections.abc import Mapping

# 401 and 403 are about our token, and USER_REQUIRED about our header: no user can do anything about them, and the
# frontend opens its sign-in window on 401 and 403.
OURS = {401, 403}
UNAVAILABLE = {
    "error": {
        "code": "BILLING_UNAVAILABLE",
        "message": "Оплата временно недоступна. Попробуйте через несколько минут.",
        "details": {},
    }
}


def is_our_fault(status: int, body: bytes) -> bool:
    if status in OURS:
        return True
    return status == 400 and _code(body) == "USER_REQUIRED"


def _code(body: bytes) -> str | None:
    try:
        said = json.loads(body)
    except ValueError:
        return None
    error = said.get("error") if isinstance(said, Mapping) else None
    return error.get("code") if isinstance(error, Mapping) else None
