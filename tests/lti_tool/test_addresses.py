import pytest

from lti_tool.addresses import is_on_origin_of, origin_of, split_web_address

OWN = "https://tool.example"


@pytest.mark.parametrize(
    "url",
    ["https://tool.example", "https://TOOL.example/a?b#c", "https://tool.example:443/", "HTTPS://tool.example/x/../y"],
)
def test_addresses_of_our_own_are_known(url: str) -> None:
    assert is_on_origin_of(url, OWN)


@pytest.mark.parametrize(
    "url",
    [
        "http://tool.example/", "https://tool.example:8443/", "https://tool.example.evil.example/", "//tool.example/",
        "https://tool.example@evil.example/", "https://evil.example\\@tool.example/", "https://tool.example\\.evil/",
        "https://user:word@tool.example/", "https:/tool.example", "https:tool.example", "/lti/items", "",
        "javascript:alert(1)//tool.example", "data:text/html,x", " https://tool.example", "https://tool.example/\n",
        "https://tool\t.example/", "https://tool.example:x/", "https://[tool.example/", "https://tool.example:0/",
        "https://tool.example:99999/", "https://tool.example/\x00", "https://tool.example/\ud800",
        "https://tool.example/" + "x" * 2000, None, 5, ["https://tool.example/"],
    ],
)  # fmt: skip
def test_everything_else_is_not_ours(url: object) -> None:
    assert not is_on_origin_of(url, OWN)


def test_the_default_port_is_the_schemes() -> None:
    assert is_on_origin_of("http://localhost:80/x", "http://localhost")
    assert not is_on_origin_of("http://localhost/x", "http://localhost:5000")


def test_a_web_address_keeps_its_query() -> None:
    parts = split_web_address("https://lms.example/lineitem?type_id=7")
    assert parts is not None
    assert parts.query == "type_id=7"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://lms.example:8443/x?y", "https://lms.example:8443"),
        ("https://m\u00fcnchen.example/x", "https://xn--mnchen-3ya.example"),
        ("https://\u4f8b\u3048.example/x", "https://xn--r8jz45g.example"),
        ("http://[::1]:80/x", "http://[::1]:80"),
        ("https://a,b.example/", None),
        ("https://*/", None),
        ("https://a\u2028b.example/", None),
        ("https://" + "x" * 64 + ".example/", None),
    ],
)
def test_an_origin_is_what_a_header_can_hold(address: str, origin: str | None) -> None:
    assert origin_of(address) == origin
    assert origin is None or origin.isascii()
