"""What may be chosen for one place of a platform: which items, how many, and whether with a column."""

from dataclasses import dataclass

from course.items import Course, Graded, Item
from lti_tool.deep_linking.requests import RESOURCE_LINK, SelectionRequest
from lti_tool.platforms import Platform


@dataclass(frozen=True, slots=True)
class Offer:
    """`takes_activities` is False where the platform wants something we do not have (a file, say)."""

    takes_activities: bool
    takes_several: bool
    with_columns: bool
    only_graded: bool

    def items(self, course: Course) -> list[Item]:
        """The items of `course` that may be chosen, in its order."""
        return [item for item in course.items if isinstance(item, Graded) or not self.only_graded]


def offer_of(request: SelectionRequest, platform: Platform) -> Offer:
    """What a request leaves to be chosen on a platform."""
    only_graded = platform.takes_only_graded(request.placement)
    return Offer(
        takes_activities=RESOURCE_LINK in request.accept_types,
        takes_several=request.accept_multiple and not only_graded,
        with_columns=request.accept_lineitem and platform.makes_columns(request.placement),
        only_graded=only_graded,
    )


def opens_new_window(request: SelectionRequest) -> bool:
    """Whether the platform said how activities may be shown, and a frame is not among it."""
    return "window" in request.targets and "iframe" not in request.targets
