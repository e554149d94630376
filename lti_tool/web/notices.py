"""Where platforms send notices: no browser, no person, only what they have signed."""

import logging

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from config.task_queue import TEND_NOTICES
from lti_tool.notices.receiving import Unreadable, receive, tokens_of
from lti_tool.notices.tending import HANDLER_PATH
from lti_tool.web.current import services
from lti_tool.web.guards import public

log = logging.getLogger(__name__)
blueprint = Blueprint("notices", __name__)


@blueprint.post(HANDLER_PATH)
@public
def take() -> ResponseReturnValue:
    """Notices (Platform Notification Service §4), answered as soon as they are stored.

    200 if all were good, whether or not they were news; 400 if one was not, although the others are stored.
    """
    try:
        tokens = tokens_of(request.get_data())
    except Unreadable as error:
        log.warning("notices not readable", extra={"cause": str(error)})
        return jsonify(error=str(error)), 400
    received = receive(services().database, services().http, tokens)
    if received.stored:
        services().nudger.nudge(TEND_NOTICES)
    causes = [str(cause) for cause in received.refused]
    return jsonify(received=received.good, refused=causes), 400 if causes else 200
