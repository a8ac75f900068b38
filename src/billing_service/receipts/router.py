"""Where a user's receipts go: said ahead, shown masked, erased."""

from fastapi import APIRouter

from billing_service.receipts import service
from billing_service.receipts.schemas import ReceiptContactOut, StrictReceiptContactIn, contact_out
from billing_service.web.dependencies import NamedUser, ServicesDep
from billing_service.web.errors.requests import PayloadInvalid, UserMoved
from billing_service.web.responses import EDGES, answers
from billing_service.web.routes import needs

router = APIRouter(
    prefix="/internal/v1/users/{user_id}/receipt-contact", tags=["Receipts"], route_class=needs("user")
)

NO_USER = PayloadInvalid({"fields": {"user_id": "Input should be greater than or equal to 1"}})
NO_ADDRESS = PayloadInvalid({"fields": {"email": "Value error, not an e-mail address"}})


@router.get("/", summary="Where the user's receipts go", responses=answers(*EDGES, NO_USER))
async def get_receipt_contact(user_id: NamedUser, services: ServicesDep) -> ReceiptContactOut:
    """Masked: what was said is shown to nobody."""
    return contact_out(await service.get_contact(services, user_id))


@router.put("/", summary="Say where the user's receipts go", responses=answers(*EDGES, NO_ADDRESS, UserMoved))
async def put_receipt_contact(
    user_id: NamedUser, body: StrictReceiptContactIn, services: ServicesDep
) -> ReceiptContactOut:
    """In place of what was known; kept encrypted, for every later payment and refund that names none."""
    await service.keep_contact(services, user_id, body.contact)
    return contact_out(body.contact)


@router.delete(
    "/", summary="Erase where the user's receipts go", responses=answers(*EDGES, NO_USER, UserMoved)
)
async def erase_receipt_contact(user_id: NamedUser, services: ServicesDep) -> ReceiptContactOut:
    """Out of every table, at once. A payment or refund whose sending is in doubt at this moment is not sent again: it
    is found in YooKassa's lists, or ends as never created. Safe to repeat."""
    await service.erase_contact(services, user_id)
    return contact_out(None)
