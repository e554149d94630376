"""What surrounds every page of a placement: the strip with the learner's progress, and the ways onward."""

import re
from dataclasses import replace

from markupsafe import escape

from course.access import AccessState
from course.items import Item, Page
from course.markup import with_urls
from course.progress import State
from grading.review_queue import count_waiting
from lti_tool.link_choices import link_of
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, lazy_gettext, ngettext
from lti_tool.web.journeys import Journey, journey_of
from lti_tool.web.language_choice import language_form
from lti_tool.web.pages import Frame, Link, Stop

STATE_TEXTS = {
    State.NOT_STARTED: lazy_gettext("not started"),
    State.IN_PROGRESS: lazy_gettext("in progress"),
    State.DONE: lazy_gettext("done"),
    State.NOT_PASSED: lazy_gettext("done, not passed"),
    State.PASSED: lazy_gettext("passed"),
    State.GRADING: lazy_gettext("waiting to be graded"),
    State.WAITING: lazy_gettext("waiting for a person"),
    State.HELD: lazy_gettext("graded, not shown yet"),
}
SHUT_TEXTS = {
    AccessState.NOT_YET: lazy_gettext("not open yet"),
    AccessState.CLOSED: lazy_gettext("closed"),
    AccessState.LOCKED: lazy_gettext("locked"),
}
_LEAVING = re.compile(r'(<a [^>]*target="_blank"[^>]*>.*?)(</a>)', re.DOTALL)
PREVIEW = lazy_gettext(
    "You are looking at this as an instructor. You can try everything; nothing you do here becomes a grade."
)


def state_of_stop(journey: Journey, item_id: str) -> tuple[str, str]:
    """The name of a stop's drawing, and its state in words. What has been begun is told before what is shut."""
    state, shut = journey.states[item_id], journey.shut(item_id)
    if shut is not None and state == State.NOT_STARTED:
        return shut.value, str(SHUT_TEXTS[shut])
    return state.value, str(STATE_TEXTS[state])


def item_url(visit: Visit, item_id: str, section: str | None = None, **query: str) -> str:
    """The address of an item at this placement."""
    return visit.url("items.show", item_id=item_id, _anchor=section, **query)


def linked(visit: Visit, html: str) -> str:
    """Course HTML with the course's own links and images led to this placement; a link that leaves it says so."""
    told = f'<span class="visually-hidden"> {escape(gettext("(opens in a new tab)"))}</span>'
    return with_urls(
        _LEAVING.sub(lambda link: f"{link[1]}{told}{link[2]}", html),
        item_url=lambda item_id, section: item_url(visit, item_id, section),
        asset_url=lambda path: visit.url("items.asset", path=path),
    )


def frame_for(visit: Visit, item: Item, journey: Journey | None = None) -> Frame:
    """The frame of an item's page; `journey` if it is known already."""
    course = visit.course
    # An attempt outlives the item it was begun on: one that the course has no longer has no neighbours.
    is_known = course.find_item(item.id) is not None
    before = course.previous_item(item.id) if is_known else None
    after = course.next_item(item.id) if is_known else None
    onward = Link(after.title, item_url(visit, after.id)) if after else progress_link(visit)
    return replace(
        frame_of_course(visit, item.title, journey, current=item.id),
        previous=Link(before.title, item_url(visit, before.id)) if before else None,
        next=onward if is_known else None,
    )


def frame_of_course(visit: Visit, title: str, journey: Journey | None = None, *, current: str | None = None) -> Frame:
    """The frame of a page that belongs to the whole course; `current` is the stop shown, if any."""
    course = visit.course
    journey = journey or journey_of(visit)
    waiting = count_waiting(visit.session, visit.placement.context_key) if visit.occupant.is_instructor else 0
    has_terms = any(item.terms for item in course.items if isinstance(item, Page))
    return Frame(
        course_title=course.title,
        page_title=title,
        strip=tuple(_stop(visit, journey, item, is_current=item.id == current) for item in course.items),
        csrf_token=visit.csrf_token,
        new_window_href=visit.url("items.new_window"),
        return_url=visit.occupant.return_url,
        language=course.language,
        is_instructor=visit.occupant.is_instructor,
        progress=progress_link(visit),
        data=Link(gettext("Your data"), visit.url("data.show")),
        glossary_href=visit.url("glossary.show") if has_terms else None,
        languages=language_form(visit),
        notice=str(PREVIEW) if visit.occupant.is_instructor else None,
        waiting=_waiting_link(visit, waiting) if waiting else None,
        review=_review_link(visit, waiting) if visit.occupant.is_instructor else None,
        people=Link(gettext("People"), visit.url("people.show")) if visit.occupant.is_instructor else None,
        work=Link(gettext("Work handed in"), visit.url("work.index")) if visit.occupant.is_instructor else None,
        links=Link(gettext("Links"), visit.url("links.show")) if visit.occupant.is_instructor else None,
        link=_link_choice(visit) if visit.occupant.is_instructor else None,
    )


def _stop(visit: Visit, journey: Journey, item: Item, *, is_current: bool) -> Stop:
    state, text = state_of_stop(journey, item.id)
    return Stop(
        label=item.label,
        title=item.title,
        href=item_url(visit, item.id),
        kind=item.kind.value,
        state=state,
        state_text=text,
        is_current=is_current,
    )


def _waiting_link(visit: Visit, waiting: int) -> Link:
    text = ngettext("%(num)s lab waits for you", "%(num)s labs wait for you", waiting)
    return Link(text, visit.url("review.index"))


def _review_link(visit: Visit, waiting: int) -> Link:
    text = ngettext("Review (%(num)s waits)", "Review (%(num)s wait)", waiting) if waiting else gettext("Review")
    return Link(text, visit.url("review.index"))


def _link_choice(visit: Visit) -> Link | None:
    link = link_of(visit.session, visit.placement.id)
    if link is None or not link.is_unnamed:
        return None
    return Link(gettext("What this link opens"), visit.url("link_choices.show"))


def progress_link(visit: Visit) -> Link:
    """The way to the page that sums the course up."""
    return Link(gettext("Your progress"), visit.url("modules.show"))
