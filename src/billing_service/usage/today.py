"""A feature today: what is used of it, held and left, and what makes that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from billing_service.kit.transaction import Row
from billing_service.kit.wire import utc_text
from billing_service.services import Services
from billing_service.usage import queries
from billing_service.usage.queries import Operation
from billing_service.web.errors.usage import FeatureUnknown

PHOTOS = "photo_ai"
# So many operations explain a day; what was earlier is told as one sum.
EXPLAINED_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Figures:
    """A feature today at one instant. No limit means unlimited; `remaining` is what may still be started now."""

    plan_code: str
    daily_limit: int | None
    used: int
    held: int
    resets_at: datetime
    feature: str = PHOTOS

    @property
    def remaining(self) -> int | None:
        return None if self.daily_limit is None else max(self.daily_limit - self.used - self.held, 0)

    def details(self) -> dict[str, object]:
        """As a refusal tells them."""
        return {
            "current_plan": self.plan_code,
            "feature": self.feature,
            "daily_limit": self.daily_limit,
            "used_today": self.used,
            "held": self.held,
            "resets_at": utc_text(self.resets_at),
        }


async def get_figures(services: Services, user_id: int, feature: str = PHOTOS) -> Figures:
    """Never writes; a user we have never seen has used nothing of FREE. Raises `FeatureUnknown`."""
    zone = services.settings.billing_timezone.key
    row = await queries.get_today_of(services.statements, user_id, feature, zone)
    return figures_of(_known(row, feature), feature)


async def explain(
    services: Services, user_id: int, feature: str = PHOTOS
) -> tuple[Figures, Sequence[Operation]]:
    """The figures of today and what makes them: what its operations count adds up to what is used. Never writes.

    At most `EXPLAINED_AT_MOST` operations, the oldest first; what else is counted (earlier ones, and what was counted
    before this was written down) stands in front as one operation `not_listed`. Raises `FeatureUnknown`.
    """
    zone = services.settings.billing_timezone.key
    row, listed = await queries.explain_today(
        services.statements, user_id, feature, zone, most=EXPLAINED_AT_MOST
    )
    figures = figures_of(_known(row, feature), feature)
    rest = figures.used - sum(one.counts for one in listed)
    not_listed = [Operation(None, "not_listed", abs(rest), abs(rest), rest, None, None, None)] if rest else []
    return figures, [*not_listed, *listed]


async def get_today(services: Services, user_id: int) -> Row:
    """Plan, access and usage of photos at one instant, in one round trip."""
    return await queries.get_today(services.statements, user_id, services.settings.billing_timezone.key)


def figures_of(row: Row, feature: str = PHOTOS) -> Figures:
    """The figures of any usage statement."""
    return Figures(row["plan_code"], row["daily_limit"], row["used"], row["held"], row["resets_at"], feature)


def _known(row: Row, feature: str) -> Row:
    if not row["is_known"]:
        raise FeatureUnknown({"feature": feature})
    return row
