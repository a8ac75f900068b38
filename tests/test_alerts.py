"""Every alert can fire, none fires while all is well, and each leads to its place in the runbook: asked of promtool."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from billing_service.kit.alarms import Alarm

pytestmark = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")

Series = Mapping[str, str]
MINUTES = 90
GROWS = f"0+10x{MINUTES}"
NO_CHANGE = f"0x{MINUTES}"
ELSEWHERE = "https://git.example/billing/docs/operations.md"
# What is seen, one value a minute, when that alert must fire at the end.
TROUBLE: Mapping[str, Series] = {
    "BillingAlarm": {'billing_alarms_total{kind="double_purchase"}': GROWS},
    "BillingProviderRefusesOurKey": {'billing_alarms_total{kind="provider_refuses_our_key"}': GROWS},
    "BillingJobGivenUp": {'billing_alarms_total{kind="job_given_up"}': GROWS},
    "BillingInvariantBroken": {'billing_alarms_total{kind="invariant_broken"}': GROWS},
    "BillingInvariantsNotExamined": {'billing_alarms_total{kind="invariant_not_examined"}': GROWS},
    "BillingPaidButFree": {'billing_canary_users_total{outcome="free"}': GROWS},
    "BillingCanaryNotAnswered": {'billing_canary_users_total{outcome="unanswered"}': GROWS},
    "BillingWorkerInterrupted": {'billing_alarms_total{kind="worker_interrupted"}': GROWS},
    "BillingNotificationsNotSettled": {"billing_oldest_open_notification_seconds": f"0+60x{MINUTES}"},
    "BillingNotificationsGivenUp": {
        'billing_unsettled_notifications{status="GIVEN_UP",age="1d+"}': f"1x{MINUTES}"
    },
    "BillingSettlingIsSlow": {
        'billing_notification_settled_seconds_bucket{le="10"}': NO_CHANGE,
        'billing_notification_settled_seconds_bucket{le="60"}': GROWS,
        'billing_notification_settled_seconds_bucket{le="+Inf"}': GROWS,
    },
    "BillingNotificationsUnreadable": {'billing_notifications_total{outcome="unreadable"}': GROWS},
    "BillingPaymentsStayInDoubt": {'billing_open_payments{in_doubt="true",age="1d+"}': f"1x{MINUTES}"},
    "BillingRefundsStayOpen": {'billing_open_refunds{in_doubt="false",age="1d+"}': f"1x{MINUTES}"},
    "BillingRefundRequestsOverdue": {"billing_overdue_refund_requests": f"1x{MINUTES}"},
    "BillingListsNotCompared": {'billing_list_compared_seconds_ago{list="payments"}': f"0+60x{MINUTES}"},
    "BillingDailyAuditMissing": {"billing_daily_audit_seconds_ago": f"130000+60x{MINUTES}"},
    "BillingEventsNotDelivered": {"billing_event_tried_for_seconds": f"0+60x{MINUTES}"},
    "BillingPurchasesFail": {
        'billing_payments_total{status="FAILED",purpose="PLAN"}': GROWS,
        'billing_payments_total{status="SUCCEEDED",purpose="PLAN"}': GROWS,
    },
    "BillingDown": {'up{job="billing-api"}': NO_CHANGE},
    "BillingNoWorker": {"billing_workers_alive": NO_CHANGE},
    "BillingWorkersNotScraped": {"billing_workers_alive": f"2x{MINUTES}"},
    "BillingDatabaseNotReadable": {"billing_database_figures": NO_CHANGE},
    "BillingErrors": {
        'billing_http_requests_total{status="500"}': GROWS,
        'billing_http_requests_total{status="200"}': GROWS,
    },
    "BillingReadsAreSlow": {
        'billing_http_seconds_bucket{method="GET",route="/",le="0.5"}': NO_CHANGE,
        'billing_http_seconds_bucket{method="GET",route="/",le="2.5"}': GROWS,
        'billing_http_seconds_bucket{method="GET",route="/",le="+Inf"}': GROWS,
    },
    "BillingYookassaFails": {
        'billing_yookassa_seconds_count{outcome="unknown"}': GROWS,
        'billing_yookassa_seconds_count{outcome="answered"}': GROWS,
    },
    "BillingQueueGrows": {
        'billing_queue_jobs{entrypoint="webhook.look",status="queued"}': f"0+10x{MINUTES}",
    },
    "BillingJobsPutAside": {'billing_queue_jobs{entrypoint="webhook.look",status="failed"}': f"1x{MINUTES}"},
    "BillingRedisAway": {'billing_rate_limit_counted_alone_total{scope="billing_polling"}': GROWS},
    "BillingStrangersAtTheWebhook": {'billing_rate_limit_hits_total{scope="billing_webhook"}': GROWS},
    "BillingYookassaIsLimited": {'billing_rate_limit_hits_total{scope="billing_webhook_trusted"}': GROWS},
}
WELL: Series = {
    'up{job="billing-api"}': f"1x{MINUTES}",
    'up{job="billing-worker"}': f"1x{MINUTES}",
    "billing_workers_alive": f"2x{MINUTES}",
    "billing_database_figures": f"1x{MINUTES}",
    "billing_oldest_open_notification_seconds": f"30x{MINUTES}",
    'billing_unsettled_notifications{status="RECEIVED",age="0-10m"}': f"5x{MINUTES}",
    'billing_canary_users_total{outcome="pro"}': GROWS,
    **{f'billing_canary_users_total{{outcome="{one}"}}': NO_CHANGE for one in ("free", "unanswered")},
    "billing_event_tried_for_seconds": f"600x{MINUTES}",
    "billing_overdue_refund_requests": f"0x{MINUTES}",
    "billing_daily_audit_seconds_ago": f"90000x{MINUTES}",
    'billing_list_compared_seconds_ago{list="payments"}': f"300x{MINUTES}",
    'billing_payments_total{status="SUCCEEDED",purpose="PLAN"}': GROWS,
    'billing_payments_total{status="FAILED",purpose="PLAN"}': f"0+1x{MINUTES}",
    'billing_http_requests_total{status="200"}': GROWS,
    'billing_yookassa_seconds_count{outcome="answered"}': GROWS,
    'billing_queue_jobs{entrypoint="webhook.look",status="queued"}': f"20x{MINUTES}",
    'billing_open_payments{in_doubt="true",age="0-10m"}': f"3x{MINUTES}",
    'billing_open_refunds{in_doubt="false",age="1h-1d"}': f"1x{MINUTES}",
    **{f'billing_alarms_total{{kind="{kind.value}"}}': NO_CHANGE for kind in Alarm},
}


@pytest.fixture
def rules(repository: Path) -> Path:
    return repository / "docs" / "alerts.yml"


def names(rules: Path) -> set[str]:
    return set(re.findall(r"- alert: (\w+)", rules.read_text()))


def examine(folder: Path, rules: Path, *tests: dict[str, Any]) -> None:
    """Fails with what promtool says."""
    written = folder / "tests.yml"
    written.write_text(
        yaml.safe_dump({"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": list(tests)})
    )
    done = subprocess.run(["promtool", "test", "rules", written], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def seen(series: Series, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (promtool's own fields)
    shown = [{"series": name, "values": values} for name, values in series.items()]
    return {"interval": "1m", "input_series": shown, **more}


def firing(name: str, times: int) -> dict[str, Any]:
    """At the end of the series, so many alerts of this name fire."""
    count = f'count(ALERTS{{alertname=~"{name}",alertstate="firing"}}) or vector(0)'
    samples = [{"labels": "{}", "value": times}]
    return {"promql_expr_test": [{"expr": count, "eval_time": f"{MINUTES}m", "exp_samples": samples}]}


def test_prometheus_accepts_the_rules(rules: Path) -> None:
    checked = subprocess.run(
        ["promtool", "check", "rules", rules], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_alert_fires_when_it_must(rules: Path, tmp_path: Path) -> None:
    assert TROUBLE.keys() == names(rules)

    examine(
        tmp_path,
        rules,
        *(seen(series, name=alert, **firing(alert, 1)) for alert, series in TROUBLE.items()),
    )


def test_none_fires_while_all_is_well(rules: Path, tmp_path: Path) -> None:
    examine(tmp_path, rules, seen(WELL, **firing(".+", 0)))


@pytest.mark.parametrize(
    ("labels", "base"),
    [({}, "docs/operations.md"), ({"billing_runbooks": ELSEWHERE}, ELSEWHERE)],
    ids=["as it stands", "with an address of the operator's"],
)
def test_an_alert_can_be_clicked(rules: Path, tmp_path: Path, labels: dict[str, str], base: str) -> None:
    alarm = {
        "exp_labels": {"severity": "ticket", "kind": "double_purchase"},
        "exp_annotations": {
            "summary": "Alarm double_purchase: a person must look",
            "runbook_url": f"{base}#double_purchase",
        },
    }
    expected = {"eval_time": f"{MINUTES}m", "alertname": "BillingAlarm", "exp_alerts": [alarm]}

    examine(
        tmp_path,
        rules,
        seen(TROUBLE["BillingAlarm"], external_labels=labels, alert_rule_test=[expected]),
    )
