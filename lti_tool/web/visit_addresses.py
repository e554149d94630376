"""How a visit stands in its addresses: by the learner's key, and in a frame that keeps no cookie with its token."""

from flask import request

from lti_tool.web import cookies

_MARK = "~"  # stands in no id and no token, and needs no escape in an address


def with_token(learner_key: str, token: str) -> str:
    """The learner's part of an address; `token` is '' where the cookie has it."""
    return f"{learner_key}{_MARK}{token}" if token else learner_key


def learner_and_token(in_address: str) -> tuple[str, str]:
    """The learner's key, and the token that opens the visit: the address's or the cookie's, '' if there is none.

    An address's own token counts only where no page but ours led to it: somebody else's page could carry the token of
    a visit of theirs, and have our visitor work as them.
    """
    learner_key, mark, token = in_address.partition(_MARK)
    if not mark:
        return learner_key, request.cookies.get(cookies.SESSION, "")
    return learner_key, token if request.headers.get("Sec-Fetch-Site") in {"same-origin", "none"} else ""
