"""The EatFit24 billing service, asked from Python."""

from eatfit24_billing.client import Billing
from eatfit24_billing.errors import AnswerLost, BillingError, NotReached, Refused, Unavailable
from eatfit24_billing.events import EventReceiver, ForgedEvent, ReplayedEvent
from eatfit24_billing.guard import Allow, Guard, Guards, Use, allow, deny
from eatfit24_billing.journal import Journal
from eatfit24_billing.retries import Retries

__all__ = [
    "Allow",
    "AnswerLost",
    "Billing",
    "BillingError",
    "EventReceiver",
    "ForgedEvent",
    "Guard",
    "Guards",
    "Journal",
    "NotReached",
    "Refused",
    "ReplayedEvent",
    "Retries",
    "Unavailable",
    "Use",
    "allow",
    "deny",
]
