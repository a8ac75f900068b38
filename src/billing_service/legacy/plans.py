"""Plans by their code, with prices and limits as they are there; what a person has decided here stays."""

from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

from billing_service.audit.service import Deed
from billing_service.kit.transaction import Row
from billing_service.plans import changes
from billing_service.plans.models import Plan
from billing_service.services import Services
from billing_service.web.errors.operators import PlanNotFound, PlanTermsFrozen

AUTHOR = "legacy import"
FREE = "FREE"
# What FREE is here is held by the database.
HELD_OF_FREE = frozenset({"price", "old_price", "duration_days", "is_active"})


class PlanOutcome(NamedTuple):
    """What became of a plan: `same`, `added`, `changed`, or `kept` as it is here, and what differs then."""

    code: str
    outcome: str
    differs: Mapping[str, tuple[object, object]]


async def take_over(
    services: Services, old_plans: list[Row], deed: Deed, *, write: bool
) -> AsyncIterator[PlanOutcome]:
    """Each plan in turn; without `write` only what would become of it. Safe to repeat."""
    for old in old_plans:
        code, terms = old["code"], terms_of(old)
        try:
            ours = await changes.get(services, code)
        except PlanNotFound:
            if write:
                # What stands in receipts is no advertisement, as their descriptions are.
                named = (old["display_name"].strip() or code)[:128]
                described = {"description": named, "daily_limits": {}, "vat_code": None}
                await changes.add(services, code, terms | described, deed)
            yield PlanOutcome(code, "added", {})
            continue
        yield await _change(services, ours, terms, deed, write=write)


async def _change(
    services: Services, ours: Plan, terms: Mapping[str, object], deed: Deed, *, write: bool
) -> PlanOutcome:
    known = changes.terms_of(ours)
    differs = {name: (value, known[name]) for name, value in terms.items() if known[name] != value}
    if not differs:
        return PlanOutcome(ours.code, "same", {})
    if ours.is_test or await _is_decided_here(services, ours.code):
        return PlanOutcome(ours.code, "kept", differs)
    wanted = {name: there for name, (there, _) in differs.items()}
    if ours.code == FREE:
        wanted = {name: value for name, value in wanted.items() if name not in HELD_OF_FREE}
    if write:
        try:
            await changes.change(services, ours.code, wanted, deed)
        except PlanTermsFrozen:
            # Days that were sold here stay; each payment has the days it was sold with.
            wanted.pop("duration_days", None)
            await changes.change(services, ours.code, wanted, deed)
    kept = {name: values for name, values in differs.items() if name not in wanted}
    return PlanOutcome(ours.code, "changed" if wanted else "kept", kept)


async def _is_decided_here(services: Services, code: str) -> bool:
    return any(entry.author != AUTHOR for entry in await changes.history(services, code))


def terms_of(old: Row) -> dict[str, object]:
    """Name, price and limits of a plan there, within the bounds of ours."""
    price, old_price, limit = old["price"], old["old_price"], old["daily_photo_limit"]
    return {
        "display_name": old["display_name"],
        "price": price,
        "old_price": old_price if old_price is not None and old_price > price else None,
        "duration_days": old["duration_days"],
        # Less than nothing is the old word for no limit.
        "daily_photo_limit": limit if limit is None or limit >= 0 else None,
        "history_days": old["history_days"],
        **{name: old[name] for name in ("ai_recognition", "advanced_stats", "priority_support", "is_active")},
    }
