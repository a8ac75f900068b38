"""The service behind a real nginx: the address that nginx saw counts, not the one the caller wrote."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from billing_service.config import Settings
from billing_service.kit.http import httpx

NOTIFIER, STRANGER = "127.0.0.3", "127.0.0.2"
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


@pytest.fixture(scope="module")
def nginx() -> str:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        reason = "nginx is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@dataclass
class Doors:
    """The port of nginx, and the one behind it."""

    outside: int
    inside: int


def post(port: int, source: str, *forwarded_for: str) -> int:
    """A notification from one of this machine's many addresses; the status it is answered with."""
    headers = [("X-Forwarded-For", address) for address in forwarded_for]
    transport = httpx.HTTPTransport(local_address=source)
    with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{port}") as caller:
        path = "/api/v1/billing/webhooks/yookassa"
        return caller.post(path, json={"type": "notification"}, headers=headers).status_code


@pytest.fixture(scope="module")
def doors(nginx: str, migrated: Settings) -> Iterator[Doors]:
    """nginx before a service that trusts it, and takes notifications from one address."""
    doors = Doors(*free_ports(2))
    environment = {
        "BILLING_ENV": "dev",
        "DATABASE_URL": migrated.database_url,
        "REDIS_URL": migrated.redis_url,
        "YOOKASSA_SHOP_ID_TEST": "100500",
        "YOOKASSA_API_KEY_TEST": "test_sandbox",
        "WEBHOOK_TRUST_XFF": "true",
        "WEBHOOK_TRUSTED_PROXIES": "127.0.0.1",
        "WEBHOOK_ALLOWED_NETWORKS": NOTIFIER,
    }
    service = Path(sys.executable).with_name("billing-service")
    with tempfile.TemporaryDirectory(prefix="billing-service-nginx-") as folder:
        Path(folder).chmod(0o777)  # started by root, nginx's workers are somebody else
        config = Path(folder, "nginx.conf")
        config.write_text(NGINX.format(outside=doors.outside, inside=doors.inside))
        with (
            running(folder, environment, service, "api", "--host", "127.0.0.1", "--port", str(doors.inside)),
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


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


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


# 400: let in, and then found to be no notification.
def test_the_notifier_is_let_in_through_the_proxy(doors: Doors) -> None:
    assert post(doors.outside, NOTIFIER) == 400


def test_what_the_notifier_itself_forwards_changes_nothing(doors: Doors) -> None:
    assert post(doors.outside, NOTIFIER, STRANGER, "garbage") == 400


def test_a_stranger_is_refused_through_the_proxy(doors: Doors) -> None:
    assert post(doors.outside, STRANGER) == 403


@pytest.mark.parametrize(
    "forged",
    [[NOTIFIER], [NOTIFIER, NOTIFIER], [f"{NOTIFIER}, 127.0.0.1"], [f"::ffff:{NOTIFIER}"], ["127.0.0.1"]],
)
def test_a_stranger_cannot_write_the_notifiers_address(doors: Doors, forged: list[str]) -> None:
    assert post(doors.outside, STRANGER, *forged) == 403


def test_whoever_comes_past_the_proxy_is_taken_for_what_it_is(doors: Doors) -> None:
    assert post(doors.inside, STRANGER, NOTIFIER) == 403
    assert post(doors.inside, NOTIFIER, STRANGER) == 400
