"""What all services share: addresses and media types as strictly as the personality has it, JSON bodies, pages."""

import json
from collections.abc import Sequence
from html import escape
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, request

from lti_tool.practice_lms.platform import current
from lti_tool.practice_lms.refusals import Refused

One = TypeVar("One")


def check_address() -> None:
    """The query is part of a service address (RFC 3986 §3.4), so an address without it is another one."""
    settings = current().settings
    if settings.personality.addresses_have_query and request.args.get("type_id") != settings.deployment_id:
        raise Refused(404, "not_found", "The query of the service URL (type_id) is missing or wrong.")


def check_accept(media_type: str, *, anything: bool = True) -> None:
    """Accept must be this one media type, or "anything" where Moodle takes that."""
    accept = request.headers.get("Accept", "*/*")
    is_wrong = accept != media_type and not (anything and accept == "*/*")
    if is_wrong and current().settings.personality.exact_media_types:
        raise Refused(400, "unsupported_media_type", f"The Accept header must be {media_type}.")


def json_body(media_type: str) -> Any:
    """The body of this media type, read. Raises Refused (400)."""
    is_wrong = request.headers.get("Content-Type", "").partition(";")[0].strip() != media_type
    if is_wrong and current().settings.personality.exact_media_types:
        raise Refused(400, "unsupported_media_type", f"The Content-Type header must be {media_type}.")
    try:
        body = json.loads(request.get_data())
        # JSON can hold half a surrogate pair ("\ud800"), which is no text and cannot be stored.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused(400, "invalid_json", "The body is not JSON in UTF-8.") from error
    return body


def paged(
    found: Sequence[One], url: str, *, size: int | None, next_link: str, forgotten: Sequence[str] = ()
) -> tuple[Sequence[One], dict[str, str]]:
    """One page of what was found, and the Link header to the next. `size`: the page's when no ``limit`` is given;
    `forgotten`: parameters that the next page's address has no more."""
    limit, start = _whole_number("limit", least=1) or size, _whole_number("from", least=0) or 0
    if limit is None:
        return found[start:], {}
    if start + limit >= len(found):
        return found[start : start + limit], {}
    kept = {name: value for name, value in request.args.items() if name not in forgotten}
    following = f"{url.partition('?')[0]}?{urlencode({**kept, 'from': str(start + limit), 'limit': str(limit)})}"
    header = next_link.format(url=following, html_url=escape(following))
    # Header bytes are written as Latin-1: this way UTF-8 arrives, as Moodle sends it.
    return found[start : start + limit], {"Link": header.encode().decode("latin-1")}


def _whole_number(name: str, *, least: int) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < least:
        raise Refused(400, "invalid_request", f"{name} must be a whole number of at least {least}.")
    return int(text)


def answer(body: Any, media_type: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A service's answer in JSON under its own media type."""
    return Response(json.dumps(body), status=status, content_type=media_type, headers=headers)
