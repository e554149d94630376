"""Web addresses that others give us: which are usable, and which are our own."""

import re
from urllib.parse import SplitResult, urlsplit

MAX_LENGTH = 2000  # characters, as the columns that keep them
DEFAULT_PORTS = {"http": 80, "https": 443}
# `urlsplit` drops tabs and line ends in silence and leaves a backslash to the browser, which reads it as a slash.
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\\\ud800-\udfff]")


def split_web_address(url: object, *, longest: int = MAX_LENGTH) -> SplitResult | None:
    """The parts of an absolute http(s) address, or None. No credentials, spaces, control characters or backslashes."""
    if not isinstance(url, str) or not 0 < len(url) <= longest or _UNFIT.search(url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and "@" not in parts.netloc
        return parts if usable and parts.port != 0 else None
    except ValueError:  # a port that is no number, a bracket left open
        return None


def is_on_origin_of(url: object, own: str) -> bool:
    """Whether `url` is an absolute address with the scheme, host and port of `own`."""
    theirs, ours = split_web_address(url), split_web_address(own)
    return theirs is not None and ours is not None and _origin(theirs) == _origin(ours)


def origin_of(address: str | None) -> str | None:
    """Scheme, host and port of an absolute http(s) address, as CSP wants it; None of anything else.

    A host in letters beyond ASCII is named as browsers name it (IDNA): a header holds no others.
    """
    if not address:
        return None
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:  # UnicodeError, which is one, of a label that is no name
        return None
    if parts.scheme not in {"http", "https"} or not host or not all(c.isalnum() or c in ".-_[]:" for c in host):
        return None
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme]
