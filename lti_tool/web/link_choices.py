"""The page on which an instructor says what a link opens that was made by hand in the platform."""

from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug import Response

from course.items import Course, Graded
from lti_tool.link_choices import LinkIsFixed, choose_for_link, has_work, link_of
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.frames import frame_of_course
from lti_tool.web.guards import Visit, learner_action, learner_page
from lti_tool.web.i18n import gettext
from lti_tool.web.pages import Frame
from lti_tool.web.picker_pages import SEPARATOR, value_of
from lti_tool.web.picker_previews import facts_of, points_text

blueprint = Blueprint("link_choices", __name__, url_prefix="/in/<placement_key>/<learner_key>/link")


@dataclass(frozen=True, slots=True)
class OptionView:
    """One thing that the link may open. `label` is empty for the whole course."""

    value: str
    label: str
    title: str
    facts: str
    is_checked: bool
    language: str


@dataclass(frozen=True, slots=True)
class LinkPage:
    """template link.html. `about` says what is the matter with the link; `fixed_text`, why nothing can be chosen any
    more, empty when it can."""

    frame: Frame
    action: str
    about: str
    options: tuple[OptionView, ...]
    fixed_text: str
    error: str


@blueprint.get("")
@learner_page
def show(visit: Visit) -> str:
    """What the link may open."""
    _instructor(visit)
    return render_template("link.html", page=_page(visit))


@blueprint.post("")
@learner_action
def choose(visit: Visit) -> Response:
    """Let it open this from now on."""
    _instructor(visit)
    course_id, _, item_id = request.form.get("item", "").partition(SEPARATOR)
    course = next((one for one in services().catalog.courses if one.id == course_id), None)
    if course is None or (item_id and course.find_item(item_id) is None):
        page = _page(visit, error=gettext("Choose what the link opens."))
        return make_response(render_template("link.html", page=page), 422)
    try:
        choose_for_link(visit.session, visit.placement, course.id, item_id or None)
    except LinkIsFixed:
        return make_response(render_template("link.html", page=_page(visit)), 409)
    return redirect(visit.url("items.enter"), code=303)


def _instructor(visit: Visit) -> None:
    if not visit.occupant.is_instructor:
        raise PageRefused("link_is_instructors")


def _page(visit: Visit, *, error: str = "") -> LinkPage:
    link = link_of(visit.session, visit.placement.id)
    fixed = ""
    if link is None or not link.is_unnamed:
        fixed = gettext("Your learning platform says what this link opens, so it is changed there.")
    elif has_work(visit.session, visit.placement.id):
        fixed = gettext(
            "Students have worked through this link, so it stays as it is. To open something else, add an activity."
        )
    opened = visit.placement.course_id, visit.placement.item_id
    return LinkPage(
        frame=frame_of_course(visit, gettext("What this link opens")),
        action=visit.url("link_choices.choose"),
        about=gettext(
            "The link was made without saying which activity it is for. "
            "Until you choose one, it opens the whole course."
        ),
        options=tuple(option for course in services().catalog.courses for option in options_of(course, opened)),
        fixed_text=fixed,
        error=error,
    )


def options_of(course: Course, opened: tuple[str, str | None]) -> list[OptionView]:
    """What a link may open of a course; `opened` is what it opens now, a course's id and an item's."""
    whole = OptionView(
        value=value_of(course, None),
        label="",
        title=course.title,
        facts=gettext("The whole course, from where each student left off"),
        is_checked=opened == (course.id, None),
        language=course.language,
    )
    return [
        whole,
        *(
            OptionView(
                value=value_of(course, item),
                label=item.label,
                title=item.title,
                facts=" · ".join(
                    [facts_of(item), points_text(item.policy.points)] if isinstance(item, Graded) else [facts_of(item)]
                ),
                is_checked=opened == (course.id, item.id),
                language=course.language,
            )
            for item in course.items
        ),
    ]
