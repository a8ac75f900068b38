"""What is counted for the operators, in one registry; `/metrics` shows it to Prometheus."""

from prometheus_client import CollectorRegistry, Counter

REGISTRY = CollectorRegistry()
LIMIT_HITS = Counter(
    "billing_daily_limit_hits", "Operations refused by a daily limit, by plan.", ["plan"], registry=REGISTRY
)
