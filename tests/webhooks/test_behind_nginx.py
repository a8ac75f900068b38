"""Behind a real nginx that appends to X-Forwarded-For: whom the webhook lets in, and whose flood it counts."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from billing_service.config import YOOKASSA_NETWORKS, Settings
from billing_service.kit.http import httpx
from tests.ports import free_ports

NGINX = """
daemon off; pid nginx.pid; error_log stderr crit;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy;
    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {{
        listen 127.0.0.1:{outside};
        location / {{
            proxy_pass http://127.0.0.1:{inside};
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}
"""
STRANGER, NOTIFIER, OUTER_PROXY, FLOODER = "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"
YOOKASSA = "185.71.76.5"
# Let in, and then found to be no notification.
TAKEN, REFUSED, TOO_MANY = 400, 403, 429
FOREIGN_PER_HOUR = 30


@pytest.fixture(scope="module")
def nginx() -> str:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("nginx is not installed")
    return found or pytest.skip("nginx is not installed")


@dataclass
class Doors:
    """The port of nginx, and the one behind it."""

    outside: int
    inside: int


@contextmanager
def behind(nginx: str, settings: Settings, **said: str) -> Iterator[Doors]:
    """nginx before a service that is told this about its proxies."""
    doors = Doors(*free_ports(2))
    environment = {
        "BILLING_ENV": "dev",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "REDIS_KEY_PREFIX": f"test-{uuid4().hex}",
        "YOOKASSA_SHOP_ID_TEST": "100500",
        "YOOKASSA_API_KEY_TEST": "test_sandbox",
        "WEBHOOK_ALLOWED_NETWORKS": f"{YOOKASSA_NETWORKS},{NOTIFIER}",
        "WEBHOOK_TRUSTED_PROXIES": f"127.0.0.1,{OUTER_PROXY}",
        "RATE_LIMIT_WEBHOOK": f"{FOREIGN_PER_HOUR}/hour",
    }
    service = Path(sys.executable).with_name("billing-service")
    with tempfile.TemporaryDirectory(prefix="billing-service-nginx-") as folder:
        Path(folder).chmod(0o777)  # started by root, nginx's workers are somebody else
        config = Path(folder, "nginx.conf")
        config.write_text(NGINX.format(outside=doors.outside, inside=doors.inside))
        serve = ("api", "--host", "127.0.0.1", "--port", str(doors.inside))
        with (
            running(folder, environment | said, service, *serve),
            running(folder, {}, nginx, "-p", folder, "-c", config, "-e", "stderr"),
        ):
            answering(doors.inside)
            answering(doors.outside)
            yield doors


@contextmanager
def running(folder: str, environment: dict[str, str], *command: str | Path) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            yield
        finally:
            process.terminate()


def answering(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            httpx.get(f"http://127.0.0.1:{port}/health/live").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"nothing answers on port {port}")


def post(port: int, source: str, *forwarded_for: str) -> int:
    """A notification from one of this machine's many addresses; the status it is answered with."""
    headers = [("X-Forwarded-For", address) for address in forwarded_for]
    transport = httpx.HTTPTransport(local_address=source)
    with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{port}") as caller:
        path = "/api/v1/billing/webhooks/yookassa"
        return caller.post(path, json={"type": "notification"}, headers=headers).status_code


@pytest.fixture(scope="module")
def trusting(nginx: str, migrated: Settings) -> Iterator[Doors]:
    with behind(nginx, migrated, WEBHOOK_TRUST_XFF="true") as doors:
        yield doors


@pytest.fixture(scope="module")
def trusting_nobody(nginx: str, migrated: Settings) -> Iterator[Doors]:
    with behind(nginx, migrated, WEBHOOK_TRUST_XFF="false") as doors:
        yield doors


def test_the_notifier_is_let_in_through_the_proxy(trusting: Doors) -> None:
    assert post(trusting.outside, NOTIFIER) == TAKEN


def test_what_the_notifier_itself_forwards_changes_nothing(trusting: Doors) -> None:
    assert post(trusting.outside, NOTIFIER, STRANGER, "garbage") == TAKEN


def test_yookassa_passes_through_the_whole_chain_of_proxies(trusting: Doors) -> None:
    assert post(trusting.outside, OUTER_PROXY, YOOKASSA) == TAKEN


def test_an_ipv4_address_written_as_ipv6_is_the_same_address(trusting: Doors) -> None:
    assert post(trusting.outside, OUTER_PROXY, f"::ffff:{YOOKASSA}") == TAKEN


@pytest.mark.parametrize(
    "forged",
    [
        [],
        [YOOKASSA],
        [YOOKASSA, YOOKASSA],
        [f"{YOOKASSA}, 127.0.0.1"],
        [f"{YOOKASSA}, {OUTER_PROXY}"],
        [f"::ffff:{YOOKASSA}"],
        [NOTIFIER],
        ["127.0.0.1"],
    ],
)
def test_a_stranger_is_refused_whatever_address_it_writes(trusting: Doors, forged: list[str]) -> None:
    assert post(trusting.outside, STRANGER, *forged) == REFUSED


def test_a_forged_left_end_is_passed_on_by_honest_proxies_and_still_not_believed(trusting: Doors) -> None:
    assert post(trusting.outside, OUTER_PROXY, f"{YOOKASSA}, {STRANGER}") == REFUSED


@pytest.mark.parametrize(
    "malformed",
    ["garbage", f"{YOOKASSA}:443", f"[{YOOKASSA}]", f"{YOOKASSA},", "185.71.76.05", "fe80::1%eth0"],
)
def test_what_cannot_be_read_on_the_way_is_refused(trusting: Doors, malformed: str) -> None:
    assert post(trusting.outside, OUTER_PROXY, malformed) == REFUSED


def test_whoever_comes_past_the_proxy_is_taken_for_what_it_is(trusting: Doors) -> None:
    assert post(trusting.inside, STRANGER, NOTIFIER) == REFUSED
    assert post(trusting.inside, NOTIFIER, STRANGER) == TAKEN


@pytest.mark.parametrize("forged", [[YOOKASSA], [f"::ffff:{YOOKASSA}"], ["garbage"], [YOOKASSA, YOOKASSA]])
@pytest.mark.parametrize("source", [STRANGER, OUTER_PROXY, "127.0.0.1"])
def test_without_trust_no_header_changes_anything(
    trusting_nobody: Doors, source: str, forged: list[str]
) -> None:
    assert post(trusting_nobody.outside, source, *forged) == REFUSED


def test_a_flood_does_not_escape_its_limit_by_writing_other_addresses(trusting: Doors) -> None:
    flood = [
        post(trusting.outside, FLOODER, f"198.51.100.{number}") for number in range(FOREIGN_PER_HOUR + 2)
    ]

    assert flood == [REFUSED] * FOREIGN_PER_HOUR + [TOO_MANY] * 2
    assert post(trusting.outside, STRANGER) == REFUSED
    assert post(trusting.outside, OUTER_PROXY, YOOKASSA) == TAKEN
