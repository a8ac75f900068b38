"""`billing-service sandbox` as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.forked import Forked
from tests.ports import free_port
from tests.sandbox.shop import a_request

PROGRAM = str(Path(sys.executable).with_name("billing-service"))


def start(port: int, *options: str) -> subprocess.Popen[str]:
    """A sandbox that listens: it says so only then."""
    process = subprocess.Popen(
        [PROGRAM, "sandbox", "--port", str(port), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "A pretend YooKassa, until Ctrl-C:\n"
    return process


def refused(folder: Path, *options: str) -> str:
    """What a sandbox says that does not start."""
    typed, answered, complained = (folder / stream for stream in ("typed", "answered", "complained"))
    process = Forked(("sandbox", *options), dict(os.environ), folder, (typed, answered, complained))
    assert process.wait(30) == 1
    return complained.read_text()


def test_it_survives_a_kill_and_ends_cleanly_by_ctrl_c(tmp_path: Path) -> None:
    port, file = free_port(), str(tmp_path / "state.json")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        with start(port, "--state-file", file) as killed:
            payment = client.post(
                "/v3/payments",
                json=a_request(),
                auth=("100500", "test_sandbox"),
                headers={"Idempotence-Key": "k"},
            ).json()
            killed.kill()
        with start(port, "--state-file", file) as second:
            remembered = client.get("/_sandbox/payments").json()["results"]
            second.send_signal(signal.SIGINT)
            _, complaints = second.communicate(timeout=10)

    assert [each["id"] for each in remembered] == [payment["id"]]
    assert (second.returncode, complaints) == (0, "")


@pytest.mark.parametrize("written", ["--public-url", "SANDBOX_PUBLIC_URL"])
def test_links_name_the_address_that_the_world_sees(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port, public = free_port(), "https://sandbox.yookassa.ru"
    options = [written, public] if written.startswith("--") else []
    if not options:
        monkeypatch.setenv(written, public)
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
        start(port, *options) as process,
    ):
        payment = client.post(
            "/v3/payments",
            json=a_request(),
            auth=("100500", "test_sandbox"),
            headers={"Idempotence-Key": "k"},
        ).json()
        link = payment["confirmation"]["confirmation_url"]
        page = client.get(f"/pay/{payment['id']}", headers={"Host": "sandbox.yookassa.ru"})
        process.kill()

    assert link == f"{public}/pay/{payment['id']}"
    assert page.status_code == 200


@pytest.mark.parametrize("wrong", ["sandbox.yookassa.ru", "https://host/path", "ftp://host", "https://"])
def test_an_address_that_links_cannot_begin_with_is_one_clear_line(wrong: str, tmp_path: Path) -> None:
    said = refused(tmp_path, "--port", str(free_port()), "--public-url", wrong)

    assert said == "SANDBOX_PUBLIC_URL is written https://host or https://host:port, without a path\n"


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(tmp_path, "--port", str(port))

    assert said == f"cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_a_state_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    said = refused(tmp_path, "--port", "1", "--state-file", str(tmp_path))

    assert said == f"{tmp_path} cannot be read: Is a directory\n"


def test_a_foreign_state_file_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text("{}]")

    said = refused(tmp_path, "--port", "1", "--state-file", str(file))

    assert said == f"{file} is not the state of this sandbox; move it away to start anew\n"
