"""Whom the practice LMS plays: itself, Moodle 4.5 or hosted Canvas. One object each; all that differs is a trait here.

What is told of Moodle was measured on 4.5.6, what is told of Canvas was read in its code. The rest of this package asks
for traits and never for a name.
"""

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["instructor", "assistant", "student"]
Effect = Literal["write", "erase", "keep"]
Refusal = tuple[int, str]

MOODLE_MAXIMUM = 100  # points of a column, unless an admin has raised it

_VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2"
_MEMBERSHIP = f"{_VOCABULARY}/membership"
_INSTRUCTOR, _LEARNER = f"{_MEMBERSHIP}#Instructor", f"{_MEMBERSHIP}#Learner"
# A sub-role comes with its principal role (LTI Core 1.3 §A.2.3).
_ASSISTANT = f"{_MEMBERSHIP}/Instructor#TeachingAssistant"
_INSTITUTION = f"{_VOCABULARY}/institution/person"
_COURSE_OFFERING = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Personality:
    """A platform's ways. Times in seconds."""

    name: str
    product_family_code: str
    version: str
    guid: str
    platform_name: str
    shared_issuer: str | None = None
    """The issuer of every customer alike; None: our own address."""
    client_id: str = "coursewright-practice"
    deployment_id: str = "1"
    context_id: str = "c3f0a1e58d6b4f27"
    context_type: str = _COURSE_OFFERING
    id_token_seconds: int = 60
    sends_azp: bool = True
    roles: Mapping[Role, tuple[str, ...]]
    """Role names of a launch (LTI Core 1.3 §A.2)."""

    addresses_have_query: bool = True
    """Whether service addresses carry ``type_id`` and are others without it."""
    line_item_ending: str = ""
    exact_media_types: bool = True
    page_size: int | None = None
    """Of line items and results when no ``limit`` is given; None: all."""
    next_link: str = '<{url}>; rel="next"'
    results_take_limit: bool = True
    knows_link_history: bool = False
    """Whether launches can say what a link was copied from; all can say it of the course."""
    names_first_column: bool = False
    """Whether a launch names the first of several columns of a link, instead of none."""
    columns_are_replaced: bool = True
    """Whether a PUT empties what it leaves out."""
    unknown_link_status: int = 403
    own_column_is_fixed: bool = False
    """Whether the column of an activity cannot be deleted by the tool."""
    scores_by_second: bool = True
    """Whether scores are compared at whole seconds, and must be later; else at fractions, and may be equal."""
    not_later: Refusal = (409, "A score with this or a later timestamp (whole seconds) is there already.")
    not_a_student: Refusal = (400, "userId is not a student of this course.")
    locked_status: int = 500
    overrides_stay: bool = True
    """Whether a teacher's grade in an activity's own column outlives the tool's next score."""
    comments_pile_up: bool = False
    keeps_submissions: bool = False
    """Whether a score makes a submission, as its Canvas extension says."""
    throttles: bool = False
    roster_roles: Mapping[Role, tuple[str, ...]] | None = None
    """Role names on a roster, where they are not those of a launch."""
    roster_versions: tuple[str, ...] = ("2.0",)
    members_a_page: int | None = None
    next_members_forget_role: bool = False
    scope_missing_status: int = 403
    refuses_unknown_scopes: bool = False
    checks_audience: bool = True
    registers_elsewhere: bool = False
    """Whether the registration endpoint is on another host than everything else."""
    guards_configuration: bool = False
    """Whether the configuration takes the registration token too."""
    names_deployment: bool = True
    """Whether the answer to a registration has the deployment id."""
    registers_in_own_words: bool = False
    """Whether a refused registration is a 422 with a list, and not OAuth's JSON."""
    configuration_extension: Mapping[str, Any] = field(default_factory=dict)
    registration_extension: Mapping[str, Any] = field(default_factory=dict)
    """Members of the configuration, and of the part of it that is LTI's."""

    target_frames: tuple[str, ...] = ("iframe", "window")
    placements: tuple[str, ...] = ("",)
    """Where activities may be chosen from; '' has no name. The first makes them without another step if `creates`."""
    says_where: bool = False
    """Whether a choice that is asked for names its placement."""
    creates: bool = False
    makes_unpublished: bool = False
    """Whether what has a column is hidden from students until a teacher publishes it."""
    more_settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings of a choice (Deep Linking 2.0 §4.4.1) beside those that all send."""
    picker: str = "wide"
    """The size of the frame that activities are chosen in, as style sheets name it."""

    def context(self, number: int) -> str:
        """The id of a course; they are numbered from 1."""
        return self.context_id if number == 1 else hashlib.sha256(f"course-{number}".encode()).hexdigest()[:16]

    def title(self, title: str, label: str) -> str:  # noqa: ARG002 - others take the label
        """What an activity that was chosen is called, by its own title and its column's label."""
        return title

    def takes_maximum(self, maximum: float) -> bool:
        """Whether a column of an activity that was chosen may have this maximum."""
        return maximum > 0

    def column_label(self, title: str, label: str) -> str:  # noqa: ARG002 - others take the title
        """What the column of an activity that was chosen is called."""
        return label

    def dates(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """What is kept of an activity's dates."""
        return {name: item[name] for name in ("available", "submission") if isinstance(item.get(name), dict)}

    def sub(self, person_id: str) -> str:
        """What the tool knows a person by: `sub` of launches, `userId` of scores."""
        return person_id

    def resource_link_id(self, activity_id: str, number: int) -> str:  # noqa: ARG002 - others count
        """The id of a new link; `number` is one more than there are links."""
        return "rl-" + hashlib.sha256(activity_id.encode()).hexdigest()[:16]

    def custom(self, custom: Mapping[str, str]) -> dict[str, str]:
        """Custom parameters of a link as a launch shows them."""
        return dict(custom)

    def more_claims(self, person_id: str) -> dict[str, Any]:  # noqa: ARG002 - others name the person
        """Claims that no specification has."""
        return {}

    def effect(self, grading_progress: str, *, has_points: bool, is_preserving: bool) -> Effect:  # noqa: ARG002
        """What a score does to the grade that is held. `is_preserving`: it asks for `preserve_score`."""
        return "write" if grading_progress == "FullyGraded" and has_points else "erase"


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
