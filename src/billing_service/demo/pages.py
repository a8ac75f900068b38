"""The demo's pages: our own HTML, styles and script, and nothing from elsewhere."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from billing_service.demo import wording
from billing_service.demo.visitors import user_of

HERE = Path(__file__).parent
# Nothing from elsewhere, nothing inline. No form-action: browsers apply it to the way on to the payment page.
POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Templates:
    """`sandbox` is where the sandbox is, if the shop is the sandbox's; `ribbon` says what paying costs here."""

    def __init__(self, sandbox: str | None, ribbon: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"sandbox": sandbox, "ribbon": ribbon}
        self._environment.filters.update(
            roubles=wording.roubles,
            day=wording.moscow_day,
            date=wording.written_date,
            hour=wording.moscow_hour,
            time=wording.moscow_time,
            status=wording.status_name,
            returned=wording.return_name,
            days=wording.days,
        )

    def page(self, request: Request, name: str, *, status: int = 200, **values: object) -> HTMLResponse:
        known = {"root": request.scope["root_path"], "user_id": user_of(request)}
        html = self._environment.get_template(name).render(**known, **values)
        return HTMLResponse(html, status_code=status, headers=HEADERS)


def static_files() -> Mount:
    return Mount("/static", StaticFiles(directory=HERE / "static"))
