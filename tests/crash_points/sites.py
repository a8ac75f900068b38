"""Every place in the source that commits or calls, and which of them no flow has to come by."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from billing_service.yookassa.client import YookassaClient
from tests.crash_points.points import SOURCE, UNDER_EVERYBODY

# The provider of tests, and who starts processes on a developer's machine.
NOT_THE_SERVICE = frozenset({"sandbox", "dev", "demo"})
PROVIDER = frozenset(
    name
    for name, what in vars(YookassaClient).items()
    if callable(what) and name[0] != "_" and name != "aclose"
)
POOL = frozenset({"fetch", "fetch_one"})
TURNS = frozenset({"take", "take_or_queue"})
POSTS = frozenset({"post", "stream", "request", "send"})
ONE = "one transaction that nothing goes before or follows: undone or done"
ASKS = "only reads"
# File, folder or function -> why no flow comes by.
NO_FLOW: Mapping[str, str] = {
    "admin/": "asks, or calls the stories that have flows, under a key: tests/admin/test_acts.py kills it",
    "staff/": "the key of an act: tests/admin/test_acts.py kills it; accounts and sessions: " + ONE,
    "cli.py": ONE,
    "schema/": ONE,
    "legacy/": "the move in is killed as a command: tests/legacy/test_many_users.py",
    "heartbeats/": "traces of workers, of which nobody lives: tests/heartbeats",
    "npd/": ONE,
    "plans/changes.py": ONE,
    "plans/queries.py": ASKS,
    "stats/": ASKS,
    "subscribers/": ASKS,
    "timeline/": ASKS,
    "user_overviews/": ASKS,
    "user_states/": ASKS,
    "operations/canary.py": "asks, and raises an alarm",
    "operations/doctor.py": ASKS,
    "operations/database_metrics.py": ASKS,
    "operations/go_live/": ASKS,
    "operations/daily_audit.py:audit": "what is asked by hand is kept as what is due: see the audit of a day",
    "operations/clock_watch.py:_lay_anew": ONE,
    "charging/service.py:read": ASKS,
    "charging/service.py:follow_setting": ONE,
    "consents/service.py:list_of": ASKS,
    "events/queries.py:list_feed": ASKS,
    "grant_batches/service.py:look": ASKS,
    "grant_batches/service.py:get": ASKS,
    "grant_batches/service.py:list_members": ASKS,
    "grant_batches/service.py:count_standing": ASKS,
    "grant_batches/service.py:list_taken": ASKS,
    "grants/service.py:grant_by_own_key": "gone on with once it was cut off: tests/resolutions/test_resolving.py",
    "grants/service.py:preview_revocation": ASKS,
    "grants/service.py:list_of": ASKS,
    "grants/service.py:list_periods": ASKS,
    "payment_methods/router.py": ASKS,
    "payments/capture.py:_alarm": "an alarm, raised again at the next question",
    "payments/capture.py:_is_unwanted": ASKS,
    "payments/capture.py:_release": "one key, and asked about until it is known: tests/renewals/test_held_money.py",
    "payments/preview.py": ASKS,
    "payments/router.py": ASKS,
    "payments/returned.py:tell_of_unmatched": "an alarm, raised again at the next look",
    "provider_calls/asking.py:_ask_by_id": "an alarm, raised again at the next question",
    "provider_calls/sending.py:_post": "an alarm, raised again at the next question",
    "provider_calls/unreadable.py": "an alarm, raised again at the next walk",
    "provider_calls/walking.py:_compare": "an alarm, raised again at the next walk",
    "provider_calls/marks.py:set_left": "how far a walk came that ran out of time: tests/stories/test_walking_on.py",
    "receipts/service.py:keep_contact": ONE,
    "receipts/service.py:erase_contact": ONE,
    "receipts/service.py:get_contact": ASKS,
    "receipts/shop.py:refuse_unready": ASKS,
    "refund_requests/service.py:look": ASKS,
    "refund_requests/service.py:list_open": ASKS,
    "refund_requests/service.py:get": ASKS,
    "refund_requests/service.py:watch": ONE,
    "refunds/previews.py:look_ahead": ASKS,
    "refunds/service.py:get": ASKS,
    "renewals/candidates.py": ASKS,
    "renewals/service.py:get_overview": ASKS,
    "resolutions/left_elsewhere.py": ONE,
    "resolutions/service.py:list_unresolved": ASKS,
    "resolutions/service.py:look": ASKS,
    "resolutions/service.py:resolve": ASKS,
    "resolutions/service.py:_grant": ASKS,
    "usage/queries.py:get_today": ASKS,
    "usage/queries.py:explain_today": ASKS,
    "usage/queries.py:has_pro_no_limit": ASKS,
    "webhooks/dispatch.py:_look_once": "it fits no row and stays open: tests/webhooks/test_dispatch.py",
    "webhooks/dispatch.py:_trace": "it fits no row and stays open: tests/webhooks/test_dispatch.py",
    "webhooks/service.py:close": ONE,
}


class Site(NamedTuple):
    """A place, by its lines."""

    file: str
    first: int
    last: int
    function: str
    call: str

    def is_at(self, file: str, line: int) -> bool:
        return self.file == file and self.first <= line <= self.last

    def __str__(self) -> str:
        return f"{self.file}:{self.function}, line {self.first} ({self.call})"


def sites() -> Iterator[Site]:
    for path in sorted(SOURCE.rglob("*.py")):
        file = path.relative_to(SOURCE)
        if file.parts[0] in NOT_THE_SERVICE | UNDER_EVERYBODY:
            continue
        for function, first, node in _calls_in(ast.parse(path.read_text())):
            if _commits_or_calls(call := ast.unparse(node.func)):
                yield Site(str(file), first, node.end_lineno or first, function, call)


def _calls_in(
    node: ast.AST, function: str = "", awaited: int | None = None
) -> Iterator[tuple[str, int, ast.Call]]:
    """Each call with the outermost function it stands in (of a class: the method), and the line where it is awaited."""
    for child in ast.iter_child_nodes(node):
        inside, since = function, awaited
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not function:
            inside = child.name
        if isinstance(child, ast.stmt):
            since = None
        if isinstance(child, ast.Await):
            since = child.lineno
        if isinstance(child, ast.Call):
            yield inside, since or child.lineno, child
        yield from _calls_in(child, inside, since)


def _commits_or_calls(call: str) -> bool:
    *whose, name = call.split(".")
    owner = whose[-1] if whose else ""
    return (
        (name == "transaction" and owner.endswith("statements"))
        or (name in POOL and owner.endswith("statements"))
        # By itself it is one of the two under a name of its own.
        or (name in TURNS and owner in {"turns", "together", ""})
        or (name == "begin" and owner in {"db", "_db", "engine"})
        or (name in PROVIDER and owner == "yookassa")
        or (name in POSTS and owner in {"http", "_http"})
    )


def why_not(site: Site) -> str | None:
    return next((NO_FLOW[place] for place in places_of(site) if place in NO_FLOW), None)


def places_of(site: Site) -> Sequence[str]:
    """By which of its places it may be left out: its folders, its file, its function."""
    parts = site.file.split("/")
    folders = ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts))]
    return [*folders, site.file, f"{site.file}:{site.function}"]
