"""The demo's addresses: look, take a photo, pay, come back, learn how it went, let time pass, be somebody else."""

import asyncio
from dataclasses import asdict
from datetime import timedelta
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from billing_service.config import Settings
from billing_service.demo import visitors
from billing_service.demo.backend import MainBackend, Refused
from billing_service.demo.clock import ClockNotTurned, TurnableClock, clock_routes, given
from billing_service.demo.inbox import Inbox, NotBelieved
from billing_service.demo.offers import offers
from billing_service.demo.pages import HEADERS, Templates, static_files
from billing_service.demo.verdicts import Verdict, access_line, is_pro, next_charge_line, unknown, verdict
from billing_service.demo.wording import ribbon
from billing_service.kit.middleware import request_id_of

GIFT_DAYS = 7
LEAPS = {str(days): timedelta(days=days) for days in (1, 7, 30)}


def is_about_the_receipt(refused: Refused) -> bool:
    return refused.code == "RECEIPT_CONTACT_REQUIRED" or any(
        field.startswith("receipt_contact") for field in refused.fields
    )


def routes(service: ASGIApp, settings: Settings, clock: TurnableClock | None) -> list[BaseRoute]:
    """`/demo/`, which calls `service` as the main backend would. For dev mode only: anybody may be any user here."""
    sandbox = settings.yookassa_api_url.removesuffix("/v3") if settings.shop_is_sandbox else None
    inbox = Inbox(settings.events_secrets)
    demo = Demo(MainBackend(service), Templates(sandbox, ribbon(settings)), clock, inbox)
    return [Route("/demo", RedirectResponse("/demo/")), Mount("/demo", demo.site())]


class Demo:
    def __init__(
        self, backend: MainBackend, templates: Templates, clock: TurnableClock | None, inbox: Inbox
    ) -> None:
        self._backend = backend
        self._templates = templates
        self._clock = clock
        self._inbox = inbox

    def site(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self.home),
                Route("/photo", self.take_photo, methods=["POST"]),
                Route("/gift", self.give_days, methods=["POST"]),
                Route("/autorenew", self.renew, methods=["POST"]),
                Route("/refuse", self.refuse_card, methods=["POST"]),
                Route("/pay", self.pay, methods=["POST"]),
                Route("/return", self.come_back),
                Route("/payments/{payment_id:uuid}", self.payment),
                Route("/payments/{payment_id:uuid}/status", self.status),
                Route("/events", self.receive_event, methods=["POST"]),
                Route("/events", self.events),
                Route("/user", self.become, methods=["POST"]),
                Route("/leap", self.leap, methods=["POST"]),
                *clock_routes(self._clock),
                static_files(),
            ],
            middleware=[Middleware(visitors.OwnPagesOnly)],
            exception_handlers={
                Refused: self.say_why,
                ClockNotTurned: self.say_why_not_turned,
                HTTPException: self.nowhere,
            },
        )

    async def home(self, request: Request) -> Response:
        return await self._home(request)

    async def take_photo(self, request: Request) -> Response:
        """One analysis; the refusal of one too many is shown where the photos are counted."""
        try:
            await self._backend.spend_photo(visitors.visitor_of(request))
        except Refused as refused:
            if refused.status != 429:
                raise
            return await self._home(request, refused)
        return self._to_home(request)

    async def _home(self, request: Request, refused: Refused | None = None) -> Response:
        visitor = visitors.visitor_of(request)
        me, subscription, plans, payments = await asyncio.gather(
            self._backend.me(visitor),
            self._backend.subscription(visitor),
            self._backend.plans(visitor),
            self._backend.payments(visitor),
        )
        return self._templates.page(
            request,
            "home.html",
            status=refused.status if refused else 200,
            refused=refused,
            me=me,
            renewal=subscription,
            next_charge=next_charge_line(subscription),
            access=access_line(subscription),
            is_pro=is_pro(subscription),
            ended_on=None if is_pro(subscription) else subscription["expires_at"],
            offers=list(offers(plans, me["expires_at"])),
            payments=payments,
            events=self._inbox.shown_to(visitor.user_id),
            gift={"days": GIFT_DAYS, "key": uuid4().hex},
            now=await self._clock.get_now() if self._clock else None,
        )

    async def pay(self, request: Request) -> Response:
        """Off to the provider's page. The way back names no payment, for it is agreed on before there is one."""
        form = await request.form()
        came_back = request.url.replace(path=f"{request.scope['root_path']}/return", query="")
        plan_code, email = str(form.get("plan_code", "")), form.get("email")
        try:
            created = await self._backend.buy(
                visitors.visitor_of(request),
                plan_code,
                str(came_back),
                None if email is None else str(email),
                keep_card="keep_card" in form,
            )
        except Refused as refused:
            if not is_about_the_receipt(refused):
                raise
            return self._ask_where_the_receipt_goes(
                request, plan_code, email, refused, keep_card="keep_card" in form
            )
        onwards = RedirectResponse(created["confirmation_url"] or str(came_back), status_code=303)
        return visitors.remember(request, onwards, visitors.PAYMENT, created["payment_id"])

    def _ask_where_the_receipt_goes(
        self, request: Request, plan_code: str, email: object, refused: Refused, *, keep_card: bool
    ) -> Response:
        """The shop fiscalises; that it asks for an address is no failure, that this is none is one."""
        is_wrong = email is not None
        return self._templates.page(
            request,
            "contact.html",
            status=refused.status if is_wrong else 200,
            plan_code=plan_code,
            keep_card=keep_card,
            email=email or "",
            is_wrong=is_wrong,
        )

    async def give_days(self, request: Request) -> Response:
        """Days by hand, as support gives them. The key was made with the button: two clicks are one gift."""
        form = await request.form()
        plan_code, key = str(form.get("plan_code", "")), str(form.get("key", ""))
        await self._backend.give_days(visitors.visitor_of(request), plan_code, GIFT_DAYS, key)
        return self._to_home(request)

    async def renew(self, request: Request) -> Response:
        """Switch auto-renewal as the form says."""
        on = (await request.form()).get("enabled") == "true"
        await self._backend.renew(visitors.visitor_of(request), on=on)
        return self._to_home(request)

    async def refuse_card(self, request: Request) -> Response:
        """The card is never charged again."""
        await self._backend.refuse_card(visitors.visitor_of(request))
        return self._to_home(request)

    async def come_back(self, request: Request) -> Response:
        """That the browser is back proves nothing: the page it is sent to asks the service."""
        payment_id = visitors.payment_of(request)
        page = f"/payments/{payment_id}" if payment_id else "/"
        return RedirectResponse(f"{request.scope['root_path']}{page}", status_code=303)

    async def payment(self, request: Request) -> Response:
        found, payment, access = await self._found(request)
        return self._templates.page(request, "payment.html", verdict=found, payment=payment, access=access)

    async def status(self, request: Request) -> Response:
        """What the waiting page's script asks for."""
        try:
            found, _, _ = await self._found(request)
        except Refused as refused:
            return JSONResponse(asdict(unknown(refused)), status_code=refused.status, headers=HEADERS)
        return JSONResponse(asdict(found), headers=HEADERS)

    async def _found(self, request: Request) -> tuple[Verdict, dict[str, object], str]:
        """What to say of the payment, the payment itself, and the access that there is now."""
        visitor = visitors.visitor_of(request)
        # In this order: access is asked about once the payment is known to have succeeded.
        payment = await self._backend.payment(visitor, str(request.path_params["payment_id"]))
        subscription = await self._backend.subscription(visitor)
        return verdict(payment, subscription), payment, access_line(subscription)

    async def receive_event(self, request: Request) -> Response:
        """Where the service posts its events, as it would to the main backend."""
        try:
            event = self._inbox.take_in(await request.body(), request.headers)
        except NotBelieved:
            return Response(status_code=401)
        if event["type"] == "subscription.renewal_upcoming":
            # Here the payer is told by the page itself, at once: without this word nothing would be charged.
            return JSONResponse({"delivered": {"channel": "demo", "at": event["occurred_at"]}})
        return Response(status_code=204)

    async def events(self, request: Request) -> Response:
        """What the page's script asks for: the list as it is now."""
        shown = self._inbox.shown_to(visitors.user_of(request))
        return self._templates.page(request, "events.html", events=shown)

    async def become(self, request: Request) -> Response:
        """Another user: the one that is named, else a new one."""
        form = await request.form()
        user = visitors.read_user_id(str(form.get("user_id", ""))) or visitors.new_user_id()
        return visitors.remember(request, self._to_home(request), visitors.USER, user)

    async def leap(self, request: Request) -> Response:
        """Days pass at once; what comes due on the way is done within seconds."""
        days = (await request.form()).get("days")
        if days not in LEAPS:
            raise HTTPException(404)
        await given(self._clock).advance(LEAPS[str(days)])
        return self._to_home(request)

    def _to_home(self, request: Request) -> Response:
        return RedirectResponse(f"{request.scope['root_path']}/", status_code=303)

    async def say_why(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)  # noqa: S101 (registered for this class only)
        page = self._templates.page(request, "refused.html", status=error.status, refused=error)
        if error.retry_after:
            page.headers["Retry-After"] = error.retry_after
        return page

    async def say_why_not_turned(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, ClockNotTurned)  # noqa: S101 (registered for this class only)
        refused = Refused(error.status, error.message, request_id_of(request), None)
        return self._templates.page(request, "refused.html", status=error.status, refused=refused)

    async def nowhere(self, request: Request, error: Exception) -> Response:
        """An address that does not exist, or one that only a form may be sent to."""
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for this class only)
        return self._templates.page(request, "nowhere.html", status=error.status_code)
