"""The SQL of the first page: what waits for somebody. Counted up to a bound, because beyond it nobody reads numbers."""

from datetime import date, datetime
from typing import NamedTuple

from billing_service.kit.statement_pool import StatementPool

MANY = 1000


class Waiting(NamedTuple):
    """How much of what waits for a person, `MANY` at most; the last daily audit and what it found; workers at work."""

    alarms: int
    notifications: int
    jobs: int
    requests: int
    late_requests: int
    audited_day: date | None
    audited_at: datetime | None
    audit_findings: int | None
    workers: int


WAITING = f"""
    SELECT
        (SELECT count(*) FROM (
            SELECT FROM alarms WHERE resolved_at IS NULL AND acknowledged_at IS NULL LIMIT {MANY}) one) AS alarms,
        (SELECT count(*) FROM (
            SELECT FROM webhook_logs WHERE status IN ('RECEIVED', 'UNMATCHED', 'GIVEN_UP')
                AND (status <> 'RECEIVED' OR created_at < billing_now() - interval '10 minutes') LIMIT {MANY}
        ) one) AS notifications,
        (SELECT count(*) FROM (SELECT FROM pgqueuer WHERE status = 'failed' LIMIT {MANY}) one) AS jobs,
        (SELECT count(*) FROM (
            SELECT FROM refund_requests WHERE concluded_at IS NULL LIMIT {MANY}) one) AS requests,
        (SELECT count(*) FROM (
            SELECT FROM refund_requests WHERE concluded_at IS NULL AND answer_by < billing_now() LIMIT {MANY}
        ) one) AS late_requests,
        last.day AS audited_day, last.finished_at AS audited_at, last.findings AS audit_findings,
        (SELECT count(*) FROM worker_heartbeats WHERE seen_at > now() - interval '2 minutes') AS workers
    FROM (SELECT) nothing LEFT JOIN LATERAL (
        SELECT day, finished_at, (SELECT count(*) FROM jsonb_object_keys(report -> 'findings'))::int AS findings
        FROM daily_audits ORDER BY day DESC, id DESC LIMIT 1
    ) last ON true
"""  # noqa: S608


async def get_waiting(statements: StatementPool) -> Waiting:
    return Waiting(**await statements.fetch_one(WAITING))
