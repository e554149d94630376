"""How the SDK reaches the service for a stream: a connection of its own, whose socket can be had once the head of the
answer has come.

The SDK's own transport hands a body on through seven layers; hundreds of streams at twenty tokens a second would need
a whole processor for that alone. With the sockets in hand, one thread reads all bodies (`arrivals.py`). What is no
chunked body, an error for one, is read as from any transport.
"""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2


class StreamTransport(httpx2.BaseTransport):
    """Makes a connection for each request. Its responses carry their `Body` as the extension "body"."""

    def __init__(self) -> None:
        self._tls = httpx2.create_ssl_context()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request and read the head of the answer. Raises as httpx2 does."""
        timeouts = request.extensions.get("timeout", {})
        connection = self._connect(request.url, timeouts.get("connect"))
        try:
            with _as_httpx2(request):
                connection.sock.settimeout(timeouts.get("read"))
                connection.putrequest(
                    request.method, request.url.raw_path.decode("ascii"), skip_host=True, skip_accept_encoding=True
                )
                for name, value in request.headers.multi_items():
                    connection.putheader(name, "identity" if name == "accept-encoding" else value)
                connection.endheaders(request.read())
                body = Body(connection, request)
        except BaseException:
            connection.close()
            raise
        return httpx2.Response(
            body.answer.status, headers=body.answer.getheaders(), stream=body, extensions={"body": body}
        )

    def _connect(self, url: httpx2.URL, seconds: float | None) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection
        if url.scheme == "https":
            connection = http.client.HTTPSConnection(url.host, url.port, timeout=seconds, context=self._tls)
        else:
            connection = http.client.HTTPConnection(url.host, url.port, timeout=seconds)
        try:
            connection.connect()
        except TimeoutError as error:
            raise httpx2.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from error
        return connection


class Body(httpx2.SyncByteStream):
    """The body of an answer whose head has come: iterate it, or take its socket over."""

    def __init__(self, connection: http.client.HTTPConnection, request: httpx2.Request) -> None:
        self._connection = connection
        self._request = request
        self._socket: socket.socket = connection.sock  # the connection forgets it where none may follow on it
        self.answer = connection.getresponse()

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx2(self._request):
            while part := self.answer.read1(65536):
                yield part

    def taken_over(self) -> tuple[socket.socket, bytes] | None:
        """The socket, which waits for nothing from now on, and what has been read of the body, framing and all; None
        for a body that is not chunked or is encoded. It stays open until the body is closed."""
        if not self.answer.chunked or self.answer.getheader("content-encoding"):
            return None
        self._socket.setblocking(False)
        try:
            return self._socket, self.answer.fp.peek()
        except ssl.SSLWantReadError:
            return self._socket, b""

    def close(self) -> None:
        """End the connection, whatever is still on its way."""
        self.answer.close()
        self._connection.close()


@contextmanager
def _as_httpx2(request: httpx2.Request) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise httpx2.ReadTimeout(str(error), request=request) from error
    except (OSError, http.client.HTTPException) as error:
        raise httpx2.RemoteProtocolError(str(error), request=request) from error
