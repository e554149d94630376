"""The one way out: every HTTP request to an address that somebody else gave us goes through a session made here.

Whoever names the address may run the server behind it, and its name server too. So one deadline holds for the whole
request (name, connection, headers and body, however slowly they drip), the answer may be only so long, a redirect is
an answer and never followed, and a name that leads into a private network is not connected to at all.
"""

import http.client
import io
import ipaddress
import queue
import socket
import threading
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util.connection import create_connection

USER_AGENT = "Coursewright (LTI 1.3 tool)"
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0  # between two bytes
TOTAL_SECONDS = 15.0  # for everything: a server that drips never meets the limits above
MAX_BODY_BYTES = 1_000_000

_deadline: ContextVar[float] = ContextVar("deadline")  # of the request being made, by time.monotonic()


class AddressForbidden(requests.exceptions.ConnectionError):
    """The host answers at a private address, and `COURSEWRIGHT_ALLOW_PRIVATE_PLATFORMS` is off."""


class BodyTooLarge(requests.exceptions.RequestException):
    """The answer is longer than `MAX_BODY_BYTES`."""


def is_private(address: str) -> bool:
    """Whether an IP address lies outside the public internet (loopback, private, link-local, multicast …)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    real = mapped or ip
    return not real.is_global or real.is_multicast


def _seconds_left(most: float) -> float:
    left = min(most, _deadline.get() - time.monotonic())
    if left <= 0:
        raise TimeoutError(f"more than {TOTAL_SECONDS:g} s")
    return left


def _addresses_of(host: str, port: int) -> list[str]:
    """The IP addresses of a name, within our time: the system's resolver would wait for as long as it likes."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([str(one[4][0]) for one in found])
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True, name="look-up").start()
    try:
        answer = answers.get(timeout=_seconds_left(CONNECT_SECONDS))
    except queue.Empty:
        raise TimeoutError("the name took too long") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Until(io.RawIOBase):
    """What a socket says until the deadline: asked anew before each read, so that dripping bytes gain no time."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._pause = connection.gettimeout() or READ_SECONDS
        self._raw = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._connection.settimeout(_seconds_left(self._pause))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose status line, headers and body are all read against the deadline."""

    def __init__(self, connection: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(connection, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_Until(connection))


class _Http(HTTPConnection):
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        return _connect(self, guarded=False)


class _Https(HTTPSConnection):
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        return _connect(self, guarded=False)


class _GuardedHttp(_Http):
    def _new_conn(self) -> socket.socket:
        return _connect(self, guarded=True)


class _GuardedHttps(_Https):
    def _new_conn(self) -> socket.socket:
        return _connect(self, guarded=True)


def _connect(made_for: HTTPConnection, *, guarded: bool) -> socket.socket:
    """A connection to the first address of the host that answers, as urllib3 wants it made.

    The name is looked up once, all its addresses are judged, and these very addresses are connected to: a name that
    resolves differently the second time (DNS rebinding) gains nothing.
    """
    host = made_for.host
    try:
        addresses = _addresses_of(host, made_for.port or made_for.default_port)
    except socket.gaierror as error:
        raise NameResolutionError(host, made_for, error) from error
    except UnicodeError as error:  # a label of the name is empty or too long
        raise NewConnectionError(made_for, f"{host} can be no name of a host") from error
    except TimeoutError as error:
        raise ConnectTimeoutError(made_for, f"{host} could not be looked up in time") from error
    if guarded and any(is_private(address) for address in addresses):
        raise AddressForbidden("the address is a private one")
    problem: OSError = OSError("the name has no address")
    for address in addresses:
        try:
            return create_connection(
                (address, made_for.port or made_for.default_port),
                _seconds_left(CONNECT_SECONDS),
                socket_options=made_for.socket_options,
            )
        except OSError as error:
            problem = error
    if isinstance(problem, TimeoutError):
        raise ConnectTimeoutError(made_for, f"{host} did not answer in time") from problem
    raise NewConnectionError(made_for, f"no connection to {host}: {problem}") from problem


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _GuardedHttpPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHttp


class _GuardedHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHttps


class _BoundedAdapter(HTTPAdapter):
    """Time limits on every request, a size limit on every answer, and (if guarded) public addresses only."""

    def __init__(self, *, guarded: bool, ends_at: float | None) -> None:
        self._guarded = guarded
        self._ends_at = ends_at
        super().__init__(pool_maxsize=32)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = (
            {"http": _GuardedHttpPool, "https": _GuardedHttpsPool}
            if self._guarded
            else {"http": _HttpPool, "https": _HttpsPool}
        )

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or (CONNECT_SECONDS, READ_SECONDS)
        kwargs["stream"] = True
        latest = time.monotonic() + TOTAL_SECONDS
        own = _deadline.set(latest if self._ends_at is None else min(latest, self._ends_at))
        try:
            response = super().send(request, *args, **kwargs)
            response._content = _read_body(response, request)
        except requests.exceptions.ConnectionError as error:
            if forbidden := _forbidden(error):  # urllib3 takes ours for a broken connection and wraps it
                raise forbidden from None
            raise
        finally:
            _deadline.reset(own)
        return response


def _forbidden(error: BaseException | None) -> AddressForbidden | None:
    while error is not None and not isinstance(error, AddressForbidden):
        error = error.__context__
    return error


def _read_body(response: requests.Response, request: requests.PreparedRequest) -> bytes:
    body = bytearray()
    try:
        while chunk := response.raw.read1(65_536, decode_content=True):  # what is there, without waiting for more
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise BodyTooLarge(f"more than {MAX_BODY_BYTES} bytes", request=request)
    except ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout(error, request=request) from error
    except HTTPError as error:  # urllib3's own: `read1` is below the layer that would translate it
        raise requests.exceptions.ConnectionError(error, request=request) from error
    finally:
        response.close()
    return bytes(body)


class _Session(requests.Session):
    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["allow_redirects"] = False  # a redirect is an answer like any other; nobody follows it unseen
        return super().request(*args, **kwargs)


def make_session(*, allow_private: bool, ca_file: Path | None = None, ends_at: float | None = None) -> requests.Session:
    """A session with our limits: no redirects, 5 s to connect, 10 s between bytes, 15 s and 1 MB in all, our own name.

    `ca_file` holds the authorities whose certificates are believed, in place of the usual ones.
    `ends_at` (by time.monotonic()): when all its requests together must have ended.
    Raises, besides what requests raises, `AddressForbidden` and `BodyTooLarge`.
    """
    session = _Session()
    session.trust_env = False  # no proxies or .netrc of the machine's
    session.verify = str(ca_file) if ca_file else True
    session.headers["User-Agent"] = USER_AGENT
    for scheme in ("http://", "https://"):
        session.mount(scheme, _BoundedAdapter(guarded=not allow_private, ends_at=ends_at))
    return session
