"""The hosted confirmation page: what it is for, the test cards, a form for any of their numbers, 3-D Secure."""

from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from billing_service.sandbox.model.cards import BankCard, cancellation, find_card
from billing_service.sandbox.model.method_types import METHOD_TYPES
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.pages.confirmations import Binding, Confirmation, Paying
from billing_service.sandbox.pages.rendering import Templates, filled_in, go_to

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
Find = Callable[[str], Confirmation | None]


class CheckoutPage:
    """The same page under two addresses: paying, and binding a method without a charge."""

    def __init__(self, yookassa: Yookassa, templates: Templates) -> None:
        self._yookassa = yookassa
        self._templates = templates

    def routes(self) -> list[BaseRoute]:
        return [route for path, find in self._errands().items() for route in self._routes_for(path, find)]

    def _errands(self) -> dict[str, Find]:
        return {"/pay/{id}": self._payment, "/bind/{id}": self._binding}

    def _payment(self, payment_id: str) -> Confirmation | None:
        record = self._yookassa.state.payments.get(payment_id)
        return Paying(self._yookassa, record) if record else None

    def _binding(self, method_id: str) -> Confirmation | None:
        record = self._yookassa.state.methods.get(method_id)
        return Binding(self._yookassa, record) if record and record.return_url is not None else None

    def _routes_for(self, path: str, find: Find) -> list[BaseRoute]:
        async def show(request: Request) -> Response:
            confirmation = find(request.path_params["id"])
            return self._unknown() if confirmation is None else self._view(confirmation)

        async def confirm(request: Request) -> Response:
            confirmation = find(request.path_params["id"])
            if confirmation is None:
                return self._unknown()
            return (
                self._confirm(confirmation, await filled_in(request))
                if confirmation.open
                else self._view(confirmation)
            )

        async def answer_bank(request: Request) -> Response:
            confirmation = find(request.path_params["id"])
            if confirmation is None:
                return self._unknown()
            return (
                self._answer_bank(confirmation, await filled_in(request))
                if confirmation.open
                else self._view(confirmation)
            )

        return [
            Route(path, show, methods=["GET"]),
            Route(path, confirm, methods=["POST"]),
            Route(f"{path}/3ds", answer_bank, methods=["POST"]),
        ]

    def _unknown(self) -> Response:
        return self._templates.page("unknown.html", status=404)

    def _view(self, confirmation: Confirmation, *, problem: str | None = None) -> Response:
        if not confirmation.open:
            return self._templates.page("finished.html", confirmation=confirmation)
        if confirmation.record.challenged is not None:
            return self._templates.page("challenge.html", confirmation=confirmation)
        return self._templates.page(
            "checkout.html",
            status=422 if problem else 200,
            confirmation=confirmation,
            problem=problem,
            refusal=_last_refusal(confirmation),
            offered=OFFERED,
            offered_declines=OFFERED_DECLINES,
        )

    def _confirm(self, confirmation: Confirmation, form: FormData) -> Response:
        """A card's number, or the name of another method."""
        method_type = confirmation.method_type or str(form.get("method", "bank_card"))
        save = "save" in form
        if method_type != "bank_card" and method_type in METHOD_TYPES:
            confirmation.otherwise(method_type, save=save)
            return self._leave(confirmation)
        card, problem = read_card(str(form.get("card", "")))
        if card is None:
            return self._view(confirmation, problem=problem)
        if card.three_d_secure or confirmation.record.enforce_three_d_secure:
            confirmation.record.challenged, confirmation.record.saving_chosen = card, save
            return go_to(confirmation.path)
        confirmation.by_card(card, save=save)
        return self._leave(confirmation)

    def _answer_bank(self, confirmation: Confirmation, form: FormData) -> Response:
        """The payer's word on the bank's question. Any code is right; the button decides."""
        record = confirmation.record
        if record.challenged is None:
            return self._view(confirmation)
        if form.get("answer") == "refuse":
            confirmation.refuse(cancellation("3d_secure_failed"))
        else:
            confirmation.by_card(record.challenged, save=record.saving_chosen)
        return self._leave(confirmation)

    def _leave(self, confirmation: Confirmation) -> Response:
        """Back to the shop, which learns nothing from the way; or stay where there is no way back."""
        back = confirmation.record.return_url
        return go_to(confirmation.path if confirmation.open or back is None else back)


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


def _last_refusal(confirmation: Confirmation) -> str | None:
    """Why the last try failed, when the shop lets a payer try again."""
    last = confirmation.record.history[-1]
    return last.why.partition(": ")[2] if last.what == "attempt_declined" and last.why else None
