"""One thread reads for all streams; each ends by itself, and none by another's fault."""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from course.language_model.arrivals import Arrivals, StreamLost
from course.language_model.transport import Body, StreamTransport

Pair = tuple[socket.socket, socket.socket]
LONG = 30.0


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def follow(arrivals: Arrivals, ours: socket.socket, last: bytes, **limits: float) -> bytes:
    """What arrives until the last bytes are `last`."""
    found = b""

    def take(part: bytes) -> bool:
        nonlocal found
        found += part
        return found.endswith(last)

    arrivals.follow(ours, take, **{"silence": LONG, "deadline": time.monotonic() + LONG, **limits})
    return found


def test_a_stream_that_breaks_or_falls_silent_disturbs_no_other(pair: Pair) -> None:
    ours, theirs = pair
    arrivals, found = Arrivals(), []
    other = threading.Thread(target=lambda: found.append(follow(arrivals, ours, b"end")))
    other.start()
    theirs.send(b"begin ")
    broken, gone = socket.socketpair()
    with broken:
        broken.setblocking(False)
        gone.close()
        with pytest.raises(StreamLost, match="connection_lost"):
            follow(arrivals, broken, b"end")
    with pytest.raises(StreamLost, match="connection_lost"):
        follow(arrivals, broken, b"end")  # closed before it could be read
    silent, still_there = socket.socketpair()
    with silent, still_there:
        silent.setblocking(False)
        with pytest.raises(StreamLost, match="read_timeout"):
            follow(arrivals, silent, b"end", silence=0.05)
        with pytest.raises(StreamLost, match="too_slow"):
            follow(arrivals, silent, b"end", deadline=time.monotonic() + 0.05)
    theirs.send(b"end")
    other.join(LONG)
    assert found == [b"begin end"]


def test_what_goes_wrong_with_the_taking_goes_to_the_one_who_takes(pair: Pair) -> None:
    ours, theirs = pair
    theirs.send(b"anything")

    def take(_: bytes) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Arrivals().follow(ours, take, silence=LONG, deadline=time.monotonic() + LONG)


@contextmanager
def answering(tls: ssl.SSLContext, *parts: bytes) -> Iterator[str]:
    """A server that sends these parts, each in a record of its own, to whoever asks."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with tls.wrap_socket(listening.accept()[0], server_side=True) as connection:
                asked = b""
                while not asked.endswith(b"{}"):  # all of it, or closing would take back what has been sent
                    asked += connection.recv(65536)
                for part in parts:
                    connection.sendall(part)
                connection.recv(1)  # until the other side has closed

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join(LONG)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS, whose certificate is trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_stream_over_tls_is_read_to_its_end(tls: ssl.SSLContext) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    # The first record holds more than is read at once: the rest of it is deciphered already when we take over.
    parts = [b"3000\r\n" + b"x" * 0x3000 + b"\r\n", b"3\r\n we\r\n", b"4\r\n are\r\n", b"0\r\n\r\n"]
    with (
        answering(tls, head + parts[0], *parts[1:]) as url,
        httpx2.Client(transport=StreamTransport()) as client,
        client.stream("POST", url, content=b"{}") as answer,
    ):
        body = answer.extensions["body"]
        assert isinstance(body, Body)
        taken_over = body.taken_over()
        assert taken_over
        connection, begun = taken_over
        if not begun.endswith(parts[-1]):
            begun += follow(Arrivals(), connection, parts[-1])
        assert begun == b"".join(parts)
