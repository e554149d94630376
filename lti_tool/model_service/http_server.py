"""HTTP/1.1 on asyncio, as little as the SDK needs: bodies with a length, chunked streams, kept connections."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

BACKLOG = 2048  # hundreds of clients knock at once
LONGEST_BODY = 32 * 1024 * 1024  # bytes
LONGEST_HEAD = 64 * 1024


class Gone(Exception):
    """The connection is over, by their will or by ours."""


@dataclass(slots=True)
class Exchange:
    """One request and the way to answer it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    _writer: asyncio.StreamWriter

    async def send(self, status: int, data: bytes, headers: Mapping[str, str]) -> None:
        """The whole answer."""
        self._writer.write(_head(status, {**headers, "content-length": str(len(data))}) + data)
        await self._drained()

    async def send_json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        """The whole answer, as JSON."""
        await self.send(status, json.dumps(value).encode(), {"content-type": "application/json", **(headers or {})})

    async def begin_stream(self, headers: Mapping[str, str]) -> None:
        """A 200 whose body follows in pieces."""
        self._writer.write(_head(200, {**headers, "transfer-encoding": "chunked"}))
        await self._drained()

    async def send_piece(self, data: bytes) -> None:
        """A piece of a stream's body."""
        if self._writer.is_closing():
            raise Gone
        self._writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        await self._drained()

    async def end_stream(self) -> None:
        """The end of a stream's body."""
        self._writer.write(b"0\r\n\r\n")
        await self._drained()

    def drop(self) -> None:
        """Reset the connection; raises `Gone`."""
        self._writer.transport.abort()
        raise Gone

    async def _drained(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError:
            raise Gone from None


Handler = Callable[[Exchange], Awaitable[None]]


async def start(handler: Handler, host: str, port: int) -> asyncio.Server:
    """Listen; `port` 0 takes any."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while (exchange := await _read(reader, writer)) is not None:
                await handler(exchange)
        except (Gone, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        except asyncio.CancelledError:
            return  # the service ends; asyncio would print a trace for each connection that is still open
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    return await asyncio.start_server(serve, host, port, backlog=BACKLOG, limit=LONGEST_HEAD)


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
    }
    method, _, rest = first.partition(" ")
    exchange = Exchange(method, rest.rpartition(" ")[0].partition("?")[0], headers, b"", writer)
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdigit() or int(length) > LONGEST_BODY:
        await exchange.send_json(413, {"error": "send a body with a length of up to 32 MB"}, {"connection": "close"})
        return None
    exchange.body = await reader.readexactly(int(length))
    return exchange


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
