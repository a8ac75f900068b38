"""A user: how he stands and why, everything that happened, and what can be done about it."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from billing_service.admin.acts import Act
from billing_service.admin.listing import Related
from billing_service.admin.listing_queries import list_related
from billing_service.admin.lists.log import AUDIT
from billing_service.admin.lists.money import PAYMENTS
from billing_service.admin.lists.refund_requests import REFUND_REQUESTS
from billing_service.admin.panel import Visit
from billing_service.payment_methods.schemas import payment_method_out
from billing_service.timeline import service as timeline
from billing_service.timeline.present import why_not
from billing_service.timeline.schemas import CURSOR, cursor_of, place_of
from billing_service.timeline.service import Told
from billing_service.user_overviews.diagnosis import read_diagnosis
from billing_service.web.dependencies import MAX_BIGINT

FACTS = 50
ACTS = ("give-days", "refuse-card", "move-user", "erase-user")
STATUS = {
    "active": "PRO",
    "grace": "PRO закончился, ещё продлевается",
    "expired": "PRO закончился",
    "free": "без PRO",
}
RELATED = (
    Related("Платежи", PAYMENTS, "p.user_id = $1::text::bigint"),
    Related(
        "Просьбы вернуть деньги",
        REFUND_REQUESTS,
        "c.payment_id = ANY (ARRAY(SELECT id FROM payments WHERE user_id = $1::text::bigint))",
    ),
    Related("Журнал действий", AUDIT, "a.user_id = $1::text::bigint"),
)
# Of these payments, those of which not all went back or may be on its way.
REFUNDABLE = """
    SELECT p.id::text FROM payments p WHERE p.id = ANY ($1::text[]::uuid[]) AND p.amount > (
        SELECT coalesce(sum(r.amount), 0) FROM refunds r
        WHERE r.payment_id = p.id AND r.status IN ('PENDING', 'SUCCEEDED'))
"""


@dataclass(frozen=True)
class UserPage:
    acts: Mapping[str, Act]

    async def show(self, visit: Visit) -> Response:
        """Of anybody the main backend may know; who was never seen here has no facts."""
        user_id: int = visit.request.path_params["user_id"]
        after = visit.asked("after")
        if not 0 < user_id <= MAX_BIGINT or (after and not re.fullmatch(CURSOR, after)):
            raise HTTPException(404)
        before = place_of(after) if after else None
        read = await timeline.read(visit.services, user_id, before=before, limit=FACTS)
        state = read.state
        moved_to = state.row["moved_to"]
        paid = [told.place.id for told in read.told if told.place.kind == "payment.succeeded"]
        return visit.page(
            "user.html",
            user_id=user_id,
            read=read,
            state=state,
            standing=STATUS[state.status],
            diagnosis=None if before or moved_to else await read_diagnosis(visit.services, user_id),
            method=payment_method_out(state.method),
            planned=state.outlook.planned,
            why_not=why_not(state.outlook),
            facts=[(told, _link(told), _revocable(told)) for told in read.told],
            onwards=cursor_of(read.next_before) if read.next_before else None,
            is_first=before is None,
            related=[
                (one, await list_related(visit.services.statements, one, str(user_id))) for one in RELATED
            ],
            acts=[self.acts[name] for name in ACTS if not moved_to and visit.may(self.acts[name].role)],
            moved_to=moved_to,
            revoke=self.acts["revoke-days"] if visit.may(self.acts["revoke-days"].role) else None,
            refundable=await _list_refundable(visit, paid) if visit.may(self.acts["refund"].role) else (),
        )


async def _list_refundable(visit: Visit, payment_ids: Sequence[str]) -> Collection[str]:
    return {row["id"] for row in await visit.services.statements.fetch(REFUNDABLE, payment_ids)}


def _link(told: Told) -> str:
    """Where more of it stands, empty where nowhere."""
    kind = told.place.kind.partition(".")[0]
    return f"/admin/{kind}s/{told.place.id}" if kind in {"payment", "refund"} else ""


def _revocable(told: Told) -> str:
    """The grant whose days could be taken back, empty for anything else."""
    data = told.fact.data
    return str(data["grant_id"]) if told.place.kind == "grant.given" and data.get("ends") else ""
