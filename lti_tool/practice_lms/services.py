"""Assignment and Grade Services 2.0: line items, scores and results.

Media types are demanded exactly as Moodle does, and every address carries ``?type_id=``:
a tool that adds "/scores" to the end of the text, or drops the query, finds nothing here.
"""

import json
import sqlite3
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from lti_tool.practice_lms import course, grades, line_items
from lti_tool.practice_lms.launches import (
    LINE_ITEM_READONLY_SCOPE,
    LINE_ITEM_SCOPE,
    RESULT_SCOPE,
    SCORE_SCOPE,
)
from lti_tool.practice_lms.line_items import LineItem, LineItemFields
from lti_tool.practice_lms.platform import current
from lti_tool.practice_lms.refusals import Refused
from lti_tool.practice_lms.settings import Settings
from lti_tool.practice_lms.tokens import require_scope

blueprint = Blueprint("services", __name__, url_prefix="/lti/lineitems")

CONTAINER_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"


@blueprint.get("")
def list_line_items() -> Response:
    """The container (AGS 2.0 §3.2.1), filtered, and paged when ``limit`` is given."""
    require_scope(LINE_ITEM_SCOPE, LINE_ITEM_READONLY_SCOPE)
    _check_address()
    _check_accept(CONTAINER_TYPE, anything=False)
    asked = request.args
    filters = line_items.Filters(asked.get("resource_link_id"), asked.get("resource_id"), asked.get("tag"))
    limit, start = _whole_number("limit", least=1), _whole_number("from", least=0) or 0
    platform = current()
    with platform.store.transaction() as db:
        found = line_items.find_line_items(db, filters)
    page = found[start:] if limit is None else found[start : start + limit]
    response = _answer([_line_item_json(platform.settings, item) for item in page], CONTAINER_TYPE)
    if limit is not None and start + limit < len(found):
        response.headers["Link"] = f'<{_next_url(platform.settings, start + limit)}>; rel="next"'
    return response


@blueprint.post("")
def add_line_item() -> Response:
    """Make a column (AGS 2.0 §3.2.4)."""
    require_scope(LINE_ITEM_SCOPE)
    _check_address()
    fields = line_items.read_fields(_json_body(LINE_ITEM_TYPE))
    platform = current()
    with platform.store.transaction() as db:
        _check_link(db, fields)
        item = line_items.add_line_item(db, fields)
    response = _answer(_line_item_json(platform.settings, item), LINE_ITEM_TYPE, status=201)
    response.headers["Location"] = platform.settings.line_item_url(item.id)
    return response


@blueprint.get("/<int:line_item_id>")
def show_line_item(line_item_id: int) -> Response:
    """One column (AGS 2.0 §3.2.2)."""
    require_scope(LINE_ITEM_SCOPE, LINE_ITEM_READONLY_SCOPE)
    _check_address()
    _check_accept(LINE_ITEM_TYPE)
    platform = current()
    with platform.store.transaction() as db:
        item = _find(db, line_item_id)
    return _answer(_line_item_json(platform.settings, item), LINE_ITEM_TYPE)


@blueprint.put("/<int:line_item_id>")
def replace_line_item(line_item_id: int) -> Response:
    """Replace a column whole: what is left out becomes empty, as in Moodle (AGS 2.0 §3.2.6)."""
    require_scope(LINE_ITEM_SCOPE)
    _check_address()
    fields = line_items.read_fields(_json_body(LINE_ITEM_TYPE))
    platform = current()
    with platform.store.transaction() as db:
        _find(db, line_item_id)
        _check_link(db, fields)
        item = line_items.replace_line_item(db, line_item_id, fields)
    return _answer(_line_item_json(platform.settings, item), LINE_ITEM_TYPE)


@blueprint.delete("/<int:line_item_id>")
def delete_line_item(line_item_id: int) -> Response:
    """Remove a column with its grades, the activity's own too, as in Moodle (AGS 2.0 §3.2.5)."""
    require_scope(LINE_ITEM_SCOPE)
    _check_address()
    with current().store.transaction() as db:
        _find(db, line_item_id)
        line_items.delete_line_item(db, line_item_id)
    return Response(status=204)


@blueprint.post("/<int:line_item_id>/scores")
def post_score(line_item_id: int) -> Response:
    """Take a score (AGS 2.0 §3.4). The answer to a good one is 200 with an empty body."""
    require_scope(SCORE_SCOPE)
    _check_address()
    score = grades.read_score(_json_body(SCORE_TYPE))
    platform = current()
    with platform.store.transaction() as db:
        personality = platform.settings.personality
        grades.record_score(db, personality, _find(db, line_item_id), score, platform.clock())
    return Response(status=200, content_type=SCORE_TYPE)


@blueprint.get("/<int:line_item_id>/results")
def list_results(line_item_id: int) -> Response:
    """The results of a column (AGS 2.0 §3.3). An empty grade has no resultScore; a 0 has."""
    require_scope(RESULT_SCOPE)
    _check_address()
    _check_accept(RESULTS_TYPE)
    settings, wanted = current().settings, request.args.get("user_id")
    with current().store.transaction() as db:
        item = _find(db, line_item_id)
        found = grades.grades_of(db, item)
    results = [_result_json(settings, item, grade) for grade in found]
    return _answer([one for one in results if wanted in (None, one["userId"])], RESULTS_TYPE)


def _find(db: sqlite3.Connection, line_item_id: int) -> LineItem:
    item = line_items.find_line_item(db, line_item_id)
    if item is None:
        raise Refused(404, "not_found", "There is no such line item.")
    return item


def _check_address() -> None:
    """The query is part of a service address (RFC 3986 §3.4), so an address without it is another one."""
    if request.args.get("type_id") != current().settings.deployment_id:
        raise Refused(404, "not_found", "The query of the service URL (type_id) is missing or wrong.")


def _check_accept(media_type: str, *, anything: bool = True) -> None:
    """Accept must be this one media type, or "anything" where Moodle takes that."""
    accept = request.headers.get("Accept", "*/*")
    if accept != media_type and not (anything and accept == "*/*"):
        raise Refused(400, "unsupported_media_type", f"The Accept header must be {media_type}.")


def _json_body(media_type: str) -> Any:
    if request.headers.get("Content-Type", "").partition(";")[0].strip() != media_type:
        raise Refused(400, "unsupported_media_type", f"The Content-Type header must be {media_type}.")
    try:
        body = json.loads(request.get_data())
        # JSON can hold half a surrogate pair ("\ud800"), which is no text and cannot be stored.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused(400, "invalid_json", "The body is not JSON in UTF-8.") from error
    return body


def _check_link(db: sqlite3.Connection, fields: LineItemFields) -> None:
    if fields.resource_link_id is not None and not course.link_exists(db, fields.resource_link_id):
        raise Refused(403, "unknown_resource_link", "resourceLinkId is not a resource link of this course.")


def _whole_number(name: str, *, least: int) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < least:
        raise Refused(400, "invalid_request", f"{name} must be a whole number of at least {least}.")
    return int(text)


def _next_url(settings: Settings, start: int) -> str:
    query = {**request.args.to_dict(), "from": str(start)}
    return f"{settings.line_items_url.partition('?')[0]}?{urlencode(query)}"


def _line_item_json(settings: Settings, item: LineItem) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": settings.line_item_url(item.id),
        "label": item.label,
        "scoreMaximum": item.score_maximum,
        "resourceId": item.resource_id,
        "tag": item.tag,
    }
    if item.resource_link_id is not None:
        body["resourceLinkId"] = item.resource_link_id
    return body


def _result_json(settings: Settings, item: LineItem, grade: grades.Grade) -> dict[str, Any]:
    user_id = settings.personality.sub(grade.user_id)
    body: dict[str, Any] = {
        "id": f"{settings.line_item_url(item.id, '/results')}&{urlencode({'user_id': user_id})}",
        "scoreOf": settings.line_item_url(item.id),
        "userId": user_id,
        "resultMaximum": item.score_maximum,
    }
    if grade.result_score is not None:
        body["resultScore"] = grade.result_score
    if grade.comment:
        body["comment"] = grade.comment
    return body


def _answer(body: Any, media_type: str, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type=media_type)
