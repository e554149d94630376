"""What surrounds every page of a placement: the strip with the learner's progress, and the ways onward."""

from course.items import Item, Quiz
from course.markup import with_urls
from course.progress import State, sections_read, state_of
from grading.service import work_in_context
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import lazy_gettext
from lti_tool.web.pages import Frame, Link, Stop

STATE_TEXTS = {
    State.NOT_STARTED: lazy_gettext("not started"),
    State.IN_PROGRESS: lazy_gettext("in progress"),
    State.DONE: lazy_gettext("done"),
    State.PASSED: lazy_gettext("passed"),
}
PREVIEW = lazy_gettext(
    "You are looking at this as an instructor. You can try everything; nothing you do here becomes a grade."
)


def states_of(visit: Visit) -> dict[str, State]:
    """The state of every stop of the course, by item id."""
    read = sections_read(visit.session, visit.learner_id, visit.placement.context_key)
    quizzes = [item for item in visit.course.items if isinstance(item, Quiz)]
    work = work_in_context(
        visit.session,
        visit.learner_id,
        visit.placement.context_key,
        quizzes,
        previews=visit.occupant.is_instructor,
    )
    return {item.id: state_of(item, read, work) for item in visit.course.items}


def item_url(visit: Visit, item_id: str, section: str | None = None, **query: str) -> str:
    """The address of an item at this placement."""
    return visit.url("items.show", item_id=item_id, _anchor=section, **query)


def linked(visit: Visit, html: str) -> str:
    """Course HTML with the course's own links and images led to this placement."""
    return with_urls(
        html,
        item_url=lambda item_id, section: item_url(visit, item_id, section),
        asset_url=lambda path: visit.url("items.asset", path=path),
    )


def frame_for(visit: Visit, item: Item) -> Frame:
    """The frame of an item's page."""
    states = states_of(visit)
    course = visit.course
    # An attempt outlives the item it was begun on: one that the course has no longer has no neighbours.
    is_known = course.find_item(item.id) is not None
    before = course.previous_item(item.id) if is_known else None
    after = course.next_item(item.id) if is_known else None
    return Frame(
        course_title=course.title,
        page_title=item.title,
        strip=tuple(
            Stop(
                label=stop.label,
                title=stop.title,
                href=item_url(visit, stop.id),
                kind=stop.kind.value,
                state=states[stop.id].value,
                state_text=str(STATE_TEXTS[states[stop.id]]),
                is_current=stop.id == item.id,
            )
            for stop in course.items
        ),
        csrf_token=visit.csrf_token,
        new_window_href=visit.url("items.new_window"),
        return_url=visit.occupant.return_url,
        language=course.language,
        is_instructor=visit.occupant.is_instructor,
        notice=str(PREVIEW) if visit.occupant.is_instructor else None,
        previous=Link(before.title, item_url(visit, before.id)) if before else None,
        next=Link(after.title, item_url(visit, after.id)) if after else None,
    )
