"""The wire below httpx: what is certain to have sent nothing is told from what may have been sent."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from billing_service.kit.http import httpx
from billing_service.kit.http_pool import PooledTransport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Heard = list[bytes]
Answer = Callable[[asyncio.StreamWriter], object]


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, Heard]]:
    """Each request is answered as it is said; nothing is closed but by the answer or the caller."""
    heard: Heard = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            heard.append(line.split()[0])
            while (await reader.readline()).strip():
                pass
            answer(writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}", heard


def client(url: str, *, connections: int = 2) -> httpx.AsyncClient:
    transport = PooledTransport(connections=connections, keepalive_seconds=30)
    return httpx.AsyncClient(base_url=url, transport=transport, timeout=5.0)


def said_by_nobody(folder: Path) -> ssl.SSLContext:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]),
    )
    now = datetime.now(UTC)
    building = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = building.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    both = folder / "both.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    both.write_bytes(private + signed.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return context


async def test_nothing_is_said_to_a_server_whom_nobody_vouches_for(tmp_path: Path) -> None:
    async with (
        serving(lambda writer: writer.write(OK), said_by_nobody(tmp_path)) as (url, heard),
        client(url) as asking,
    ):
        with pytest.raises(httpx.ConnectError):
            await asking.post("/", content=b"{}")

    assert heard == []


async def test_who_finds_no_free_connection_has_sent_nothing() -> None:
    is_asked = asyncio.Event()
    soon = httpx.Timeout(5.0, connect=0.05, pool=0.05)

    async with (
        serving(lambda _: is_asked.set()) as (url, heard),
        client(url, connections=1) as asking,
        asyncio.timeout(5),
    ):
        first = asyncio.create_task(asking.get("/"))
        await is_asked.wait()
        with pytest.raises(httpx.ConnectTimeout):
            await asking.post("/", content=b"{}", timeout=soon)
        first.cancel()

    assert heard == [b"GET"]


async def test_a_silent_server_may_have_done_it() -> None:
    async with serving(lambda _: None) as (url, heard), client(url) as asking:
        with pytest.raises(httpx.ReadTimeout):
            await asking.post("/", content=b"{}", timeout=httpx.Timeout(5.0, read=0.05))

    assert heard == [b"POST"]


async def test_a_connection_is_kept_and_one_that_was_closed_meanwhile_is_not_written_to() -> None:
    kept: list[asyncio.StreamWriter] = []

    def answer(writer: asyncio.StreamWriter) -> None:
        kept.append(writer)
        writer.write(OK)

    async with serving(answer) as (url, heard), client(url) as asking:
        await asking.post("/")
        await asking.post("/")
        kept[0].close()
        await asyncio.sleep(0.05)
        assert (await asking.post("/")).text == "ok"

    assert kept[0] is kept[1] is not kept[2]
    assert heard == [b"POST"] * 3


async def test_what_was_compressed_is_read() -> None:
    squeezed = gzip.compress(b"ok")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(squeezed)}\r\n\r\n".encode()

    async with serving(lambda writer: writer.write(head + squeezed)) as (url, _), client(url) as asking:
        assert (await asking.get("/")).text == "ok"
