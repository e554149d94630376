"""The one way out: bounded, never redirected, and public addresses only unless told otherwise."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from config import outbound
from config.outbound import AddressForbidden, BodyTooLarge, is_private, make_session

DRIPS = {
    "/drips-status": (b"", b"H"),
    "/drips-headers": (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
    "/drips-continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "/drips-body": (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x"),
    "/drips-chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}  # how an answer begins, and what then comes bit by bit without an end


class _Handler(BaseHTTPRequestHandler):
    stopped = threading.Event()

    def do_GET(self) -> None:
        if self.path in DRIPS:
            self._drip(*DRIPS[self.path])
            return
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/plain")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"x" * (outbound.MAX_BODY_BYTES + 1) if self.path == "/huge" else self.headers["User-Agent"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, beginning: bytes, drop: bytes) -> None:
        self.close_connection = True
        with suppress(OSError):  # the other side has hung up, as it should
            self.wfile.write(beginning)
            while not self.stopped.wait(0.02):
                self.wfile.write(drop)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    _Handler.stopped.set()
    made.shutdown()
    thread.join()
    made.server_close()


def test_an_allowed_address_is_asked_under_our_name(server: str) -> None:
    assert make_session(allow_private=True).get(server).text == outbound.USER_AGENT


def test_a_private_address_is_refused_before_anything_is_sent(server: str) -> None:
    with pytest.raises(AddressForbidden):
        make_session(allow_private=False).get(server)


def test_a_name_that_leads_to_a_private_address_is_refused_as_well(server: str) -> None:
    with pytest.raises(AddressForbidden):
        make_session(allow_private=False).get(server.replace("127.0.0.1", "localhost"))


@pytest.mark.parametrize("path", DRIPS)
def test_an_answer_that_drips_without_an_end_is_given_up_at_the_deadline(
    path: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(requests.Timeout):
        make_session(allow_private=True).get(server + path)
    assert time.monotonic() - began < 5


def test_all_requests_of_a_session_end_when_it_does(server: str) -> None:
    began = time.monotonic()
    session = make_session(allow_private=True, ends_at=began + 0.2)
    for _ in range(2):
        with pytest.raises(requests.Timeout):
            session.get(server + "/drips-body")
    assert time.monotonic() - began < 5


def test_a_name_that_nobody_resolves_is_given_up_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(10) and [])
    with pytest.raises(requests.ConnectTimeout):
        make_session(allow_private=True).get("http://slow.example.org/")
    answered.set()


def _resolving(*addresses: str) -> Callable[..., list[tuple[object, ...]]]:
    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        answer = addresses if host == "lms.example.org" else (host,)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in answer]

    return getaddrinfo


def test_one_private_address_among_those_of_a_name_is_enough_to_refuse_it(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _resolving("93.184.215.14", "127.0.0.1"))
    with pytest.raises(AddressForbidden):
        make_session(allow_private=False).get(server.replace("127.0.0.1", "lms.example.org"))


def test_the_next_address_of_a_name_is_tried_when_one_does_not_answer(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _resolving("127.0.0.2", "127.0.0.1"))
    answer = make_session(allow_private=True).get(server.replace("127.0.0.1", "lms.example.org"))
    assert answer.text == outbound.USER_AGENT


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a" * 70 + ".example", "a..b.example"])
def test_an_impossible_name_is_a_requests_error(name: str) -> None:
    with pytest.raises(requests.RequestException):
        make_session(allow_private=True).get(f"http://{name}/")


def test_a_redirect_is_an_answer_and_is_not_followed(server: str) -> None:
    assert make_session(allow_private=True).get(f"{server}/redirect").status_code == 302


def test_an_answer_that_is_too_long_is_cut_off(server: str) -> None:
    with pytest.raises(BodyTooLarge):
        make_session(allow_private=True).get(f"{server}/huge")


def test_a_closed_port_is_a_requests_error() -> None:
    with pytest.raises(requests.ConnectionError):
        make_session(allow_private=True).get("http://127.0.0.1:1/")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.20.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1%eth0",
     "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "100.64.0.1", "224.0.0.1"],
)  # fmt: skip
def test_addresses_that_are_not_public_are_private(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_public_addresses_are_not_private(address: str) -> None:
    assert not is_private(address)


@given(st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="127.0.0.0/8"))
def test_no_address_of_a_private_network_passes(address: object) -> None:
    assert is_private(str(address))
    assert is_private(f"::ffff:{address}")


def test_a_certificate_of_an_authority_of_ones_own_is_believed_where_it_is_named(tmp_path: Path) -> None:
    authority = self_signed_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"https://127.0.0.1:{server.server_port}/plain"
        assert make_session(allow_private=True, ca_file=authority).get(address).ok
        with pytest.raises(requests.exceptions.SSLError):
            make_session(allow_private=True).get(address)
        server.shutdown()


def self_signed_certificate(folder: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that nobody else vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A school")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "authority.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file
