"""What may become of a notification.

    RECEIVED    written down; a look at the provider is to come, or found that nothing has happened yet
    UNMATCHED   it names a payment of ours that we do not have; looked for again for a day
    SUCCESS     our payment says for good what the provider says
    FAILED      what the provider reports contradicts our payment
    FOREIGN     it belongs to another system in the same shop
    GIVEN_UP    a day of looks led to nothing, and none is to come: a person decides
    CLOSED      a person has decided; the reason stands in the audit log

A later copy makes GIVEN_UP and CLOSED open again, and so does a replay: each may be the genuine one.
"""

from enum import StrEnum


class LogStatus(StrEnum):
    RECEIVED = "RECEIVED"
    UNMATCHED = "UNMATCHED"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    FOREIGN = "FOREIGN"
    GIVEN_UP = "GIVEN_UP"
    CLOSED = "CLOSED"


UNSETTLED = frozenset({LogStatus.RECEIVED, LogStatus.UNMATCHED, LogStatus.GIVEN_UP})
LEFT_BEHIND = frozenset({LogStatus.GIVEN_UP, LogStatus.CLOSED})
