"""What a platform's ways are: every trait in which the personalities differ, and the specifications' own way as each
one's default. The rest of this package asks for traits and never for a name."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["instructor", "assistant", "student"]
Effect = Literal["write", "erase", "keep"]
Review = Literal["message", "submission"]
Refusal = tuple[int, str]

COURSE_OFFERING = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"


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
    context_type: str = COURSE_OFFERING
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

    review: Review = "message"
    """How the gradebook opens a student's work: by a submission review, or by launching what a submission holds."""
    review_word: str = "Review"
    names_reviewed_column: bool = True
    """Whether a review names its column where the link has several."""
    messages: tuple[str, ...] = ("LtiResourceLinkRequest", "LtiDeepLinkingRequest")
    """The messages it says it sends; Moodle sends reviews and does not say so."""
    sends_notices: bool = False
    """Whether it has the Platform Notification Service, and tells that a course was copied."""
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
