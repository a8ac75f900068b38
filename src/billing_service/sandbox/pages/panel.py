"""The sandbox's own page, at its root: payments and what became of them, live, with buttons."""

import json
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from billing_service.sandbox.model.cards import CARDS, REASONS
from billing_service.sandbox.model.errors import ImpossibleMove, Refused
from billing_service.sandbox.model.objects import wire
from billing_service.sandbox.model.records import PaymentRecord
from billing_service.sandbox.pages import panel_words as words
from billing_service.sandbox.pages.checkout_page import OFFERED, OFFERED_DECLINES
from billing_service.sandbox.pages.panel_actions import ACTIONS, Desk
from billing_service.sandbox.pages.rendering import Templates, filled_in, go_to, is_from_elsewhere
from billing_service.sandbox.pages.search import LONGEST, find_payments

SHOWN = 50


class PeoplePage:
    """`shop_page` is where people buy in the shop, for whoever finds the page empty."""

    def __init__(self, desk: Desk, templates: Templates, shop_page: str | None) -> None:
        self._desk = desk
        self._templates = templates
        self._shop_page = shop_page

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.show, methods=["GET"]),
            Route("/act/{action}", self.act, methods=["POST"]),
            Route("/act/{action}/{id}", self.act, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        return self._page(asked_for(request))

    async def act(self, request: Request) -> Response:
        """One button; a state that does not allow it is explained. Other sites' buttons do not work."""
        action = ACTIONS.get(request.path_params["action"])
        if action is None:
            return self._templates.page("unknown.html", status=404)
        if is_from_elsewhere(request):
            return self._page("", "Кнопки работают только с этой страницы.", status=403)
        asked = asked_for(request)
        try:
            await action(self._desk, request.path_params.get("id", ""), await filled_in(request))
        except (ImpossibleMove, Refused) as problem:
            return self._page(asked, f"Не получилось: {problem}.", status=409)
        return go_to(f"/{address_of(asked)}")

    def _page(self, asked: str, problem: str | None = None, *, status: int = 200) -> Response:
        yookassa, state = self._desk.yookassa, self._desk.yookassa.state
        found = find_payments(yookassa, asked)
        return self._templates.page(
            "people.html",
            status=status,
            problem=problem,
            now=yookassa.now,
            frozen=yookassa.clock.frozen,
            clock_is_shared=yookassa.clock_is_shared,
            shop=yookassa.shop,
            base_url=yookassa.base_url,
            shop_page=self._shop_page,
            asked=asked,
            back=address_of(asked),
            payments=[self._payment(record) for record in found[:SHOWN]],
            more=max(0, len(found) - SHOWN),
            found=len(found),
            methods=list(state.methods.values())[: -SHOWN - 1 : -1],
            notifications=state.notifications[: -SHOWN - 1 : -1],
            requests=state.requests[: -SHOWN - 1 : -1],
            rules=state.rules,
            words=words,
            offered=(*OFFERED, *OFFERED_DECLINES, *(n for n in CARDS if n not in OFFERED + OFFERED_DECLINES)),
            reasons=REASONS,
        )

    def _payment(self, record: PaymentRecord) -> dict[str, object]:
        """A payment with what belongs to it."""
        payment = record.payment
        refunds = [
            refund.refund
            for refund in self._desk.yookassa.state.refunds.values()
            if refund.refund.payment_id == payment.id
        ]
        related = {payment.id, *(refund.id for refund in refunds)}
        return {
            "record": record,
            "object": payment,
            "refunds": refunds,
            "notifications": [
                told for told in self._desk.yookassa.state.notifications if told.object_id in related
            ],
            "json": json.dumps(wire(payment), ensure_ascii=False, indent=2),
        }


def asked_for(request: Request) -> str:
    return request.query_params.get("q", "")[:LONGEST].strip()


def address_of(asked: str) -> str:
    """What keeps a search in the address."""
    return f"?{urlencode({'q': asked})}" if asked else ""
