"""Whether the process is up, and whether it can do its work."""

import logging

from flask import Blueprint, jsonify
from werkzeug import Response

from lti_tool.readiness import faults
from lti_tool.web.current import services
from lti_tool.web.guards import public

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify(status="up")


@blueprint.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """Whether database, migrations, broker and content are as they must be; 503 names what is not."""
    found = faults(services().settings, services().database, services().catalog)
    amiss = [name for name, fault in found.items() if fault is not None]
    answer = {name: fault or "ok" for name, fault in found.items()}
    if amiss:
        log.warning("not ready", extra={"cause": ",".join(amiss)})
    return jsonify(status="not ready" if amiss else "ready", checks=answer), 503 if amiss else 200
