from .get_renewal_forecast import get_renewal_forecast
from .report_notice_delivered import report_notice_delivered

__all__ = [
    "get_renewal_forecast",
    "report_notice_delivered",
]
