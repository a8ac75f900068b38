"""What who has used up the day may be promised of PRO."""

import time
from weakref import WeakKeyDictionary

from billing_service.kit.statement_pool import StatementPool
from billing_service.services import Services
from billing_service.usage import queries

# A change of a plan is known a minute later: who is refused waits for no other statement each time.
KNOWN_SECONDS = 60.0
_known: WeakKeyDictionary[StatementPool, tuple[float, bool]] = WeakKeyDictionary()


async def has_pro_no_limit(services: Services) -> bool:
    """Whether every PRO that is on sale allows as many photos as anybody likes, and there is one."""
    asked_at, said = _known.get(services.statements, (float("-inf"), False))
    if time.monotonic() - asked_at > KNOWN_SECONDS:
        said = await queries.has_pro_no_limit(services.statements)
        _known[services.statements] = time.monotonic(), said
    return said
