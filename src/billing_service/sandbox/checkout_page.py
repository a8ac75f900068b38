"""The hosted confirmation page: what is paid, the test cards, a form for any of their numbers, 3-D Secure."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from billing_service.sandbox import payments
from billing_service.sandbox.cards import BankCard, cancellation, find_card
from billing_service.sandbox.objects import PaymentRecord
from billing_service.sandbox.pages import Templates, go_to
from billing_service.sandbox.payment_requests import METHOD_TYPES
from billing_service.sandbox.states import Status
from billing_service.sandbox.world import World

# What the page offers as clickable choices, in this order; the form takes every other test card.
OFFERED = (
    "5555555555554444",
    "4793128161644804",
    "2200000000000004",
)
OFFERED_DECLINES = (
    "5555555555554600",
    "4141435412630840",
    "2200000000000046",
    "5555555555554501",
    "2200000000000012",
)


class CheckoutPage:
    def __init__(self, world: World, templates: Templates) -> None:
        self._world = world
        self._templates = templates

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/pay/{payment_id}", self.show, methods=["GET"]),
            Route("/pay/{payment_id}", self.pay, methods=["POST"]),
            Route("/pay/{payment_id}/3ds", self.confirm, methods=["POST"]),
        ]

    def _find(self, request: Request) -> PaymentRecord | None:
        return self._world.state.payments.get(request.path_params["payment_id"])

    def _unknown(self) -> Response:
        return self._templates.page("unknown.html", status=404)

    async def show(self, request: Request) -> Response:
        record = self._find(request)
        return self._unknown() if record is None else self._view(record)

    def _view(self, record: PaymentRecord, *, problem: str | None = None) -> Response:
        if record.payment.status is not Status.PENDING:
            return self._templates.page("finished.html", record=record, payment=record.payment)
        if record.challenged is not None:
            return self._templates.page("challenge.html", record=record, payment=record.payment)
        return self._templates.page(
            "checkout.html",
            status=422 if problem else 200,
            record=record,
            payment=record.payment,
            problem=problem,
            refusal=_last_refusal(record),
            offered=OFFERED,
            offered_declines=OFFERED_DECLINES,
        )

    async def pay(self, request: Request) -> Response:
        """A card's number, or the name of another method."""
        record = self._find(request)
        if record is None:
            return self._unknown()
        if record.payment.status is not Status.PENDING:
            return self._view(record)
        form = await request.form()
        fixed = record.payment.payment_method.type if record.payment.payment_method else None
        method_type = fixed or str(form.get("method", "bank_card"))
        if method_type != "bank_card" and method_type in METHOD_TYPES:
            payments.pay_by_wallet(self._world, record, method_type)
            return self._leave(record)
        return self._try_card(record, str(form.get("card", "")))

    def _try_card(self, record: PaymentRecord, number: str) -> Response:
        card, problem = read_card(number)
        if card is None:
            return self._view(record, problem=problem)
        if card.three_d_secure or record.enforce_three_d_secure:
            record.challenged = card
            return go_to(f"/pay/{record.payment.id}")
        payments.pay_by_card(self._world, record, card)
        return self._leave(record)

    async def confirm(self, request: Request) -> Response:
        """The payer's word on the bank's question. Any code is right; the button decides."""
        record = self._find(request)
        if record is None:
            return self._unknown()
        if record.challenged is None or record.payment.status is not Status.PENDING:
            return self._view(record)
        form = await request.form()
        if form.get("answer") == "refuse":
            payments.decline(self._world, record, cancellation("3d_secure_failed"))
        else:
            payments.pay_by_card(self._world, record, record.challenged)
        return self._leave(record)

    def _leave(self, record: PaymentRecord) -> Response:
        """Back to the shop, which learns nothing from the way; or stay where there is no way back."""
        if record.payment.status is Status.PENDING or record.return_url is None:
            return go_to(f"/pay/{record.payment.id}")
        return go_to(record.return_url)


def read_card(number: str) -> tuple[BankCard | None, str | None]:
    """The test card of this number, or what is wrong with it."""
    digits = number.replace(" ", "").replace("\u00a0", "")
    if not digits:
        return None, "Введите номер карты."
    if not (digits.isascii() and digits.isdigit()):
        return None, "В номере карты могут быть только цифры."
    if not 13 <= len(digits) <= 19:
        return None, "В номере карты от 13 до 19 цифр."
    card = find_card(digits)
    if card is None:
        return None, "Это тестовый магазин: настоящие карты он не принимает. Выберите тестовую карту."
    return card, None


def _last_refusal(record: PaymentRecord) -> str | None:
    """Why the last try failed, when the shop lets a payer try again."""
    last = record.history[-1]
    return last.why.partition(": ")[2] if last.what == "attempt_declined" and last.why else None
