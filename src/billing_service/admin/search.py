"""The one box: a user's id, an id of a payment or refund, ours or the provider's, or the id of a request."""

import re
from urllib.parse import quote

from starlette.responses import Response

from billing_service.admin.listing import USER, UUID
from billing_service.admin.panel import Visit, go_to
from billing_service.kit.statement_pool import StatementPool

# What an id of this form may name, the likeliest first; each is found by an index.
BY_UUID = """
    SELECT '/payments/' || id AS path FROM payments WHERE id = $1::text::uuid
    UNION ALL SELECT '/payments/' || id FROM payments WHERE yookassa_payment_id = lower($1)
    UNION ALL SELECT '/refunds/' || id FROM refunds WHERE id = $1::text::uuid
    UNION ALL SELECT '/refunds/' || id FROM refunds WHERE yookassa_refund_id = lower($1)
    UNION ALL SELECT '/users/' || user_id FROM grants WHERE id = $1::text::uuid
"""
# A request that did something stands in the audit log; one that brought a notification, beside it.
BY_REQUEST = """
    (SELECT CASE WHEN user_id IS NULL THEN '/audit/' || id ELSE '/users/' || user_id END AS path
        FROM audit_log WHERE request_id = $1 ORDER BY id DESC LIMIT 1)
    UNION ALL
    (SELECT coalesce('/payments/' || p.id, '/notifications/' || w.id)
        FROM webhook_logs w LEFT JOIN payments p ON p.yookassa_payment_id = w.payment_id
        WHERE w.trace_id = $1 ORDER BY w.id DESC LIMIT 1)
"""
REQUEST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


async def find(visit: Visit) -> Response:
    """On to what was meant, or a page that says what can be looked for."""
    typed = visit.asked("q")
    path = await _path_of(visit.services.statements, typed)
    if path is not None:
        return go_to(quote(path))
    return visit.page("search.html", status=404 if typed else 200, typed=typed[:100])


async def _path_of(statements: StatementPool, typed: str) -> str | None:
    if re.fullmatch(USER, typed):
        return f"/users/{typed}"
    statements_of_form = [(UUID, BY_UUID), (REQUEST.pattern, BY_REQUEST)]
    for form, statement in statements_of_form:
        if re.fullmatch(form, typed) and (rows := await statements.fetch(statement, typed)):
            path: str = rows[0]["path"]
            return path
    return None
