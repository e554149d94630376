"""Choosing activities for a platform's course (Deep Linking 2.0): the page, and the way back with what was chosen."""

from dataclasses import dataclass

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug import Response

from course.items import Course, Item
from lti_tool.admission import admit_context
from lti_tool.deep_linking.content_items import content_item
from lti_tool.deep_linking.offers import opens_new_window
from lti_tool.deep_linking.responses import signed_response
from lti_tool.deep_linking.selections import begin_selection, chosen_before, remember_chosen
from lti_tool.keys import signing_key
from lti_tool.launch import Launch
from lti_tool.web import cookies
from lti_tool.web.current import services
from lti_tool.web.i18n import gettext, ngettext
from lti_tool.web.picker_guards import Choosing, choosing_action, choosing_page
from lti_tool.web.picker_pages import SEPARATOR, courses_in_force, offered_of, picker_page, rest_of_module
from lti_tool.web.picker_views import NothingToChoosePage, PickerReturnPage

blueprint = Blueprint("picker", __name__, url_prefix="/lti/select/<key>")

MOST_CHOSEN = 500


class CannotChoose(Exception):
    """What was chosen cannot be sent; the text tells the instructor what to change."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One activity to be: an item, or with None the whole course."""

    course: Course
    item: Item | None


def begin(launch: Launch, *, keeps_cookies: bool) -> Response:
    """From a launch that asks for activities to the page on which they are chosen."""
    if launch.selection is None:
        raise ValueError("the launch asks for no activities")
    with services().database.transaction() as session:
        begun = begin_selection(
            session,
            admit_context(session, launch),
            launch.selection,
            return_url=launch.return_url,
            locale=launch.locale,
            keeps_cookies=keeps_cookies,
        )
    response = redirect(url_for("picker.show", key=begun.key), code=303)
    if begun.binding:
        cookies.set_selection_cookie(response, begun.key, begun.binding)
    return response


@blueprint.get("")
@choosing_page
def show(choosing: Choosing) -> str:
    """What there is to choose; where the place takes none of it, only the way back."""
    if not choosing.offer.takes_activities:
        action = url_for("picker.choose", key=choosing.key)
        return render_template("picker_nothing.html", page=NothingToChoosePage(action, choosing.csrf_token))
    return render_template("picker.html", page=picker_page(choosing))


@blueprint.post("")
@choosing_action
def choose(choosing: Choosing) -> Response:
    """The choice, signed, in a form that the browser posts to the platform; or the page again, with what is amiss."""
    values = request.form.getlist("item")[:MOST_CHOSEN]
    try:
        chosen = _chosen(choosing, request.form.get("action", ""), values)
    except CannotChoose as amiss:
        again = picker_page(choosing, checked=values, error=str(amiss))
        return make_response(render_template("picker.html", page=again), 422)
    remember_chosen(
        choosing.session,
        choosing.selection,
        [(one.course.id, one.item.id if one.item else None) for one in chosen],
    )
    title = ngettext("Adding %(num)s activity", "Adding %(num)s activities", len(chosen))
    page = PickerReturnPage(
        title=title if chosen else gettext("Nothing is added"),
        text=gettext("Your learning platform is told now. If this page stays, press the button."),
        action=choosing.request.return_url,
        message=_message(choosing, chosen),
    )
    return make_response(render_template("picker_return.html", page=page))


def _chosen(choosing: Choosing, action: str, values: list[str]) -> list[Chosen]:
    """What a form asks for, in the order of the courses. Raises `CannotChoose`."""
    if action == "cancel":
        return []
    if not choosing.offer.takes_activities:
        raise CannotChoose(gettext("This place takes no activities."))
    kind, _, value = action.partition(":")
    if kind == "module":
        chosen = _rest_of_module(choosing, value)
    elif kind == "course":
        chosen = _whole_course(choosing, value)
    else:
        chosen = _single_items(choosing, values)
    if len(chosen) > 1 and not choosing.offer.takes_several:
        raise CannotChoose(gettext("This place takes one activity. Choose the one you want."))
    return chosen


def _single_items(choosing: Choosing, values: list[str]) -> list[Chosen]:
    wanted = {tuple(value.partition(SEPARATOR)[::2]) for value in values}
    if not wanted:
        raise CannotChoose(gettext("Choose at least one activity, or cancel."))
    found = [
        Chosen(course, item)
        for course in courses_in_force(choosing)
        for item in choosing.offer.items(course)
        if (course.id, item.id) in wanted
    ]
    if len(found) < len(wanted):
        raise CannotChoose(
            gettext("The list has changed since you opened it. Look through your choice and add it again.")
        )
    return found


def _rest_of_module(choosing: Choosing, value: str) -> list[Chosen]:
    """The items of a module that are not in the course yet."""
    course_id, _, module_id = value.partition(SEPARATOR)
    before = chosen_before(choosing.session, choosing.selection)
    found = [
        Chosen(course, item)
        for course in courses_in_force(choosing)
        for module in course.modules
        if (course.id, module.id) == (course_id, module_id)
        for item in rest_of_module(course, offered_of(choosing, course, module), before)
    ]
    if not found:
        raise CannotChoose(
            gettext("All of this module is in your course already. Choose single activities to add again.")
        )
    return found


def _whole_course(choosing: Choosing, value: str) -> list[Chosen]:
    found = [Chosen(course, None) for course in courses_in_force(choosing) if f"{course.id}{SEPARATOR}" == value]
    if not found or choosing.offer.only_graded:
        raise CannotChoose(
            gettext("The list has changed since you opened it. Look through your choice and add it again.")
        )
    return found


def _message(choosing: Choosing, chosen: list[Chosen]) -> str:
    base_url = services().settings.base_url
    items = [
        content_item(
            one.course,
            one.item,
            base_url=base_url,
            icon_url=base_url
            + url_for("static", filename=f"icons/{one.item.kind.value if one.item else 'course'}.svg"),
            platform=choosing.platform,
            with_column=choosing.offer.with_columns,
            in_new_window=opens_new_window(choosing.request),
        )
        for one in chosen
    ]
    return signed_response(
        choosing.request,
        items,
        issuer=choosing.registration.issuer,
        client_id=choosing.registration.client_id,
        deployment_id=choosing.selection.context.deployment.deployment_id,
        signing_key=signing_key(choosing.session),
    )
