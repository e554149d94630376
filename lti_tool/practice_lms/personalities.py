"""Whom the practice LMS plays: itself, Moodle 4.5 or hosted Canvas, one object each.

What is told of Moodle was measured on 4.5.6, what is told of Canvas was read in its code.
"""

import hashlib
import re
import uuid
from collections.abc import Mapping
from typing import Any

from lti_tool.practice_lms.personality import Effect, Personality

MOODLE_MAXIMUM = 100  # points of a column, unless an admin has raised it

_VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2"
_MEMBERSHIP = f"{_VOCABULARY}/membership"
_INSTRUCTOR, _LEARNER = f"{_MEMBERSHIP}#Instructor", f"{_MEMBERSHIP}#Learner"
# A sub-role comes with its principal role (LTI Core 1.3 §A.2.3).
_ASSISTANT = f"{_MEMBERSHIP}/Instructor#TeachingAssistant"
_INSTITUTION = f"{_VOCABULARY}/institution/person"


class Moodle(Personality):
    """Numbers as ids, tokens of a minute, and each custom parameter under a second name of small letters."""

    __slots__ = ()

    def resource_link_id(self, activity_id: str, number: int) -> str:  # noqa: ARG002 - only counts
        return str(30 + number)

    def context(self, number: int) -> str:
        return str(int(self.context_id) + number - 1)

    def takes_maximum(self, maximum: float) -> bool:
        return maximum == int(maximum) and 1 <= maximum <= MOODLE_MAXIMUM

    def column_label(self, title: str, label: str) -> str:  # noqa: ARG002 - never the label
        return title

    def dates(self, item: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - none are taken
        return {}

    def custom(self, custom: Mapping[str, str]) -> dict[str, str]:
        small = {re.sub("[^a-z0-9]", "_", name.lower()): value for name, value in custom.items()}
        return {**custom, **small}

    def more_claims(self, person_id: str) -> dict[str, Any]:
        return {"https://purl.imsglobal.org/spec/lti/claim/ext": {"lms": "moodle-2", "user_username": f"u{person_id}"}}


class Canvas(Personality):
    """Opaque ids, tokens of an hour, one issuer for every school."""

    __slots__ = ()

    def sub(self, person_id: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"practice-canvas-user-{person_id}"))

    def context(self, number: int) -> str:
        return self.context_id if number == 1 else _hex(f"course-{number}")

    def title(self, title: str, label: str) -> str:
        return label or title

    def resource_link_id(self, activity_id: str, number: int) -> str:  # noqa: ARG002 - never counts
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"practice-canvas-link-{activity_id}"))

    def effect(self, grading_progress: str, *, has_points: bool, is_preserving: bool) -> Effect:
        if grading_progress in ("FullyGraded", "PendingManual") and has_points:
            return "write"
        return "keep" if is_preserving else "erase"

    def more_claims(self, person_id: str) -> dict[str, Any]:
        return {
            "https://www.instructure.com/placement": None,
            "locale": "en",
            "https://purl.imsglobal.org/spec/lti/claim/lti11_legacy_user_id": _hex(f"user-{person_id}"),
        }


def _hex(name: str) -> str:
    return hashlib.sha1(f"practice-canvas-{name}".encode()).hexdigest()  # noqa: S324 - an id's look, no secret


plain = Personality(
    name="plain",
    product_family_code="practice",
    version="1.0",
    guid="practice-lms.example.org",
    platform_name="Practice LMS",
    knows_link_history=True,
    messages=("LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest"),
    more_settings={"accept_lineitem": True, "auto_create": False, "title": "Activities"},
    roles={
        "instructor": (_INSTRUCTOR,),
        "assistant": (_INSTRUCTOR, _ASSISTANT),
        "student": (_LEARNER,),
    },
)
moodle = Moodle(
    name="moodle",
    product_family_code="moodle",
    version="2024100706",
    guid="practice-moodle.example.org",
    platform_name="Practice Moodle",
    target_frames=("frame", "iframe", "window"),
    more_settings={"auto_create": False, "accept_unsigned": False},
    picker="modal",
    review_word="Grade analysis",
    names_reviewed_column=False,
    client_id="kT4vQz81LmXw2Bd",
    deployment_id="7",
    context_id="5",
    context_type="CourseSection",  # the short name, where the specification wants a URI
    sends_azp=False,
    line_item_ending="/lineitem",
    # Typographic quotes, and an address escaped for HTML: no ordinary parser reads it.
    next_link="<{html_url}>; rel=“next”",
    results_take_limit=False,
    not_a_student=(400, "Incorrect score received: the user cannot be graded."),
    scope_missing_status=401,
    checks_audience=False,
    roster_versions=("1.0", "2.0"),
    next_members_forget_role=True,
    # Short names, and by another right than a launch's: whoever may not change the course is a learner.
    roster_roles={"instructor": ("Instructor",), "assistant": ("Learner",), "student": ("Learner",)},
    roles={
        "instructor": (_INSTRUCTOR,),
        "assistant": (_INSTRUCTOR,),  # launches do not tell the two apart
        "student": (_LEARNER,),
    },
)
canvas = Canvas(
    name="canvas",
    product_family_code="canvas",
    version="cloud",
    guid="practice-canvas.example.org:canvas-lms",
    platform_name="Practice Canvas",
    placements=("module_index_menu_modal", "link_selection", "assignment_selection"),
    says_where=True,
    review="submission",
    review_word="SpeedGrader",
    sends_notices=True,
    creates=True,
    makes_unpublished=True,
    more_settings={"auto_create": True},
    shared_issuer="https://canvas.instructure.com",
    client_id="10000000000123",
    deployment_id=f"12:{_hex('deployment')}",
    context_id=_hex("course"),
    id_token_seconds=3600,
    addresses_have_query=False,
    exact_media_types=False,
    page_size=10,
    names_first_column=True,
    columns_are_replaced=False,
    unknown_link_status=404,
    own_column_is_fixed=True,
    scores_by_second=False,
    not_later=(400, "timestamp is older than that of the score which is there."),
    not_a_student=(422, "User not found in course or is not a student"),
    locked_status=422,
    overrides_stay=False,
    comments_pile_up=True,
    keeps_submissions=True,
    throttles=True,
    members_a_page=50,
    scope_missing_status=401,
    refuses_unknown_scopes=True,
    registers_elsewhere=True,
    guards_configuration=True,
    names_deployment=False,
    registers_in_own_words=True,
    configuration_extension={"authorization_server": "sso.canvaslms.com"},  # a bare host, and no audience it would take
    registration_extension={"https://canvas.instructure.com/lti/account_name": "Practice University"},
    roles={
        # Institution and system roles come along: a student may well teach elsewhere.
        "instructor": (_INSTRUCTOR, f"{_INSTITUTION}#Instructor", f"{_VOCABULARY}/system/person#User"),
        "assistant": (_INSTRUCTOR, _ASSISTANT, f"{_INSTITUTION}#Student", f"{_VOCABULARY}/system/person#User"),
        "student": (_LEARNER, f"{_INSTITUTION}#Instructor", f"{_VOCABULARY}/system/person#User"),
    },
)
BY_NAME: dict[str, Personality] = {one.name: one for one in (plain, moodle, canvas)}
