"""The pages where a person pays, in plain HTML: no script is needed, nothing is loaded from elsewhere."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from billing_service.sandbox.model.cards import CARDS
from billing_service.sandbox.model.objects import Money, PaymentMethod
from billing_service.sandbox.pages.explanations import explain

MOSCOW = timezone(timedelta(hours=3), "MSK")
HERE = Path(__file__).parent
# Nothing from elsewhere, no inline script. No form-action: Chromium applies it to the way back to the shop.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'"
)
_METHOD_NAMES = {
    "bank_card": "Банковская карта",
    "yoo_money": "Кошелёк ЮMoney",
    "sbp": "СБП",
    "sberbank": "SberPay",
    "tinkoff_bank": "T-Pay",
    "alfa_pay": "Alfa Pay",
    "sber_loan": "Покупки в кредит",
    "sber_bnpl": "Плати частями",
    "mobile_balance": "Баланс телефона",
    "cash": "Наличные",
    "b2b_sberbank": "СберБизнес",
    "electronic_certificate": "Электронный сертификат",
}
_CURRENCY_SIGNS = {"RUB": "₽", "EUR": "€", "USD": "$", "KZT": "₸"}


def spoken_amount(amount: Money) -> str:
    """`1 299,00 ₽`, with spaces that do not break."""
    grouped = f"{amount.value:,.2f}".replace(",", "\u00a0").replace(".", ",")
    return f"{grouped}\u00a0{_CURRENCY_SIGNS.get(amount.currency, amount.currency)}"


def method_name(method_type: str) -> str:
    return _METHOD_NAMES.get(method_type, method_type)


def brand_name(card_type: str) -> str:
    return "Мир" if card_type == "Mir" else card_type


def spoken_method(method: PaymentMethod) -> str:
    """`Мир •••• 0004`, `СБП`."""
    if method.card is None:
        return method_name(method.type)
    return f"{brand_name(method.card.card_type)} •••• {method.card.last4}"


def spoken_moment(moment: datetime) -> str:
    """`11.01.2026 15:00:00`, Moscow time, where the provider's people sit."""
    return moment.astimezone(MOSCOW).strftime("%d.%m.%Y %H:%M:%S")


class Templates:
    """Renders the sandbox's pages; everything that comes from a shop is escaped."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            amount=spoken_amount,
            method=method_name,
            means=spoken_method,
            brand=brand_name,
            explain=explain,
            clock=spoken_moment,
        )
        self._environment.globals["cards"] = CARDS

    async def nothing_here(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer to an address nobody lives at."""
        await self.page("unknown.html", status=404)(scope, receive, send)

    def page(self, name: str, *, status: int = 200, **values: object) -> HTMLResponse:
        html = self._environment.get_template(name).render(**values)
        headers = {
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
        }
        return HTMLResponse(html, status_code=status, headers=headers)


def go_to(url: str) -> Response:
    """See other, and unchanged: only what a header cannot carry is quoted."""
    everything_printable = "".join(chr(code) for code in range(0x21, 0x7F))
    return Response(status_code=303, headers={"Location": quote(url, safe=everything_printable)})


async def filled_in(request: Request) -> FormData:
    """What a form says; nothing when what was sent is none."""
    try:
        return await request.form()
    except MultiPartException:
        return FormData()


def is_from_elsewhere(request: Request) -> bool:
    """Whether another site's page sent it: a browser says so; programs and people who type an address do not."""
    return request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}


def static_files() -> Mount:
    return Mount("/static", StaticFiles(directory=HERE / "static"), name="static")
