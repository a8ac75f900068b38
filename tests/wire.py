"""What really goes over the wire to PostgreSQL: a proxy that counts how often a client waits for an answer.

https://www.postgresql.org/docs/current/protocol-message-formats.html: a simple query (`Q`) and each `Sync` (`S`) that
ends an extended one are answered before the client goes on.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

WAITED_FOR = frozenset(b"QS")
# The two messages that begin a connection have no kind: perhaps a request for SSL, eight bytes, and then who it is.
SSL_REQUEST = 8


@dataclass
class Wire:
    """`database_url` leads through the proxy; `round_trips` were made on it so far.

    While `flows` is not set nothing comes through, and no connection ends: a server that is frozen. While `hangs_up` is
    not set a server's last word does, and its end does not; `last_word` was spoken by one of them.
    """

    database_url: str
    round_trips: int = 0
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    hangs_up: asyncio.Event = field(default_factory=asyncio.Event)
    last_word: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def counted(database_url: str) -> AsyncIterator[Wire]:
    address = urlsplit(database_url)
    wire = Wire("")
    wire.flows.set()
    wire.hangs_up.set()

    async def carry(client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        server, questions = await asyncio.open_connection(address.hostname, address.port)
        back = asyncio.create_task(_pour(wire, server, answers))
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await wire.flows.wait()
            while len(begun := await _message(client, head=b"")) == SSL_REQUEST:
                questions.write(begun)
            questions.write(begun)
            while True:
                kind = await client.readexactly(1)
                await wire.flows.wait()
                wire.round_trips += kind[0] in WAITED_FOR
                questions.write(await _message(client, head=kind))
                await questions.drain()
        questions.close()
        await back

    proxy = await asyncio.start_server(carry, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    wire.database_url = address._replace(netloc=f"{address.username}@127.0.0.1:{port}").geturl()
    try:
        yield wire
    finally:
        # What a failed test has held up holds locks that nobody else would get.
        wire.flows.set()
        proxy.close()


async def _message(client: asyncio.StreamReader, *, head: bytes) -> bytes:
    """One message of the client's, whose length counts itself but not its kind."""
    size = await client.readexactly(4)
    return head + size + await client.readexactly(int.from_bytes(size) - 4)


async def _pour(wire: Wire, server: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while some := await server.read(65536):
            await wire.flows.wait()
            answers.write(some)
            await answers.drain()
    wire.last_word.set()
    await wire.hangs_up.wait()
    answers.close()
