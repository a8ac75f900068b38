from .add_plan import add_plan
from .change_plan import change_plan
from .get_plan_history import get_plan_history
from .list_all_plans import list_all_plans
from .list_plans import list_plans

__all__ = [
    "add_plan",
    "change_plan",
    "get_plan_history",
    "list_all_plans",
    "list_plans",
]
