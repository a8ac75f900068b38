"""PostgreSQL and Valkey together: what the tests run on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from billing_service.dev.errors import FolderUnusable
from billing_service.dev.folders import DataFolder, held, usable_folder
from billing_service.dev.postgres import Postgres, embedded_postgres
from billing_service.dev.valkey import Valkey, embedded_valkey


@dataclass(frozen=True)
class Servers:
    """Both run; either can be stopped and started again, and keeps its port and its data."""

    postgres: Postgres
    valkey: Valkey

    @property
    def database_url(self) -> str:
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        return self.valkey.url


@contextmanager
def embedded_servers(data_dir: Path, *, throwaway: bool = False) -> Iterator[Servers]:
    """Both servers as long as the block lasts, ready within two seconds. From the main thread only.

    `throwaway` trades safety against power cuts for speed, and moves to a temporary folder when the account
    of the servers cannot reach `data_dir`. Raises `CannotStart`.
    """
    with ExitStack() as stack:
        folder = _anywhere(data_dir, stack) if throwaway else usable_folder(data_dir)
        stack.enter_context(held(folder))
        postgres = stack.enter_context(embedded_postgres(folder, throwaway=throwaway))
        yield Servers(postgres, stack.enter_context(embedded_valkey(folder, throwaway=throwaway)))


def _anywhere(data_dir: Path, stack: ExitStack) -> DataFolder:
    try:
        return usable_folder(data_dir)
    except FolderUnusable:
        temporary = Path(stack.enter_context(TemporaryDirectory(prefix="billing-service-")))
        temporary.chmod(0o755)  # the servers keep their own folders private
        return usable_folder(temporary)
