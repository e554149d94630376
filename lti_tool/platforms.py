"""What platforms do differently when they register us and when scores arrive: one object per platform, all differences
here.

Measured on Moodle 4.5.6 and read in Canvas's code: any score that is not `FullyGraded` with a `scoreGiven` erases or
resets the grade held there. So such a score is never sent, on any platform.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from lti_tool.addresses import is_on_origin_of
from lti_tool.launch import DATA_PRIVACY_REQUESTS, DEEP_LINKING_REQUEST, SUBMISSION_REVIEW_REQUEST

DEEP_LINKING = DEEP_LINKING_REQUEST
MESSAGES = (DEEP_LINKING, SUBMISSION_REVIEW_REQUEST, *sorted(DATA_PRIVACY_REQUESTS))
CANVAS = "https://canvas.instructure.com/lti/"
CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"
NOT_A_STUDENT, COURSE_ENDED, LOCKED = "not_a_student", "course_ended", "locked"
NOT_NEWER, NOT_PUBLISHED, ATTEMPTS_USED_UP = "not_newer", "not_published", "attempts_used_up"
WAITING_HELPS = frozenset({NOT_PUBLISHED})
MOODLE_MAXIMUM = 100  # points of a column, on a site whose admin has not raised it
# Neither Moodle nor Canvas knows what a link was copied from.
_CONTEXT_HISTORY = MappingProxyType({"context_history": "$Context.id.history"})


class Platform:
    """The plain reading of AGS 2.0, which fits Moodle too, and what every other platform's object starts from.

    `takes_dates`: whether an activity that comes by deep linking brings its dates along. `publishes`: whether it is
    open to students as soon as it is there. `history`: custom parameters by which a launch says what its course and its
    link were copied from (`course_copies`). `keeps_teachers_grade`: what a teacher wrote over a grade stays there,
    whatever we send, and the answer does not say so. `loses_teachers_grade`: our next score would replace it, so that
    we look first. `forgets_who_leaves`: who leaves a course and comes back has no grades there any more.
    `roster_query`: what to ask of a roster's first page.
    """

    takes_dates = True
    publishes = True
    history: Mapping[str, str] = MappingProxyType(
        {"context_history": "$Context.id.history", "link_history": "$ResourceLink.id.history"}
    )
    keeps_teachers_grade = False
    loses_teachers_grade = False
    forgets_who_leaves = False
    roster_query: Mapping[str, str] = MappingProxyType({})

    def column_maximum(self, points: float) -> float:
        """The maximum of a new column for an item of so many points. Scores name their own maximum and are rescaled to
        it, so another number costs nobody anything."""
        return int(points) if points == int(points) else points

    def takes_only_graded(self, placement: str) -> bool:  # noqa: ARG002 - Canvas needs to know
        """Whether the place that a choice was asked for (`SelectionRequest.placement`) is one for a graded activity."""
        return False

    def makes_columns(self, placement: str) -> bool:  # noqa: ARG002 - Canvas needs to know
        """Whether graded activities that are chosen for the place get a column."""
        return True

    def score_extension(self, *, is_first: bool, work_url: str) -> dict[str, Any]:  # noqa: ARG002 - Canvas needs both
        """Members to add to a score; `is_first` for the first score of this learner in this column, `work_url` opens
        the work that earned it."""
        return {}

    def cause_of(self, status: int, text: str, *, tries: int) -> str | None:  # noqa: ARG002 - others read the text
        """Why a score was refused with this status and body after so many earlier tries; None: the status says it."""
        return NOT_NEWER if status == 409 else None

    def vouches_for(self, issuer: str, configuration_url: str, endpoints: Sequence[str]) -> bool:  # noqa: ARG002 - Canvas judges them
        """Whether a configuration from this address may speak for `issuer`: only from the issuer's own host (LTI
        Dynamic Registration §3.4). `endpoints`: its sign-in, token and key set addresses."""
        return is_on_origin_of(configuration_url, issuer)

    def tool_configuration(self, launch_url: str, title: str) -> dict[str, Any]:
        """What a registration says of the tool (LTI Dynamic Registration §4.2) that platforms want said differently."""
        return {
            "domain": urlsplit(launch_url).netloc,
            "custom_parameters": dict(self.history),
            "messages": [{"type": one, "target_link_uri": launch_url, "label": title} for one in MESSAGES],
        }


class Canvas(Platform):
    """Canvas makes a new submission of every score unless told otherwise, and so uses up allowed attempts. SpeedGrader
    opens `work_url` by a launch. A grade that is there before our first score, a teacher's, is left alone.

    Read in its code: what is chosen in the editor is a link in a text without a column; the form of an assignment takes
    one activity, which is graded; assignments that come by deep linking are unpublished.
    """

    publishes = False
    history = _CONTEXT_HISTORY
    loses_teachers_grade = True
    _CAUSES = (
        ("not a student", NOT_A_STUDENT),
        ("has concluded", COURSE_ENDED),
        ("unpublished", NOT_PUBLISHED),
        ("allowed attempts", ATTEMPTS_USED_UP),
        ("locked", LOCKED),
    )
    # Every school that Instructure hosts has the issuer of its environment, and so has a Canvas that a school hosts
    # itself unless it was told otherwise.
    shared_issuers = frozenset(f"https://canvas.{one}instructure.com" for one in ("", "beta.", "test."))
    hosted_at = ("instructure.com", "canvaslms.com")
    placements = ("assignment_selection", "link_selection", "module_index_menu_modal")
    frame = (885, 653)  # pixels of a picker's frame: width, height

    def takes_only_graded(self, placement: str) -> bool:
        return placement == "assignment_selection"

    def makes_columns(self, placement: str) -> bool:
        return placement != "editor_button"

    def score_extension(self, *, is_first: bool, work_url: str) -> dict[str, Any]:
        submission: dict[str, Any] = {
            "new_submission": is_first,
            "submission_type": "basic_lti_launch",
            "submission_data": work_url,
        }
        return {CANVAS_SUBMISSION: {**submission, **({"prioritize_non_tool_grade": True} if is_first else {})}}

    def cause_of(self, status: int, text: str, *, tries: int) -> str | None:
        text = text.lower()
        if status == 400 and "timestamp" in text:
            return NOT_NEWER
        if status in {403, 404, 422}:
            return next((cause for words, cause in self._CAUSES if words in text), None)
        return super().cause_of(status, text, tries=tries)

    def vouches_for(self, issuer: str, configuration_url: str, endpoints: Sequence[str]) -> bool:
        """A school that hosts itself may use the shared issuer for addresses on its own host, and for no others'."""
        if super().vouches_for(issuer, configuration_url, endpoints):
            return True
        parts = urlsplit(configuration_url)
        host = f".{parts.hostname or ''}"
        is_hosted = parts.scheme == "https" and any(host.endswith(f".{domain}") for domain in self.hosted_at)
        is_their_own = all(is_on_origin_of(one, configuration_url) for one in endpoints)
        return issuer in self.shared_issuers and (is_hosted or is_their_own)

    def tool_configuration(self, launch_url: str, title: str) -> dict[str, Any]:
        """With its placements, each of which opens the picker, and with no more about people than their names. It sends
        none of the other messages."""
        said = super().tool_configuration(launch_url, title)
        width, height = self.frame
        picker = {
            **said["messages"][0],
            "placements": list(self.placements),
            f"{CANVAS}launch_width": width,
            f"{CANVAS}launch_height": height,
        }
        extension = {f"{CANVAS}privacy_level": "name_only", f"{CANVAS}tool_id": "coursewright"}
        return {**said, **extension, "messages": [picker]}


class Moodle(Platform):
    """Measured on Moodle 4.5.6: of an activity that comes by deep linking it takes no dates, and a maximum only if it
    is a whole number up to the site's own limit (100 unless an admin changed it); any other loses the whole activity
    without a word when several come at once. It compares our domain with the address it is in after taking off `www.`.
    """

    takes_dates = False
    history = _CONTEXT_HISTORY
    keeps_teachers_grade = True
    forgets_who_leaves = True  # unless “Recover user's old grades” is ticked when they are enrolled anew
    roster_query = MappingProxyType({"limit": "500"})  # all at once may be more than we read
    TRIES_BEFORE_LOCKED = 3

    def column_maximum(self, points: float) -> float:
        return int(points) if points == int(points) and 1 <= points <= MOODLE_MAXIMUM else MOODLE_MAXIMUM

    def cause_of(self, status: int, text: str, *, tries: int) -> str | None:
        if status == 400 and "incorrect score" in text.lower():
            return NOT_A_STUDENT
        if status == 500 and tries >= self.TRIES_BEFORE_LOCKED:
            return LOCKED  # any fault of Moodle's would be a 500, but none lasts so long
        return super().cause_of(status, text, tries=tries)

    def tool_configuration(self, launch_url: str, title: str) -> dict[str, Any]:
        said = super().tool_configuration(launch_url, title)
        return {**said, "domain": said["domain"].removeprefix("www.")}


_PLAIN = Platform()
_BY_FAMILY: dict[str, Platform] = {"canvas": Canvas(), "moodle": Moodle()}


def platform_of(product_family: str | None) -> Platform:
    """The object for a launch's `product_family_code` (LTI core §5.4.7); the plain one for all others."""
    return _BY_FAMILY.get((product_family or "").lower(), _PLAIN)
