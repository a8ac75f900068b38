"""How users stand, for the main backend."""

from fastapi import APIRouter
from starlette.responses import Response

from billing_service.kit.wire import json_answer
from billing_service.user_states import service
from billing_service.user_states.schemas import UsersQueryIn, UserStateListOut, UserStateOut, state_out
from billing_service.web.dependencies import NamedUser, ServicesDep
from billing_service.web.errors.requests import PayloadInvalid
from billing_service.web.responses import EDGES, answers
from billing_service.web.routes import SAFE_TO_REPEAT, needs

router = APIRouter(prefix="/internal/v1", tags=["Users"], route_class=needs("read"))

NO_USER = PayloadInvalid({"fields": {"user_id": "Input should be greater than or equal to 1"}})
TOO_MANY = PayloadInvalid(
    {"fields": {"user_ids": "List should have at most 500 items after validation, not 501"}}
)


@router.get(
    "/users/{user_id}/state/",
    summary="How a user stands",
    response_model=UserStateOut,
    responses=answers(*EDGES, NO_USER),
)
async def get_user_state(user_id: NamedUser, services: ServicesDep) -> Response:
    """Plan, access, usage of today, what will be charged next or why nothing, in one statement. Never writes; a user we
    have never seen is on FREE."""
    (state,) = await service.list_states(services, [user_id])
    return json_answer(state_out(state))


@router.post(
    "/users/query/",
    summary="How up to 500 users stand",
    response_model=UserStateListOut,
    responses=answers(*EDGES, TOO_MANY),
    openapi_extra=SAFE_TO_REPEAT,
)
async def query_users(body: UsersQueryIn, services: ServicesDep) -> Response:
    """The same of many, by the same one statement: in the order of the ids, one state for each, also for ids that we
    have never seen. Nothing is changed."""
    states = await service.list_states(services, body.user_ids)
    return json_answer({"results": [state_out(state) for state in states]})
