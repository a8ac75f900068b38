"""Where it is measured: throwaway servers, the service as `billing-service` starts it, and the yardstick."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.databases import database_on, execute, version_of
from benchmarks.environments import Servers, beside_a_sandbox, production
from benchmarks.load import CannotMeasure
from benchmarks.scenarios import FREE_USERS, PRO_USERS
from billing_service.dev.errors import CannotStart
from billing_service.dev.lifelines import dies_with_us
from billing_service.dev.ports import remembered_port
from billing_service.dev.processes import complaint
from billing_service.dev.servers import embedded_servers
from billing_service.schema import migrate

REPOSITORY = Path(__file__).parent.parent
COMMAND = str(Path(sys.executable).with_name("billing-service"))
PATIENCE_SECONDS = 30
# Those who are to be refused have used up today and, should midnight pass, tomorrow. What is still empty is not
# analyzed: PostgreSQL would plan for an empty table, and keep to that while it grows.
USERS = f"""
INSERT INTO subscriptions (user_id) SELECT generate_series({PRO_USERS.start}, {PRO_USERS.stop - 1});
INSERT INTO subscription_periods (user_id, plan_code, cause, author, reason, days, granted_at, span)
    SELECT user_id, 'PRO_MONTHLY', 'grant', 'benchmark', 'benchmark', 30, billing_now(),
        tstzrange(billing_now(), billing_now() + interval '720 hours') FROM subscriptions;
INSERT INTO daily_usage (user_id, date, photo_ai_requests)
    SELECT user_id, usage_day(billing_now(), 'Europe/Moscow') + day, 3
    FROM generate_series({FREE_USERS.start}, {FREE_USERS.stop - 1}) user_id, generate_series(0, 1) day;
ANALYZE subscriptions, subscription_periods, daily_usage
"""  # noqa: S608 (numbers of our own)


@dataclass(frozen=True)
class Stage:
    """Where to ask: the service as in production, the service beside a sandbox, the yardstick; on which PostgreSQL."""

    postgresql: str
    ours: str
    ours_beside_sandbox: str
    bare: str


@contextmanager
def stage(server: str | None = None) -> Iterator[Stage]:
    """Everything runs as long as the block lasts, on a PostgreSQL of its own or in a database of its own on `server`.

    From the main thread only. Raises `CannotMeasure`.
    """
    with TemporaryDirectory(prefix="billing-benchmark-") as name, _servers(Path(name), server) as servers:
        migrate.upgrade(servers.database_url)
        execute(servers.database_url, USERS)
        here = Path(name)
        bare = [sys.executable, "-m", "benchmarks.bare", servers.database_url]
        environment = production(servers)
        with (
            _running("sandbox", [COMMAND, "sandbox", "--port"], environment, here) as provider,
            _running("api", [COMMAND, "api", "--port"], environment, here) as ours,
            _running(
                "api-beside", [COMMAND, "api", "--port"], beside_a_sandbox(servers, provider), here
            ) as beside,
            _running(
                "bare", [*bare, f"{provider}/v3"], environment | {"PYTHONPATH": str(REPOSITORY)}, here
            ) as bare_url,
        ):
            yield Stage(version_of(servers.database_url), ours, ours_beside_sandbox=beside, bare=bare_url)


@contextmanager
def _servers(folder: Path, server: str | None) -> Iterator[Servers]:
    try:
        with embedded_servers(folder / "data", throwaway=True) as own, ExitStack() as stack:
            yield Servers(
                stack.enter_context(database_on(server)) if server else own.database_url, own.redis_url
            )
    except CannotStart as error:
        raise CannotMeasure(str(error)) from error


@contextmanager
def _running(
    name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[str]:
    """A server of ours, given its port as the last argument; in a folder without `.env`."""
    port = remembered_port(folder / f"{name}.port")
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 (our own programs, no shell)
            [*command, str(port)],
            env=environment,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the benchmark, which stops them in its order
            preexec_fn=dies_with_us(signal.SIGTERM),  # noqa: PLW1509 (main thread, see `stage`)
        )
    try:
        _wait_until_it_listens(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotMeasure(f"{log.stem} does not start: {complaint(log.read_bytes())}")
        time.sleep(0.02)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
