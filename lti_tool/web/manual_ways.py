"""The ways of setting an LMS up by hand, as pages show them."""

from flask import url_for

from lti_tool.registering import manual
from lti_tool.web.i18n import gettext
from lti_tool.web.registering_pages import ManualWay


def icon_url(base: str) -> str:
    """The picture that an LMS may show beside our name."""
    return base + url_for("static", filename="icons/course.svg")


def manual_ways(base: str) -> tuple[ManualWay, ...]:
    """Moodle's, Canvas's and any other's; `base` is the tool's own address."""
    return (
        ManualWay(
            id="moodle",
            lms="Moodle",
            where=gettext(
                "In Moodle, open Site administration > Plugins > External tool > Manage tools and choose to "
                "configure a tool manually."
            ),
            fields=manual.moodle_fields(base, icon_url(base)),
            then=gettext(
                "Save, then open “View configuration details” on the tool’s card. Give its values to this tool:"
            ),
            command=manual.MOODLE_COMMAND,
        ),
        ManualWay(
            id="canvas",
            lms="Canvas",
            where=gettext("In Canvas, open Admin > Developer Keys and add an LTI key."),
            fields=manual.canvas_fields(base),
            then=gettext(
                "Save, switch the key on, and install the app by its client id, the long number in the list of "
                "keys. Give that number to this tool:"
            ),
            command=manual.CANVAS_COMMAND,
        ),
        ManualWay(
            id="other",
            lms=None,
            where=gettext("In your LMS, add an LTI 1.3 tool."),
            fields=manual.other_fields(base),
            then=gettext("Your LMS then shows its own addresses and a client id. Give them to this tool:"),
            command=manual.OTHER_COMMAND,
        ),
    )
