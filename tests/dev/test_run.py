"""`billing-service dev` as a person runs it: its signals, its servers, and a clear line when it cannot start."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx
import pytest

from billing_service.config import Settings
from billing_service.dev.orphans import recorded_pid
from billing_service.dev.ports import remembered_port
from billing_service.dev.run import Wishes, run
from billing_service.dev.servers import Servers, embedded_servers

from .conftest import living, wait_for

COMMAND = Path(sys.executable).with_name("billing-service")


@dataclass
class Dev:
    """A running `billing-service dev` with ports of its own."""

    process: "subprocess.Popen[str]"
    folder: Path
    port: int
    sandbox_port: int
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    def servers(self) -> list[int]:
        pids = [recorded_pid(self.folder / "data" / name) for name in ("postgres.pid", "valkey.pid")]
        return living([pid for pid in pids if pid])

    def runs(self) -> bool:
        assert self.process.poll() is None, self.said
        return "Everything runs" in self.said

    def refusal(self) -> str:
        """What it said on its way out."""
        assert self.process.wait(timeout=60) == 1, self.said
        return self.said.splitlines()[-1]

    def status(self, path: str) -> int:
        return httpx.get(f"http://localhost:{self.port}{path}").status_code

    def page(self, path: str) -> str:
        return httpx.get(f"http://localhost:{self.port}{path}").text


@pytest.fixture
def start(open_folder: Path) -> Iterator[Callable[..., Dev]]:
    """Start the command in a clean environment; what still runs afterwards is stopped."""
    started: list[Dev] = []

    def begin(*more: str, **variables: str) -> Dev:
        port, sandbox_port = (remembered_port(open_folder / f"{name}.port") for name in ("api", "sandbox"))
        output = open_folder / f"output-{len(started)}"
        options = [
            "--port",
            str(port),
            "--sandbox-port",
            str(sandbox_port),
            "--data-dir",
            f"{open_folder}/data",
            *more,
        ]
        with output.open("w") as sink:
            process = subprocess.Popen(
                [COMMAND, "dev", *options],
                stdout=sink,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=open_folder,
                env=clean_environment() | variables,
            )
        started.append(Dev(process, open_folder, port, sandbox_port, output))
        return started[-1]

    yield begin
    for dev in started:
        if dev.process.poll() is None:
            dev.process.terminate()
        dev.process.wait(timeout=20)


def clean_environment() -> dict[str, str]:
    ours = {name.upper() for name in Settings.model_fields}
    return {name: value for name, value in os.environ.items() if name not in ours}


def test_one_command_starts_everything_and_ctrl_c_stops_it(
    start: Callable[..., Dev], open_folder: Path
) -> None:
    dev = start()
    wait_for(dev.runs, seconds=30)
    assert [dev.status(path) for path in ("/health/ready", "/docs", "/api/v1/billing/plans/")] == [
        200,
        200,
        200,
    ]
    assert httpx.get(f"http://localhost:{dev.sandbox_port}/_sandbox/payments").status_code == 200
    assert len(dev.servers()) == 2
    servers = dev.servers()
    chosen = (open_folder / "data" / "env").read_text().split()
    command = ["env", *chosen, str(COMMAND), "user", "1001"]
    told = subprocess.run(
        command, cwd=open_folder, env=clean_environment(), text=True, capture_output=True, check=True
    )
    assert "Пользователь 1001" in told.stdout

    dev.process.send_signal(signal.SIGINT)

    assert dev.process.wait(timeout=30) == 0, dev.said
    assert living(servers) == []


def test_the_purchase_button_of_the_legacy_frontend_buys_pro(start: Callable[..., Dev]) -> None:
    """What it sends, the link it is willing to follow, and what it reads after the return."""
    dev = start(SANDBOX_PUBLIC_URL="https://sandbox.yookassa.ru")
    wait_for(dev.runs, seconds=30)
    with httpx.Client(
        base_url=f"http://localhost:{dev.port}/api/v1/billing/",
        headers={"Authorization": "Bearer dev-token", "X-User-Id": "1001"},
    ) as backend:
        created = backend.post(
            "create-payment/",
            content=b'{"plan_code": "PRO_MONTHLY", "save_payment_method": true}',
            headers={"Content-Type": "application/json"},
        ).json()
        paid = httpx.post(
            f"http://localhost:{dev.sandbox_port}/_sandbox/payments/{created['yookassa_payment_id']}/pay"
        )
        wait_for(lambda: backend.get("subscription/").json()["plan"] == "pro")

    link = f"https://sandbox.yookassa.ru/pay/{created['yookassa_payment_id']}"
    assert (created["confirmation_url"], paid.status_code) == (link, 200)


def test_ctrl_c_during_the_first_start_leaves_nothing_behind(start: Callable[..., Dev]) -> None:
    dev = start()
    wait_for((dev.folder / "data" / "postgres.pid").exists)

    dev.process.send_signal(signal.SIGINT)

    assert dev.process.wait(timeout=30) == 0, dev.said
    assert dev.servers() == []


def test_a_killed_dev_leaves_no_server_and_starts_again(start: Callable[..., Dev]) -> None:
    killed = start()
    wait_for(killed.runs, seconds=30)
    servers = killed.servers()
    killed.process.kill()
    killed.process.wait()
    wait_for(lambda: not living(servers))

    again = start()

    wait_for(again.runs, seconds=30)
    assert again.status("/health/ready") == 200
    again.process.terminate()
    assert again.process.wait(timeout=30) == 0, again.said


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
def test_a_taken_port_is_named_before_anything_starts(open_folder: Path, option: str) -> None:
    ports = {name: remembered_port(open_folder / f"{name}.port") for name in ("--port", "--sandbox-port")}
    taken = ports[option]

    with socket.create_server(("127.0.0.1", taken)), pytest.raises(SystemExit) as exit_with:
        run(Wishes(ports["--port"], ports["--sandbox-port"], open_folder / "data"))

    assert re.fullmatch(f"billing-service dev: port {taken} is taken: .* {option}", str(exit_with.value.code))
    assert not (open_folder / "data").exists()


def test_a_data_folder_that_cannot_be_used_is_named(open_folder: Path) -> None:
    (open_folder / "file").write_text("")
    port, sandbox_port = (remembered_port(open_folder / f"{name}.port") for name in ("api", "sandbox"))

    with pytest.raises(SystemExit) as exit_with:
        run(Wishes(port, sandbox_port, open_folder / "file" / "data"))

    line = f"billing-service dev: cannot keep data in {open_folder}/file/data: .+"
    assert re.fullmatch(line, str(exit_with.value.code))


@pytest.fixture
def own_servers(open_folder: Path) -> Iterator[Servers]:
    with embedded_servers(open_folder / "own", throwaway=True) as servers:
        yield servers


def test_ones_own_servers_are_used_and_their_passwords_not_shown(
    start: Callable[..., Dev], own_servers: Servers
) -> None:
    database_url = own_servers.database_url.replace("billing@", "billing:pa55word@")

    dev = start(DATABASE_URL=database_url, REDIS_URL=own_servers.redis_url)

    wait_for(dev.runs, seconds=30)
    assert dev.status("/health/ready") == 200
    assert dev.servers() == []
    assert "pa55word" not in dev.said


PRODUCTION = """
BILLING_ENV=prod
DATABASE_URL=postgresql://billing:pa55word@127.0.0.1:1/billing
REDIS_URL=redis://127.0.0.1:1/0
YOOKASSA_MODE=prod
YOOKASSA_SHOP_ID_PROD=200600
YOOKASSA_API_KEY_PROD=live_canary
YOOKASSA_API_URL=https://api.yookassa.ru/v3
"""


def test_beside_an_env_file_of_production_nothing_is_started_unless_it_is_left_aside(
    start: Callable[..., Dev], open_folder: Path
) -> None:
    (open_folder / ".env").write_text(PRODUCTION)

    refused = start()
    refusal = refused.refusal()
    assert refusal.startswith("billing-service dev: .env says BILLING_ENV=prod: ")
    assert len(refused.said.splitlines()) == 1
    assert not (open_folder / "data").exists()

    left_aside = start("--ignore-env")
    wait_for(left_aside.runs, seconds=30)
    assert re.search(r"payments go to +the pretend YooKassa: no money moves", left_aside.said)
    assert "Демо: деньги не списываются" in left_aside.page("/demo/")


def test_banner_ribbon_and_settings_name_the_same_shop(start: Callable[..., Dev]) -> None:
    shop = {
        "YOOKASSA_SHOP_ID_PROD": "200600",
        "YOOKASSA_API_KEY_PROD": "live_canary",
        "YOOKASSA_MODE": "prod",
    }
    # Nobody listens there: a test must not ask YooKassa itself.
    live = start("--allow-production", YOOKASSA_API_URL="http://127.0.0.1:1/v3", **shop)

    wait_for(live.runs, seconds=30)

    assert re.search(r"payments go to +the LIVE shop 200600: REAL MONEY moves", live.said)
    assert re.search(r"pretend YooKassa +\S+ \(nothing is paid there\)", live.said)
    assert "Настоящий магазин ЮKassa 200600: деньги списываются" in live.page("/demo/")
    assert "canary" not in live.said


def test_a_token_of_ones_own_is_not_called_the_dev_token(start: Callable[..., Dev]) -> None:
    dev = start(BILLING_SERVICE_TOKENS=f"mine:{'0' * 64}:user")

    wait_for(dev.runs, seconds=30)

    assert re.search(r"token to try it +yours", dev.said)
    assert "/demo/" not in dev.said
