"""How the services say no: one exception, one JSON shape."""

from flask import Response, jsonify


class Refused(Exception):
    """A request to a service endpoint is refused.

    ``code`` is the OAuth word (RFC 6749 §5.2, RFC 6750 §3.1) or, for AGS calls, one of
    our own in the same style. ``headers`` go out with the answer.
    """

    def __init__(self, status: int, code: str, description: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description
        self.headers = headers or {}


def refusal_response(refused: Refused) -> Response:
    """The JSON of RFC 6749 §5.2, used for every service so that a tool has one shape to read."""
    response = jsonify(error=refused.code, error_description=refused.description)
    response.status_code = refused.status
    response.headers.extend(refused.headers)
    response.headers["Cache-Control"] = "no-store"
    return response
