"""A Valkey that a test may stop and start, beside the one all tests share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from billing_service.dev.folders import held, usable_folder
from billing_service.dev.valkey import Valkey, embedded_valkey


@contextmanager
def own_valkey() -> Iterator[Valkey]:
    """Running, and empty whenever it starts."""
    with TemporaryDirectory(prefix="billing-service-valkey-") as temporary:
        Path(temporary).chmod(0o755)  # the server keeps its own folder private
        folder = usable_folder(Path(temporary))
        with held(folder), embedded_valkey(folder, throwaway=True) as valkey:
            yield valkey
