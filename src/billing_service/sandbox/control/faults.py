"""Ordering what shall go wrong."""

from fastapi import APIRouter
from pydantic import BaseModel

from billing_service.sandbox.control.deps import TheWorld
from billing_service.sandbox.faults import Rule

router = APIRouter(prefix="/faults", tags=["faults"])


class Rules(BaseModel):
    results: list[Rule]


@router.get("", response_model_exclude_none=True)
async def list_faults(world: TheWorld) -> Rules:
    """The rules in the order in which they are tried, and how often each struck."""
    return Rules(results=world.state.rules)


@router.put("", response_model_exclude_none=True)
async def replace_faults(world: TheWorld, rules: list[Rule] | Rules) -> Rules:
    """These rules from now on, and no others; an empty list and all goes well."""
    given = rules.results if isinstance(rules, Rules) else rules
    world.state.rules[:] = [rule.model_copy(update={"used": 0}) for rule in given]
    return Rules(results=world.state.rules)
