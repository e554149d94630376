"""Lists that a platform's service gives page by page (AGS §3.2.2, NRPS §2.4.1), read to an end that is ours to set."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from typing import Any
from urllib.parse import urljoin

from lti_tool.addresses import is_on_origin_of
from lti_tool.ags import Connector, ServiceFailed

MOST_PAGES = 200
MOST_BYTES = 20_000_000
LONGEST_SECONDS = 60.0
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,<]*\brel\s*=\s*"?next"?', re.IGNORECASE)


def pages(connector: Connector, url: str, scope: str, accept: str) -> Iterator[Any]:
    """The JSON of each page, first to last. Raises `ServiceFailed`, also when there is no end to them.

    The bearer token goes to the host of `url` and nowhere else, wherever a page says that the list goes on.
    """
    first, seen, size, ends_at = url, {url}, 0, time.monotonic() + LONGEST_SECONDS
    while True:
        response = connector.call("GET", url, scope, {"Accept": accept})
        size += len(response.content)
        try:
            yield response.json()
        except (ValueError, RecursionError) as error:
            raise ServiceFailed("list_unreadable", retryable=False) from error
        following = next_address(response.headers.get("Link", ""))
        if following is None:
            return
        with suppress(ValueError):  # of a bracket left open; it is no address then, and refused below
            following = urljoin(url, following)  # RFC 8288 §3.1 allows a relative one
        if not is_on_origin_of(following, first):
            raise ServiceFailed("list_goes_elsewhere", retryable=False)
        if following in seen or len(seen) >= MOST_PAGES or size > MOST_BYTES or time.monotonic() > ends_at:
            raise ServiceFailed("list_without_end", retryable=False)
        seen.add(following)
        url = following


def next_address(link: str) -> str | None:
    """The address of the next page in a Link header (RFC 8288), None if there is none.

    Moodle's line items have typographic quotes in theirs, in UTF-8 that reads as Latin-1, and an address escaped for
    HTML.
    """
    with suppress(UnicodeError):  # it was Latin-1, or is text already
        link = link.encode("latin-1").decode()
    match = _NEXT.search(re.sub("[“”]", '"', link))
    return unescape(match[1]) if match else None
