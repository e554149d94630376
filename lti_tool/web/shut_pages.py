"""An item that cannot be begun: why, and what to do."""

from dataclasses import dataclass

from course.items import Item
from lti_tool.web.frames import frame_for
from lti_tool.web.guards import Visit
from lti_tool.web.pages import Frame
from lti_tool.web.quiz_views import Notice


@dataclass(frozen=True, slots=True)
class ShutPage:
    """template shut.html: the item's title and the notice; the strip leads on to what is open."""

    frame: Frame
    title: str
    subtitle: str
    notice: Notice


def shut_page(visit: Visit, item: Item, notice: Notice) -> ShutPage:
    """The page in place of an item's own."""
    return ShutPage(frame_for(visit, item), item.title, item.subtitle, notice)
