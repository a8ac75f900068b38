"""The sandbox's own page, at its root: payments and what became of them, live, with buttons."""

import json

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

SHOWN = 50


class PeoplePage:
    def __init__(self, desk: Desk, templates: Templates) -> None:
        self._desk = desk
        self._templates = templates

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.show, methods=["GET"]),
            Route("/act/{action}", self.act, methods=["POST"]),
            Route("/act/{action}/{id}", self.act, methods=["POST"]),
        ]

    async def show(self, _request: Request) -> Response:
        return self._page()

    async def act(self, request: Request) -> Response:
        """One button; a state that does not allow it is explained. Other sites' buttons do not work."""
        action = ACTIONS.get(request.path_params["action"])
        if action is None:
            return self._templates.page("unknown.html", status=404)
        if is_from_elsewhere(request):
            return self._page("Кнопки работают только с этой страницы.", status=403)
        try:
            await action(self._desk, request.path_params.get("id", ""), await filled_in(request))
        except (ImpossibleMove, Refused) as problem:
            return self._page(f"Не получилось: {problem}.", status=409)
        return go_to("/")

    def _page(self, problem: str | None = None, *, status: int = 200) -> Response:
        yookassa, state = self._desk.yookassa, self._desk.yookassa.state
        return self._templates.page(
            "people.html",
            status=status,
            problem=problem,
            now=yookassa.now,
            frozen=yookassa.clock.frozen,
            shop=yookassa.shop,
            payments=[self._payment(record) for record in list(state.payments.values())[: -SHOWN - 1 : -1]],
            more=max(0, len(state.payments) - SHOWN),
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
