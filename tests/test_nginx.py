"""Through a real nginx that appends to X-Forwarded-For: whom the webhook lets in, and whose flood it counts."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from billing_service.config import YOOKASSA_NETWORKS, Settings
from tests.webhooks.test_behind_a_proxy import NGINX, answering, free_ports, post, running

NEIGHBOUR, STRANGER, OUTER_PROXY = "127.0.0.2", "127.0.0.3", "127.0.0.4"
FLOODER = "127.0.0.5"
YOOKASSA = "185.71.76.5"
# Let in, and then found to be no notification.
TAKEN, REFUSED, TOO_MANY = 400, 403, 429
FOREIGN_PER_HOUR = 30


@pytest.fixture(scope="module")
def nginx_program() -> str:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("nginx is not installed")
    return found or pytest.skip("nginx is not installed")


@contextmanager
def behind(nginx: str, settings: Settings, **said: str) -> Iterator[int]:
    """The port of an nginx before a service that is told this about its proxies."""
    outside, inside = free_ports(2)
    environment = {
        "BILLING_ENV": "dev",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "REDIS_KEY_PREFIX": f"test-{uuid4().hex}",
        "YOOKASSA_SHOP_ID_TEST": "100500",
        "YOOKASSA_API_KEY_TEST": "test_sandbox",
        "WEBHOOK_ALLOWED_NETWORKS": YOOKASSA_NETWORKS,
        "RATE_LIMIT_WEBHOOK": f"{FOREIGN_PER_HOUR}/hour",
        "WEBHOOK_TRUSTED_PROXIES": f"127.0.0.1,{OUTER_PROXY}",
    }
    service = Path(sys.executable).with_name("billing-service")
    with tempfile.TemporaryDirectory(prefix="billing-service-nginx-") as folder:
        Path(folder).chmod(0o777)  # started by root, nginx's workers are somebody else
        config = Path(folder, "nginx.conf")
        config.write_text(NGINX.format(outside=outside, inside=inside))
        serve = ("api", "--host", "127.0.0.1", "--port", str(inside))
        with (
            running(folder, environment | said, service, *serve),
            running(folder, {}, nginx, "-p", folder, "-c", config, "-e", "stderr"),
        ):
            answering(inside)
            answering(outside)
            yield outside


@pytest.fixture(scope="module")
def trusting(nginx_program: str, migrated: Settings) -> Iterator[int]:
    with behind(nginx_program, migrated, WEBHOOK_TRUST_XFF="true") as port:
        yield port


@pytest.fixture(scope="module")
def trusting_nobody(nginx_program: str, migrated: Settings) -> Iterator[int]:
    with behind(nginx_program, migrated, WEBHOOK_TRUST_XFF="false") as port:
        yield port


def test_yookassa_passes_through_the_whole_chain_of_proxies(trusting: int) -> None:
    assert post(trusting, OUTER_PROXY, YOOKASSA) == TAKEN


@pytest.mark.parametrize(
    "forged", [[YOOKASSA], [f"{YOOKASSA}, {OUTER_PROXY}"], [YOOKASSA, YOOKASSA], [f"::ffff:{YOOKASSA}"]]
)
def test_a_stranger_who_writes_yookassas_address_is_refused(trusting: int, forged: list[str]) -> None:
    assert post(trusting, STRANGER, *forged) == REFUSED


def test_a_forged_left_end_is_passed_on_by_honest_proxies_and_still_not_believed(trusting: int) -> None:
    assert post(trusting, OUTER_PROXY, f"{YOOKASSA}, {STRANGER}") == REFUSED


def test_an_ipv4_address_written_as_ipv6_is_the_same_address(trusting: int) -> None:
    assert post(trusting, OUTER_PROXY, f"::ffff:{YOOKASSA}") == TAKEN


@pytest.mark.parametrize(
    "malformed",
    ["garbage", f"{YOOKASSA}:443", f"[{YOOKASSA}]", f"{YOOKASSA},", "185.71.76.05", "fe80::1%eth0"],
)
def test_what_cannot_be_read_on_the_way_is_refused(trusting: int, malformed: str) -> None:
    assert post(trusting, OUTER_PROXY, malformed) == REFUSED


@pytest.mark.parametrize("forged", [[YOOKASSA], [f"::ffff:{YOOKASSA}"], ["garbage"], [YOOKASSA, YOOKASSA]])
@pytest.mark.parametrize("source", [NEIGHBOUR, OUTER_PROXY, "127.0.0.1"])
def test_without_trust_no_header_changes_anything(
    trusting_nobody: int, source: str, forged: list[str]
) -> None:
    assert post(trusting_nobody, source, *forged) == REFUSED


def test_a_flood_does_not_escape_its_limit_by_writing_other_addresses(trusting: int) -> None:
    flood = [post(trusting, FLOODER, f"198.51.100.{number}") for number in range(FOREIGN_PER_HOUR + 2)]

    assert flood == [REFUSED] * FOREIGN_PER_HOUR + [TOO_MANY] * 2
    assert post(trusting, NEIGHBOUR) == REFUSED
    assert post(trusting, OUTER_PROXY, YOOKASSA) == TAKEN
