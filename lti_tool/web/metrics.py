"""`GET /metrics`: what has been counted and how things stand, for Prometheus. It is not open to the world."""

from flask import Blueprint, request
from werkzeug import Response

from config import metrics
from lti_tool.web.current import services
from lti_tool.web.guards import public

blueprint = Blueprint("metrics", __name__)

LOOPBACK = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
OF_PROXIES = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
SHUT = "Metrics are shut: set COURSEWRIGHT_METRICS_TOKEN, and send it as a bearer token.\n"


@blueprint.get("/metrics")
@public  # to whoever shows the token; without one, on a laptop, to that laptop
def show() -> Response:
    """Prometheus's text format 0.0.4."""
    token = services().settings.metrics_token
    if token:
        if not metrics.shows_token(request.headers.get("Authorization", ""), token):
            return _plain("", 401, {"WWW-Authenticate": "Bearer"})
    elif services().settings.is_production or not _is_from_here():
        return _plain(SHUT, 403)
    return Response(metrics.exposition(services().measures.readings()), content_type=metrics.CONTENT_TYPE)


def _is_from_here() -> bool:
    # Behind a proxy everything comes from the loopback, and what its headers say may come from anywhere.
    return request.remote_addr in LOOPBACK and not any(name in request.headers for name in OF_PROXIES)


def _plain(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(text, status, headers, content_type="text/plain; charset=utf-8")
