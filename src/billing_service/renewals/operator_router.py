"""What the main backend says and asks of renewals: that a payer was told, and who will be charged what."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from billing_service.renewals import notices
from billing_service.renewals.candidates import preview
from billing_service.renewals.schemas import DeliveredIn, ForecastListOut, NoticeOut, forecast_out
from billing_service.web.dependencies import ServicesDep
from billing_service.web.errors.renewals import NoticeNotFound
from billing_service.web.errors.requests import PayloadInvalid
from billing_service.web.responses import EDGES, answers
from billing_service.web.routes import SAFE_TO_REPEAT, needs

notices_router = APIRouter(prefix="/internal/v1", tags=["Renewals"], route_class=needs("events"))
forecast_router = APIRouter(prefix="/internal/v1", tags=["Renewals"], route_class=needs("read"))

NoticeId = Annotated[
    UUID,
    Path(
        description="The `notice_id` of `subscription.renewal_upcoming`.",
        examples=["9f1c2b3a-4d5e-4f60-8a7b-1c2d3e4f5a6b"],
    ),
]
Days = Annotated[int, Query(ge=1, le=31, description="How many days ahead.", examples=[7])]


@notices_router.post(
    "/notices/{notice_id}/delivered/",
    summary="The payer was told of a charge",
    openapi_extra=SAFE_TO_REPEAT,
    responses=answers(*EDGES, PayloadInvalid({"fields": {"at": "It lies in the future"}}), NoticeNotFound),
)
async def report_notice_delivered(notice_id: NoticeId, body: DeliveredIn, services: ServicesDep) -> NoticeOut:
    """Nothing is charged before the payer was told and has had some days to say no. The same can be said in the body of
    the 2xx to `subscription.renewal_upcoming`: `{"delivered": {"channel", "at"}}`. The first report counts; a repeat
    changes nothing and answers what holds."""
    told = await notices.note_delivered(services, notice_id, channel=body.channel, at=body.at)
    return NoticeOut(
        notice_id=notice_id,
        told_at=told["told_at"],
        channel=told["told_by"],
        charge_at=told["charge_at"],
        charge_until=told["charge_until"],
    )


@forecast_router.get(
    "/renewals/forecast/",
    summary="Who will be charged what",
    responses=answers(
        *EDGES, PayloadInvalid({"fields": {"days": "Input should be less than or equal to 31"}})
    ),
)
async def get_renewal_forecast(services: ServicesDep, days: Days = 7) -> ForecastListOut:
    """Every subscription that could renew itself and ends in this time or is in its grace: what will be charged and
    when, or why not, as things stand now. It changes nothing."""
    looked = [one async for one in preview(services, timedelta(days=days))]
    return forecast_out(looked, services.settings.billing_timezone)
