"""The panel's pages: our own HTML, styles and script, escaped by default, and nothing from elsewhere."""

from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from billing_service.wording import rules, statuses, words

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Templates:
    """`ribbon` says in which shop the money moves; times are shown in `zone`. Without
    `has_passwords` people come in through a proxy."""

    def __init__(self, zone: ZoneInfo, ribbon: str, *, has_passwords: bool) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {
            "ribbon": ribbon,
            "zone": words.zone_name(zone),
            "has_passwords": has_passwords,
            "menu": (),
            "roles": words.ROLES,
        }
        self._environment.filters |= {
            "money": words.money,
            "time": lambda at: words.moment(at, zone),
            "day": lambda at: words.day(at, zone),
            "json": words.pretty_json,
            "number": words.number,
            "form_of": words.form_of,
            "length_of": words.length,
            "action": words.action,
            "alarm": words.alarm,
            "decline": words.decline,
            "trouble": statuses.trouble,
            "rule": rules.rule,
            "stopped_because": lambda reason, source: rules.stopped_because(source, reason),
            "kept_method": words.kept_method,
            "moment": lambda at: words.minute(at, zone),
        }

    def offer(self, menu: object) -> None:
        """What the menu leads to, once the pages are known."""
        self._environment.globals["menu"] = menu

    def render(self, name: str, /, **values: object) -> str:
        return self._environment.get_template(name).render(**values)
