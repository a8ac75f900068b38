"""The register of a self-employed person's shop."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.requests import Request

from billing_service.audit.service import Deed
from billing_service.kit.middleware import request_id_of
from billing_service.npd import service
from billing_service.npd.schemas import (
    ENTRY_ID,
    EntryOut,
    ReceiptIn,
    RegisterOut,
    State,
    SummaryOut,
    entry_out,
    summary_out,
)
from billing_service.web.dependencies import Caller, ServicesDep
from billing_service.web.errors.operators import NpdEntryNotFound
from billing_service.web.errors.requests import PayloadInvalid
from billing_service.web.responses import EDGES, answers, leads_to
from billing_service.web.routes import SAFE_TO_REPEAT, needs

read = APIRouter(prefix="/internal/v1", tags=["NPD"], route_class=needs("read"))
admin = APIRouter(prefix="/internal/v1", tags=["NPD"], route_class=needs("admin"))

NOT_A_MONTH = "String should match pattern '^20[0-9]{2}-(0[1-9]|1[0-2])$'"
NamedMonth = Annotated[
    str | None,
    Query(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        description="In Moscow; the current one if it is missing.",
        examples=["2026-11"],
    ),
]
NamedYear = Annotated[
    int | None,
    Query(ge=2000, le=2099, description="In Moscow; the current one if it is missing.", examples=[2026]),
]
NamedState = Annotated[State | None, Query(description="Only these.", examples=["open"])]
NamedEntry = Annotated[UUID, Path(description="The `entry_id`.", examples=[ENTRY_ID])]
NO_NUMBER = PayloadInvalid({"fields": {"number": "Field required"}})


@read.get(
    "/npd/register/",
    summary="What the tax office must know",
    responses=answers(*EDGES, PayloadInvalid({"fields": {"month": NOT_A_MONTH}}))
    | leads_to(200, "mark_npd_registered", entry_id="$response.body#/results/0/entry_id"),
)
async def list_npd_register(
    services: ServicesDep, month: NamedMonth = None, state: NamedState = None
) -> RegisterOut:
    """Every succeeded payment and refund of a month, and the receipt of each that was registered."""
    named = None if month is None else date.fromisoformat(f"{month}-01")
    is_open = None if state is None else state == "open"
    entries = await service.read_register(services, named, is_open=is_open)
    return RegisterOut(since=services.settings.npd_since, results=[entry_out(entry) for entry in entries])


@read.get(
    "/npd/summary/",
    summary="Income of a year, and its limit",
    responses=answers(
        *EDGES, PayloadInvalid({"fields": {"year": "Input should be greater than or equal to 2000"}})
    ),
)
async def get_npd_summary(services: ServicesDep, year: NamedYear = None) -> SummaryOut:
    """Month by month: what came in, what of it went back, what stayed. A return counts to the month of its sale."""
    return summary_out(await service.read_year(services, year))


@admin.post(
    "/npd/register/{entry_id}/registered/",
    summary="It is registered",
    responses=answers(*EDGES, NO_NUMBER, NpdEntryNotFound),
    openapi_extra=SAFE_TO_REPEAT,
)
async def mark_npd_registered(
    *, entry_id: NamedEntry, body: ReceiptIn, caller: Caller, services: ServicesDep, request: Request
) -> EntryOut:
    """Written to the audit log. Safe to repeat; another receipt replaces the one before."""
    deed = Deed(caller.owner, body.author, service.REASON, request_id_of(request))
    return entry_out(
        await service.mark_registered(services, entry_id, number=body.number, link=body.link, deed=deed)
    )
