"""Names and Role Provisioning Services 2.0: who is in a course."""

from typing import Any

from flask import Blueprint, Response, request

from lti_tool.practice_lms import course
from lti_tool.practice_lms.course import Person
from lti_tool.practice_lms.launches import MEMBERSHIP_SCOPE
from lti_tool.practice_lms.personality import Personality
from lti_tool.practice_lms.platform import current
from lti_tool.practice_lms.refusals import Refused
from lti_tool.practice_lms.tokens import require_scope
from lti_tool.practice_lms.wire import answer, check_accept, check_address, paged

blueprint = Blueprint("memberships", __name__, url_prefix="/lti/memberships")

CONTAINER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
NEXT = '<{url}>; rel="next"'


@blueprint.get("")
def memberships() -> Response:
    """The members of a course (NRPS 2.0 §2.2), maybe of one ``role`` only, and paged.

    The address of Moodle's next page forgets the role that was asked for.
    """
    require_scope(MEMBERSHIP_SCOPE)
    check_address()
    check_accept(CONTAINER_TYPE)
    settings, personality = current().settings, current().settings.personality
    with current().store.transaction() as db:
        of = course.find_course(db, request.args.get("course", "1"))
        if of is None:
            raise Refused(404, "not_found", "There is no such course.")
        everybody = course.people(db)
        if "rlid" in request.args and not course.link_exists(db, request.args["rlid"]):
            raise Refused(404, "not_found", "rlid is not a resource link of this course.")
    found = [_member(personality, one) for one in everybody]
    if role := request.args.get("role"):
        found = [one for one in found if role.rpartition("#")[2] in {name.rpartition("#")[2] for name in one["roles"]}]
    forgotten = ("role",) if personality.next_members_forget_role else ()
    page, headers = paged(
        found, settings.memberships_url(of.number), size=personality.members_a_page, next_link=NEXT, forgotten=forgotten
    )
    body = {
        "id": settings.memberships_url(of.number),
        "context": {"id": personality.context(of.number), "label": of.label, "title": of.title},
        "members": page,
    }
    return answer(body, CONTAINER_TYPE, headers=headers)


def _member(personality: Personality, person: Person) -> dict[str, Any]:
    return {
        "user_id": personality.sub(person.id),
        "status": "Active",
        "roles": list((personality.roster_roles or personality.roles)[person.role]),
        "name": person.name,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
    }
