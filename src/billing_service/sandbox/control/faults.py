"""Ordering what shall go wrong."""

from fastapi import HTTPException
from pydantic import BaseModel

from billing_service.sandbox.api.operations import OPERATIONS
from billing_service.sandbox.control.deps import TheYookassa, room
from billing_service.sandbox.model.faults import (
    IN_NOTIFICATIONS,
    IN_THE_ANSWER,
    IN_THE_OUTCOME,
    NOTIFICATION,
    REGISTER_RECEIPT,
    Fault,
    Rule,
)

router = room("faults", "/faults")

# Step -> what can go wrong in it.
POSSIBLE: dict[str, frozenset[Fault]] = {
    **{operation.name: IN_THE_ANSWER | operation.twists for operation in OPERATIONS},
    NOTIFICATION: IN_NOTIFICATIONS,
    REGISTER_RECEIPT: IN_THE_OUTCOME,
    "*": frozenset(Fault),
}


class Rules(BaseModel):
    results: list[Rule]


@router.get("", response_model_exclude_none=True)
async def list_faults(yookassa: TheYookassa) -> Rules:
    """The rules in the order in which they are tried, and how often each struck."""
    return Rules(results=yookassa.state.rules)


@router.put(
    "",
    response_model_exclude_none=True,
    responses={422: {"description": "No such operation or fault, or one that cannot happen there"}},
)
async def replace_faults(yookassa: TheYookassa, rules: list[Rule] | Rules) -> Rules:
    """These rules from now on, and no others; an empty list and all goes well."""
    given = rules.results if isinstance(rules, Rules) else rules
    for rule in given:
        if rule.fault not in POSSIBLE.get(rule.operation, frozenset()):
            raise HTTPException(422, f"{rule.fault} cannot happen to {rule.operation}")
    yookassa.state.rules[:] = [rule.model_copy(update={"used": 0}) for rule in given]
    return Rules(results=yookassa.state.rules)
