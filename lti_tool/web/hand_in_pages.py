"""Who has handed in what: the page's values, in words. Instructors come to it from any page, and from a gradebook that
asks for work which is not there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from course.items import Graded, Item
from course.models import Attempt
from lti_tool.hand_ins import HandIn, hand_ins_of, items_with_work
from lti_tool.web.frames import frame_of_course
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, ngettext
from lti_tool.web.pages import Frame, Link
from lti_tool.web.sentences import paragraph, sentence, time_element
from lti_tool.web.wording import points_text


@dataclass(frozen=True, slots=True)
class HandInView:
    """Somebody in the list. `name` is '' where the platform gives none; `href` is '' while nothing was handed in."""

    name: str
    user_id: str
    state: Markup
    points_text: str
    href: str


@dataclass(frozen=True, slots=True)
class HandInsPage:
    """template hand_ins.html. `items`: those to choose from, none where the link opens one; `told` answers a gradebook
    that asked for work which is not there, with `advice` what to do about it."""

    frame: Frame
    title: str
    items: tuple[Link, ...]
    people: tuple[HandInView, ...]
    told: Markup | None
    advice: str


def hand_ins_page(visit: Visit, *, item_id: str, of: str) -> HandInsPage:
    """The list of `item_id`, or of what has most likely been meant where that is no graded item. `of`: the key of the
    learner whose work a gradebook asked for, anything else for somebody unknown, '' where nobody asked."""
    graded = _graded(visit)
    item = _chosen(visit, graded, item_id)
    hand_ins = hand_ins_of(visit.session, visit.placement, item.id) if item else []
    told, advice = _told(hand_ins, of) if of else (None, "")
    return HandInsPage(
        frame=replace(frame_of_course(visit, gettext("Work handed in")), notice=None),
        title=item.title if item else "",
        items=tuple(Link(one.title, visit.url("work.index", item_id=one.id), is_current=item is one) for one in graded)
        if len(graded) > 1
        else (),
        people=tuple(_view(visit, one) for one in hand_ins),
        told=told,
        advice=advice,
    )


def _graded(visit: Visit) -> list[Item]:
    placed = visit.placement.item_id
    return [one for one in visit.course.items if isinstance(one, Graded) and placed in {None, one.id}]


def _chosen(visit: Visit, graded: Sequence[Item], item_id: str) -> Item | None:
    """The item asked for; else the first that anybody has worked at, else the first."""
    asked = next((one for one in graded if one.id == item_id), None)
    if asked is not None or not graded:
        return asked
    begun = items_with_work(visit.session, visit.placement)
    return next((one for one in graded if one.id in begun), graded[0])


def _told(hand_ins: Sequence[HandIn], of: str) -> tuple[Markup, str]:
    asked = next((one for one in hand_ins if one.person.key == of), None)
    if asked is None:
        text = gettext("The person whose work was asked for has never been here, so there is nothing of theirs.")
        advice = gettext("Once they have opened this activity from the course and handed something in, it opens here.")
        return sentence(text), advice
    name = asked.person.name or gettext("The student")
    if asked.last is not None:
        return sentence(gettext("%(name)s has handed something in by now; it is in the list below.", name=name)), ""
    if asked.open is not None:
        text = gettext("%(name)s began %(time)s and has not handed anything in yet.")
        return sentence(text, name=name, time=time_element(asked.open.started_at)), _while_open(asked.open)
    advice = gettext("Once they have handed something in, it opens here from the gradebook.")
    return sentence(gettext("%(name)s has not begun this yet.", name=name)), advice


def _while_open(attempt: Attempt) -> str:
    if attempt.ends_at is not None:
        return gettext("It is handed in by itself when its time is up. Come back then; their work is not disturbed.")
    return gettext("Come back once it is handed in. Only they can do that, and nothing of it is lost until then.")


def _view(visit: Visit, one: HandIn) -> HandInView:
    return HandInView(
        name=one.person.name,
        user_id=one.person.user_id,
        state=_state(one),
        points_text=points_text(one.outcome.points, one.outcome.points_possible) if one.outcome else "",
        href=visit.url("work.show", attempt_key=one.last.key) if one.last else "",
    )


def _state(one: HandIn) -> Markup:
    if one.last is not None and one.last.submitted_at is not None:
        last = sentence(gettext("Handed in %(time)s."), time=time_element(one.last.submitted_at))
        in_all = ngettext("%(num)s attempt in all.", "%(num)s attempts in all.", one.count)
        return last if one.count == 1 else paragraph(last, in_all)
    if one.open is not None:
        return sentence(
            gettext("At work since %(time)s, nothing handed in yet."), time=time_element(one.open.started_at)
        )
    return sentence(gettext("Not begun."))
