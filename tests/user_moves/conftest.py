"""Users who renew, and the number that one of them becomes."""

from tests.renewals.conftest import api, renewals, renewing

__all__ = ["api", "renewals", "renewing"]
