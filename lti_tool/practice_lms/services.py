"""Assignment and Grade Services 2.0: line items, scores and results.

Mostly media types are demanded exactly as Moodle does, and every address carries ``?type_id=``:
a tool that adds "/scores" to the end of the text, or drops the query, finds nothing here.
"""

import sqlite3
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from lti_tool.practice_lms import course, grades, line_items
from lti_tool.practice_lms.course import LmsCourse
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
from lti_tool.practice_lms.wire import answer, check_accept, check_address, json_body, paged

blueprint = Blueprint("services", __name__, url_prefix="/lti/lineitems")

CONTAINER_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"


@blueprint.get("")
def list_line_items() -> Response:
    """The container (AGS 2.0 §3.2.1), filtered, and paged when ``limit`` is given."""
    require_scope(LINE_ITEM_SCOPE, LINE_ITEM_READONLY_SCOPE)
    check_address()
    check_accept(CONTAINER_TYPE, anything=False)
    asked = request.args
    number = _course().number
    filters = line_items.Filters(asked.get("resource_link_id"), asked.get("resource_id"), asked.get("tag"), number)
    settings, personality = current().settings, current().settings.personality
    with current().store.transaction() as db:
        found = line_items.find_line_items(db, filters)
    page, headers = paged(
        found, settings.container_url(number), size=personality.page_size, next_link=personality.next_link
    )
    return answer([_line_item_json(settings, item) for item in page], CONTAINER_TYPE, headers=headers)


def _course() -> LmsCourse:
    """The course whose container is asked for; the first, unless the address says more."""
    with current().store.transaction() as db:
        found = course.find_course(db, request.args.get("course", "1"))
    if found is None:
        raise Refused(404, "not_found", "There is no such course.")
    return found


@blueprint.post("")
def add_line_item() -> Response:
    """Make a column (AGS 2.0 §3.2.4)."""
    require_scope(LINE_ITEM_SCOPE)
    check_address()
    fields = line_items.read_fields(json_body(LINE_ITEM_TYPE))
    platform, number = current(), _course().number
    with platform.store.transaction() as db:
        _check_link(db, fields)
        item = line_items.add_line_item(db, fields, number)
    response = answer(_line_item_json(platform.settings, item), LINE_ITEM_TYPE, status=201)
    response.headers["Location"] = platform.settings.line_item_url(item.id)
    return response


@blueprint.get("/<int:line_item_id>")
@blueprint.get("/<int:line_item_id>/lineitem")
def show_line_item(line_item_id: int) -> Response:
    """One column (AGS 2.0 §3.2.2)."""
    require_scope(LINE_ITEM_SCOPE, LINE_ITEM_READONLY_SCOPE)
    check_address()
    check_accept(LINE_ITEM_TYPE)
    platform = current()
    with platform.store.transaction() as db:
        item = _find(db, line_item_id)
    return answer(_line_item_json(platform.settings, item), LINE_ITEM_TYPE)


@blueprint.put("/<int:line_item_id>")
@blueprint.put("/<int:line_item_id>/lineitem")
def replace_line_item(line_item_id: int) -> Response:
    """Replace a column (AGS 2.0 §3.2.6): what is left out becomes empty, as in Moodle, or stays, as in Canvas."""
    require_scope(LINE_ITEM_SCOPE)
    check_address()
    body = json_body(LINE_ITEM_TYPE)
    platform = current()
    with platform.store.transaction() as db:
        before = _find(db, line_item_id)
        if not platform.settings.personality.columns_are_replaced and isinstance(body, dict):
            body = {**_line_item_json(platform.settings, before), **body}
        fields = line_items.read_fields(body)
        _check_link(db, fields)
        item = line_items.replace_line_item(db, line_item_id, fields)
    return answer(_line_item_json(platform.settings, item), LINE_ITEM_TYPE)


@blueprint.delete("/<int:line_item_id>")
@blueprint.delete("/<int:line_item_id>/lineitem")
def delete_line_item(line_item_id: int) -> Response:
    """Remove a column with its grades (AGS 2.0 §3.2.5): also the activity's own in Moodle, never that in Canvas."""
    require_scope(LINE_ITEM_SCOPE)
    check_address()
    platform = current()
    with platform.store.transaction() as db:
        item = _find(db, line_item_id)
        if item.made_with_activity and platform.settings.personality.own_column_is_fixed:
            raise Refused(401, "unauthorized", "The column of an assignment goes with the assignment.")
        line_items.delete_line_item(db, line_item_id)
    return Response(status=204)


@blueprint.post("/<int:line_item_id>/scores")
@blueprint.post("/<int:line_item_id>/lineitem/scores")
def post_score(line_item_id: int) -> Response:
    """Take a score (AGS 2.0 §3.4). The answer to a good one is 200 with an empty body."""
    require_scope(SCORE_SCOPE)
    check_address()
    platform = current()
    score = grades.read_score(json_body(SCORE_TYPE), platform.settings.personality)
    with platform.store.transaction() as db:
        personality, item = platform.settings.personality, _find(db, line_item_id)
        if course.is_unpublished(db, item.resource_link_id):
            raise Refused(
                422, "unprocessable_entity", "The assignment cannot be graded. This assignment is still unpublished"
            )
        grades.record_score(db, personality, item, score, platform.clock())
    return Response(status=200, content_type=SCORE_TYPE)


@blueprint.get("/<int:line_item_id>/results")
@blueprint.get("/<int:line_item_id>/lineitem/results")
def list_results(line_item_id: int) -> Response:
    """The results of a column (AGS 2.0 §3.3). An empty grade has no resultScore; a 0 has."""
    require_scope(RESULT_SCOPE)
    check_address()
    check_accept(RESULTS_TYPE)
    settings, wanted = current().settings, request.args.get("user_id")
    personality = settings.personality
    if "limit" in request.args and not personality.results_take_limit:
        raise Refused(404, "not_found", "Call to a member function out() on null")
    with current().store.transaction() as db:
        item = _find(db, line_item_id)
        found = grades.grades_of(db, item)
    results = [_result_json(settings, item, grade) for grade in found]
    asked_for = [one for one in results if wanted in (None, one["userId"])]
    url = settings.line_item_url(item.id, "/results")
    page, headers = paged(asked_for, url, size=personality.page_size, next_link=personality.next_link)
    return answer(page, RESULTS_TYPE, headers=headers)


def _find(db: sqlite3.Connection, line_item_id: int) -> LineItem:
    item = line_items.find_line_item(db, line_item_id)
    if item is None:
        raise Refused(404, "not_found", "There is no such line item.")
    return item


def _check_link(db: sqlite3.Connection, fields: LineItemFields) -> None:
    if fields.resource_link_id is not None and not course.link_exists(db, fields.resource_link_id):
        status = current().settings.personality.unknown_link_status
        raise Refused(status, "unknown_resource_link", "resourceLinkId is not a resource link of this course.")


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
    user_id, url = settings.personality.sub(grade.user_id), settings.line_item_url(item.id, "/results")
    body: dict[str, Any] = {
        "id": f"{url}{'&' if '?' in url else '?'}{urlencode({'user_id': user_id})}",
        "scoreOf": settings.line_item_url(item.id),
        "userId": user_id,
        "resultMaximum": item.score_maximum,
    }
    if grade.result_score is not None:
        body["resultScore"] = grade.result_score
    if grade.comment:
        body["comment"] = grade.comment
    return body
