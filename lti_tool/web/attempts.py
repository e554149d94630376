"""What the views of quizzes and labs share: the visitor's own attempts, begun and found, and where a form leads."""

from collections.abc import Collection

from flask import jsonify, redirect, request
from werkzeug import Response

from config.public_ids import is_public_id
from course.access import Access
from course.attempts import attempts_of, find_attempt, start_attempt
from course.items import Graded, ItemKind
from course.models import Attempt, Placement
from course.refusals import RoleChanged
from lti_tool.web.error_pages import PageRefused, wants_json
from lti_tool.web.guards import Visit


def begin_attempt(visit: Visit, home: Placement, item: Graded, access: Access) -> Attempt:
    """`course.attempts.start_attempt` for a visitor: an instructor's is a preview."""
    is_preview = visit.occupant.is_instructor
    return start_attempt(visit.session, home, visit.learner_id, item, is_preview=is_preview, access=access)


def attempts_at(visit: Visit, home: Placement, item_id: str) -> list[Attempt]:
    """The visitor's attempts at a placed item, oldest first; an instructor's are previews."""
    return attempts_of(visit.session, home, visit.learner_id, item_id, previews=visit.occupant.is_instructor)


def open_attempt(visit: Visit, home: Placement, item_id: str) -> Attempt | None:
    """The attempt the visitor is at work on."""
    return next((one for one in attempts_at(visit, home, item_id) if one.submitted_at is None), None)


def own_attempt(
    visit: Visit, key: str, kinds: Collection[ItemKind], *, for_change: bool = False
) -> tuple[Attempt, Placement]:
    """The visitor's own attempt at an item of these kinds, and the placement it was begun at, which may be another one
    of the same context; refused with a page of our own when there is none."""
    attempt = find_attempt(visit.session, key, visit.learner_id, for_change=for_change) if is_public_id(key) else None
    home = visit.session.get(Placement, attempt.placement_id) if attempt else None
    is_of_kind = attempt is not None and attempt.snapshot.body.get("kind") in kinds
    if attempt is None or home is None or not is_of_kind or home.context_key != visit.placement.context_key:
        raise PageRefused("no_such_attempt")
    if for_change and attempt.is_preview != visit.occupant.is_instructor:
        raise RoleChanged  # begun in another role: as a learner's it must not grow here, nor a preview become a grade
    return attempt, home


def go_to(location: str) -> Response:
    """Send a form's browser there, or tell a script to go."""
    return jsonify(location=location) if wants_json(request) else redirect(location, code=303)
