"""The one way out: every HTTP request to an address that somebody else gave us goes through a session made here."""

import ipaddress
import socket
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

USER_AGENT = "Coursewright (LTI 1.3 tool)"
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
BODY_SECONDS = 10.0  # for the whole body: a server that drips never meets the limit above, which is for each read
MAX_BODY_BYTES = 1_000_000


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


class _GuardedHttp(HTTPConnection):
    # The check is made on the socket that is really connected, before a byte is sent: a name that resolves
    # differently the second time (DNS rebinding) gains nothing.
    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn())


class _GuardedHttps(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn())


def _checked(connection: socket.socket) -> socket.socket:
    if is_private(connection.getpeername()[0]):
        connection.close()
        raise AddressForbidden("the address is a private one")
    return connection


class _GuardedHttpPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHttp


class _GuardedHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHttps


class _BoundedAdapter(HTTPAdapter):
    """Time limits on every request, a size limit on every answer, and (if guarded) public addresses only."""

    def __init__(self, *, guarded: bool) -> None:
        self._guarded = guarded
        super().__init__(pool_maxsize=32)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        if self._guarded:
            self.poolmanager.pool_classes_by_scheme = {"http": _GuardedHttpPool, "https": _GuardedHttpsPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or (CONNECT_SECONDS, READ_SECONDS)
        kwargs["stream"] = True
        try:
            response = super().send(request, *args, **kwargs)
        except requests.exceptions.ConnectionError as error:
            if forbidden := _forbidden(error):  # urllib3 takes ours for a broken connection and wraps it
                raise forbidden from None
            raise
        try:
            response._content = _read_body(response, request)
        except HTTPError as error:  # urllib3's own: `read1` is below the layer that would translate it
            raise requests.exceptions.ConnectionError(error, request=request) from error
        finally:
            response.close()
        return response


def _forbidden(error: BaseException | None) -> AddressForbidden | None:
    while error is not None and not isinstance(error, AddressForbidden):
        error = error.__context__
    return error


def _read_body(response: requests.Response, request: requests.PreparedRequest) -> bytes:
    deadline = time.monotonic() + BODY_SECONDS
    body = bytearray()
    while chunk := response.raw.read1(65_536, decode_content=True):  # what is there, without waiting for more
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge(f"more than {MAX_BODY_BYTES} bytes", request=request)
        if time.monotonic() > deadline:
            raise requests.exceptions.ReadTimeout(f"more than {BODY_SECONDS} s", request=request)
    return bytes(body)


class _Session(requests.Session):
    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["allow_redirects"] = False  # a redirect is an answer like any other; nobody follows it unseen
        return super().request(*args, **kwargs)


def make_session(*, allow_private: bool) -> requests.Session:
    """A session with our limits: no redirects, 5 s to connect, 10 s between bytes, 10 s and 1 MB a body, our own name.

    Raises, besides what requests raises, `AddressForbidden` and `BodyTooLarge`.
    """
    session = _Session()
    session.trust_env = False  # no proxies or .netrc of the machine's
    session.headers["User-Agent"] = USER_AGENT
    for scheme in ("http://", "https://"):
        session.mount(scheme, _BoundedAdapter(guarded=not allow_private))
    return session
