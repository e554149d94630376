"""What platforms do differently when they register us and when scores arrive: one object per platform, all differences
here.

Measured on Moodle 4.5.6 and read in Canvas's code: any score that is not `FullyGraded` with a `scoreGiven` erases or
resets the grade held there. So such a score is never sent, on any platform.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from lti_tool.addresses import is_on_origin_of

DEEP_LINKING = "LtiDeepLinkingRequest"
CANVAS = "https://canvas.instructure.com/lti/"
CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"
MOODLE_MAXIMUM = 100  # points of a column, on a site whose admin has not raised it


class Platform:
    """The plain reading of AGS 2.0, which fits Moodle too, and what every other platform's object starts from.

    `takes_dates`: whether an activity that comes by deep linking brings its dates along. `publishes`: whether it is
    open to students as soon as it is there.
    """

    takes_dates = True
    publishes = True

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

    def score_extension(self, *, is_first: bool) -> dict[str, Any]:  # noqa: ARG002 - Canvas needs to know
        """Members to add to a score; `is_first` for the first score of this learner in this column."""
        return {}

    def vouches_for(self, issuer: str, configuration_url: str, endpoints: Sequence[str]) -> bool:  # noqa: ARG002
        """Whether a configuration from this address may speak for `issuer`: only from the issuer's own host (LTI
        Dynamic Registration §3.4). `endpoints`: its sign-in, token and key set addresses."""
        return is_on_origin_of(configuration_url, issuer)

    def tool_configuration(self, launch_url: str, title: str) -> dict[str, Any]:
        """What a registration says of the tool (LTI Dynamic Registration §4.2) that platforms want said differently."""
        return {
            "domain": urlsplit(launch_url).netloc,
            "custom_parameters": {"context_history": "$Context.id.history"},
            "messages": [{"type": DEEP_LINKING, "target_link_uri": launch_url, "label": title}],
        }


class Canvas(Platform):
    """Canvas makes a new submission of every score unless told otherwise, and so uses up allowed attempts.

    Read in its code: what is chosen in the editor is a link in a text without a column; the form of an assignment takes
    one activity, which is graded; assignments that come by deep linking are unpublished.
    """

    publishes = False
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

    def score_extension(self, *, is_first: bool) -> dict[str, Any]:
        return {CANVAS_SUBMISSION: {"new_submission": is_first}}

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
        """With its placements, each of which opens the picker, and with no more about people than their names."""
        said = super().tool_configuration(launch_url, title)
        width, height = self.frame
        picker = {
            **said["messages"][0],
            "placements": list(self.placements),
            f"{CANVAS}launch_width": width,
            f"{CANVAS}launch_height": height,
        }
        extension = {f"{CANVAS}privacy_level": "name_only", f"{CANVAS}tool_id": "coursewright"}
        history = {"link_history": "$ResourceLink.id.history"}
        return {
            **said,
            **extension,
            "messages": [picker],
            "custom_parameters": {**said["custom_parameters"], **history},
        }


class Moodle(Platform):
    """Measured on Moodle 4.5.6: of an activity that comes by deep linking it takes no dates, and a maximum only if it
    is a whole number up to the site's own limit (100 unless an admin changed it); any other loses the whole activity
    without a word when several come at once. It compares our domain with the address it is in after taking off `www.`.
    """

    takes_dates = False

    def column_maximum(self, points: float) -> float:
        return int(points) if points == int(points) and 1 <= points <= MOODLE_MAXIMUM else MOODLE_MAXIMUM

    def tool_configuration(self, launch_url: str, title: str) -> dict[str, Any]:
        said = super().tool_configuration(launch_url, title)
        return {**said, "domain": said["domain"].removeprefix("www.")}


_PLAIN = Platform()
_BY_FAMILY: dict[str, Platform] = {"canvas": Canvas(), "moodle": Moodle()}


def platform_of(product_family: str | None) -> Platform:
    """The object for a launch's `product_family_code` (LTI core §5.4.7); the plain one for all others."""
    return _BY_FAMILY.get((product_family or "").lower(), _PLAIN)
