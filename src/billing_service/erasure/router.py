"""A user has his data erased."""

from fastapi import APIRouter
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request

from billing_service.audit.service import Deed
from billing_service.erasure import service
from billing_service.erasure.schemas import ErasureIn, ErasureOut, erasure_out
from billing_service.kit.middleware import request_id_of
from billing_service.web.dependencies import Caller, NamedUser, ServicesDep
from billing_service.web.errors.requests import UserMoved
from billing_service.web.responses import EDGES, NO_REASON, answers
from billing_service.web.routes import needs


class AUser(StringConvertor):
    """Whatever is no other path's last word: nobody erases the user called `query`, whom `users/query/` asks about."""

    regex = "(?!query/?$)[^/]+"


register_url_convertor("a_user", AUser())

router = APIRouter(prefix="/internal/v1", tags=["Users"], route_class=needs("admin"))


@router.delete(
    "/users/{user_id:a_user}/", summary="Erase who a user is", responses=answers(*EDGES, NO_REASON, UserMoved)
)
async def erase_user(
    *, user_id: NamedUser, body: ErasureIn, caller: Caller, services: ServicesDep, request: Request
) -> ErasureOut:
    """First nothing of his can be charged any more, then whatever says who he is goes: where receipts go, addresses and
    devices, the card, what notifications and events said, what people wrote about him. Money, days and refusals stay
    under the number, and so does access that was paid for. Safe to repeat."""
    deed = Deed(caller.owner, body.author, body.reason, request_id_of(request))
    return erasure_out(await service.erase(services, user_id, deed))
