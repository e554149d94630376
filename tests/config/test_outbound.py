"""The one way out: bounded, never redirected, and public addresses only unless told otherwise."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from config import outbound
from config.outbound import AddressForbidden, BodyTooLarge, is_private, make_session


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
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

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
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
