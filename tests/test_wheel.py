"""The wheel and what the production lock names are all that a machine needs: no checkout, no package of tests."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from billing_service.config import DEV_TOKEN, Settings
from billing_service.kit.http import httpx
from billing_service.schema.revisions import head
from tests.fleet import WEBHOOK, Fleet, environment_for
from tests.ports import free_ports
from tests.scratch import scratch_database
from tests.test_health import answered

UV = Path(sys.executable).with_name("uv")
EVERY_MODULE = """
import billing_service, importlib, pkgutil
for module in pkgutil.walk_packages(billing_service.__path__, "billing_service."):
    if not module.name.startswith("billing_service.migrations"):
        importlib.import_module(module.name)
print(billing_service.__path__[0])
"""
PACKAGES = "import importlib.metadata as m, json; print(json.dumps([d.name for d in m.distributions()]))"
USER = {"Authorization": f"Bearer {DEV_TOKEN}", "X-User-Id": "7"}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs of an installation are: the production lock by hash, and the wheel."""
    folder = tmp_path_factory.mktemp("release")
    repository = Path(__file__).parent.parent
    wheel = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    finished(sys.executable, "-m", "pip", *wheel, folder, repository)
    finished(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    installed(folder, "--require-hashes", "-r", repository / "requirements.lock")
    installed(folder, "--no-deps", *folder.glob("*.whl"))
    return folder / "venv/bin"


def installed(folder: Path, *what: str | Path) -> None:
    """From what `make setup` has downloaded; without that, downloaded in the same way."""
    command = [UV, "pip", "install", "--quiet", "--python", folder / "venv", *what]
    settings = os.environ | {"UV_SYSTEM_CERTS": "true", "UV_NO_CONFIG": "true"}
    kept = subprocess.run([*command, "--offline"], env=settings, capture_output=True, check=False)
    if kept.returncode != 0:
        finished(*command, **settings)


def finished(*command: str | Path, **environment: str) -> str:
    """What a command says that knows nothing of this machine but what is named."""
    said = subprocess.run(
        command, cwd="/", env={"PATH": os.defpath, **environment}, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_the_lock_names_every_package_that_any_module_wants(release: Path, repository: Path) -> None:
    lock = (repository / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==", lock, re.MULTILINE))

    present = {
        re.sub(r"[-_.]+", "-", name).lower()
        for name in json.loads(finished(release / "python", "-c", PACKAGES))
    }
    package = Path(finished(release / "python", "-W", "error", "-c", EVERY_MODULE).strip())

    assert present - {"billing-service"} <= pinned
    assert package.is_relative_to(release.parent)


def test_the_wheel_brings_its_migrations_and_pages(release: Path, repository: Path) -> None:
    (package,) = release.parent.glob("lib/python*/site-packages/billing_service")
    source = repository / "src/billing_service"
    migrations = repository / "migrations"

    beside_code = {
        path.relative_to(source) for path in source.rglob("*") if path.suffix not in {"", ".py", ".pyc"}
    }
    steps = {
        path.relative_to(migrations)
        for path in migrations.rglob("*")
        if path.suffix in {".py", ".sql", ".mako"}
    }

    assert {path.suffix for path in beside_code} >= {".html", ".css", ".js", ".svg"}
    assert [path for path in beside_code if not (package / path).exists()] == []
    assert [path for path in steps if not (package / "migrations" / path).exists()] == []


@pytest.fixture
async def fleet(release: Path, settings: Settings, tmp_path: Path) -> AsyncIterator[Fleet]:
    """On an empty database, away from the checkout, told nothing but its settings."""
    (sandbox,) = free_ports(1)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(scratch_database(settings.database_url))
        environment = environment_for(url, settings.redis_url, sandbox)
        environment |= {"ADMIN_ENABLED": "true", "SANDBOX_PORT": str(sandbox)}
        yield Fleet(stack, release / "billing-service", tmp_path, environment)


# Five processes are started, which a busy machine takes its time for.
@pytest.mark.timeout(300)
async def test_it_migrates_serves_works_and_is_examined_without_a_checkout(fleet: Fleet) -> None:
    port, sandbox = *free_ports(1), fleet.environment.pop("SANDBOX_PORT")
    api = f"http://127.0.0.1:{port}"

    migrated = await fleet.run("migrate")
    await fleet.start("sandbox", "sandbox", "--port", sandbox, "--notify-url", f"{api}/{WEBHOOK}")
    await fleet.start("worker", "worker")
    await fleet.serve(port)
    async with httpx.AsyncClient(headers=USER) as http:
        await answered(http, f"http://127.0.0.1:{sandbox}/")
        pages = ["openapi.json", "docs", "metrics", "admin/sign-in", "admin/static/panel.css"]
        answers = {page: (await http.get(f"{api}/{page}")).status_code for page in pages}
        bought = await http.post(f"{api}/api/v1/billing/create-payment/", json={"plan_code": "PRO_MONTHLY"})
        paid = bought.json()["yookassa_payment_id"]
        await http.post(f"http://127.0.0.1:{sandbox}/_sandbox/payments/{paid}/pay", json={})
        await _until_they_have(http, api, "PRO_MONTHLY")
    examined = json.loads((await fleet.run("doctor", "--json")).splitlines()[-1])
    await fleet.stop_all([f"api-{port}", "worker", "sandbox"])

    assert migrated.endswith(f"the database is at {head()}\n")
    assert answers == dict.fromkeys(pages, 200)
    assert [one for one in examined if one["verdict"] == "wrong"] == []


async def _until_they_have(http: httpx.AsyncClient, api: str, plan: str) -> None:
    async with asyncio.timeout(60):
        while (await http.get(f"{api}/api/v1/billing/me/")).json()["plan_code"] != plan:  # noqa: ASYNC110 (a worker's doing)
            await asyncio.sleep(0.1)
