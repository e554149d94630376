"""What a visitor sees who did not come from a course."""

from flask import Blueprint, render_template
from werkzeug import Response

from lti_tool.web.guards import public
from lti_tool.web.i18n import gettext
from lti_tool.web.pages import MessagePage

blueprint = Blueprint("home", __name__)


def small_page() -> str:
    """A small page for addresses that only a course's link can open; LMSs probe them without a launch."""
    page = MessagePage(
        title="Coursewright",
        text=gettext("This address belongs to a course activity."),
        what_to_do=gettext("Open it from your course; there it knows who you are and where your grade belongs."),
        reference=None,
        details=(),
        title_language="en",  # a name
    )
    return render_template("message.html", page=page)


@blueprint.get("/")
@public
def welcome() -> str:
    """The front door."""
    return small_page()


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Nothing here is for search engines."""
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")
