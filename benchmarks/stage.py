"""Where it is measured: throwaway servers, the service as `billing-service` starts it, and the yardstick."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.databases import database_on, execute, version_of
from benchmarks.environments import Servers, beside_a_provider, production
from benchmarks.load import CannotMeasure
from benchmarks.scenarios import FREE_USERS, PRO_USERS
from billing_service.dev.errors import CannotStart
from billing_service.dev.lifelines import dies_with_us
from billing_service.dev.ports import remembered_port
from billing_service.dev.processes import complaint
from billing_service.dev.servers import embedded_servers

REPOSITORY = Path(__file__).parent.parent
COMMAND = str(Path(sys.executable).with_name("billing-service"))
PATIENCE_SECONDS = 30
# Those who are to be refused have used up today and, should midnight pass, tomorrow. What is still empty is not
# analyzed: PostgreSQL would plan for an empty table, and keep to that while it grows.
USERS = f"""
INSERT INTO subscriptions (user_id) SELECT generate_series({PRO_USERS.start}, {PRO_USERS.stop - 1});
INSERT INTO subscription_periods (user_id, plan_code, cause, author, reason, days, granted_at, span)
    SELECT user_id, 'PRO_MONTHLY', 'grant', 'benchmark', 'benchmark', 30, billing_now(),
        tstzrange(billing_now(), billing_now() + interval '720 hours')
    FROM generate_series({PRO_USERS.start}, {PRO_USERS.stop - 1}) user_id;
INSERT INTO daily_usage (user_id, date, photo_ai_requests)
    SELECT user_id, usage_day(billing_now(), 'Europe/Moscow') + day, 3
    FROM generate_series({FREE_USERS.start}, {FREE_USERS.stop - 1}) user_id, generate_series(0, 1) day;
ANALYZE subscriptions, subscription_periods, daily_usage
"""  # noqa: S608 (numbers of our own)


@dataclass(frozen=True)
class Build:
    """One build of the service at work in a database of its own: as in production, and beside a provider."""

    command: str
    servers: Servers
    folder: Path
    api: str
    beside_provider: str
    worker_environment: Mapping[str, str]


@dataclass(frozen=True)
class Stage:
    """Where to ask: this build, the one before it if there is one, the yardstick; on which PostgreSQL."""

    postgresql: str
    ours: Build
    before: Build | None
    bare: str


@contextmanager
def stage(
    server: str | None = None, before: str | None = None, fill: Callable[[str], None] | None = None
) -> Iterator[Stage]:
    """Everything runs as long as the block lasts, on a PostgreSQL of its own or in databases of its own on `server`.

    `before` is the command `billing-service` of another installation. `fill` makes history in the database of this
    build. From the main thread only. Raises `CannotMeasure`.
    """
    with TemporaryDirectory(prefix="billing-benchmark-") as name, ExitStack() as stack:
        here = Path(name)
        servers = stack.enter_context(_servers(here, server))
        plain = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        provider = stack.enter_context(
            _running("provider", [sys.executable, "-m", "benchmarks.provider"], plain, here)
        )
        ours = stack.enter_context(_build("ours", COMMAND, servers, provider, here, fill))
        other = before and stack.enter_context(_build("before", before, servers, provider, here))
        bare = [sys.executable, "-m", "benchmarks.bare", ours.servers.database_url, f"{provider}/v3"]
        bare_url = stack.enter_context(_running("bare", bare, plain, here))
        yield Stage(version_of(servers.database_url), ours, other or None, bare_url)


@contextmanager
def _servers(folder: Path, server: str | None) -> Iterator[Servers]:
    try:
        with embedded_servers(folder / "data", throwaway=True) as own:
            yield Servers(server or own.database_url, own.redis_url)
    except CannotStart as error:
        raise CannotMeasure(str(error)) from error


@contextmanager
def _build(  # noqa: PLR0917 (as it is started)
    name: str,
    command: str,
    on: Servers,
    provider: str,
    folder: Path,
    fill: Callable[[str], None] | None = None,
) -> Iterator[Build]:
    """An API as in production and one beside the provider, with users, in a database that its own migrations made."""
    with database_on(on.database_url) as database_url:
        servers = Servers(database_url, on.redis_url)
        environment = production(servers) | {"REDIS_KEY_PREFIX": name}
        beside = beside_a_provider(servers, provider) | {"REDIS_KEY_PREFIX": name}
        _migrate(command, environment, folder)
        if fill:
            fill(database_url)
        execute(database_url, USERS)
        serve = [command, "api", "--port"]
        with (
            _running(f"{name}-api", serve, environment, folder) as api,
            _running(f"{name}-beside", serve, beside, folder) as beside_provider,
        ):
            yield Build(command, servers, folder, api, beside_provider, beside)


def _migrate(command: str, environment: Mapping[str, str], folder: Path) -> None:
    done = subprocess.run(  # noqa: S603 (our own programs, no shell)
        [command, "migrate"], env=environment, cwd=folder, capture_output=True, check=False
    )
    if done.returncode:
        raise CannotMeasure(f"{command} migrate: {complaint(done.stdout + done.stderr)}")


@contextmanager
def worker(build: Build, more: Mapping[str, str] | None = None) -> Iterator[None]:
    """One worker of this build, beside the provider, as long as the block lasts; `more` settings are its own."""
    environment = {**build.worker_environment, **(more or {})}
    with _started("worker", [build.command, "worker"], environment, build.folder):
        yield


@contextmanager
def _running(
    name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[str]:
    """A server of ours, given its port as the last argument; in a folder without `.env`."""
    port = remembered_port(folder / f"{name}.port")
    with _started(name, [*command, str(port)], environment, folder) as (process, log):
        _wait_until_it_listens(process, port, log)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _started(
    name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 (our own programs, no shell)
            command,
            env=environment,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the benchmark, which stops them in its order
            preexec_fn=dies_with_us(signal.SIGTERM),  # noqa: PLW1509 (main thread, see `stage`)
        )
    try:
        yield process, log
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
