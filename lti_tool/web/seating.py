"""What a launch that was let in makes: the rows it names, a seat for whoever came, and where they are led."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from config.task_queue import SEEK_COLUMNS, SWEEP_SCORES, TEND_NOTICES, TaskName
from course.items import Graded, Page
from lti_tool.admission import Admission, admit
from lti_tool.column_searches import want_columns
from lti_tool.columns import names_foreign_column
from lti_tool.deep_linking.content_items import column_of
from lti_tool.errors import shown
from lti_tool.gradebook import owe_missing_scores
from lti_tool.item_choice import ChosenItem, CourseIndex, NotPlaced, choose_item
from lti_tool.launch import Launch
from lti_tool.link_choices import Opening, needs_choice, note_link, opening_of
from lti_tool.link_repairs import note_good, note_stray
from lti_tool.notices.handlers import want_handler
from lti_tool.notices.tending import handler_url
from lti_tool.platforms import platform_of
from lti_tool.reading import record_if_read
from lti_tool.returning import note_launch
from lti_tool.roles import INSTRUCTOR
from lti_tool.sessions import Occupant
from lti_tool.waking import wake
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.i18n import gettext, prefer
from lti_tool.work_launches import review_of, seat_at_column, seat_at_work, work_key

Errand = tuple[str, dict[str, Any]]
"""What somebody came for other than what their link opens: an endpoint of a visit, and its values."""
NOBODY = "nobody"
"""Stands for a learner who has never been here; a key is never so short."""


def seat_of(valid: Launch) -> Occupant:
    """Find or make everything the launch names, and set scores free that were waiting for it."""
    prefer(launch=valid.locale)
    if valid.role != INSTRUCTOR and valid.reviewed_sub not in {None, valid.sub}:
        raise PageRefused("not_your_work")
    if (work := _work(valid)) is not None:
        return _seat_by(lambda session: seat_at_work(session, valid, work))
    if not valid.resource_link_id:
        return _seat_by(lambda session: seat_at_column(session, valid))
    courses = CourseIndex(services().catalog)
    named = choose_item(valid, courses, services().settings.base_url)
    tasks: list[TaskName] = []
    with services().database.transaction() as session:
        opening = opening_of(session, valid, named, courses)
        if isinstance(opening, NotPlaced):
            note_stray(session, valid, opening)
        else:
            occupant = _open(session, valid, named, opening, tasks)
    if isinstance(opening, NotPlaced):
        raise _leads_nowhere(valid, opening)
    for task in tasks:
        services().nudger.nudge(task)
    return occupant


def _work(valid: Launch) -> str | None:
    return work_key(valid.target_link_uri, services().settings.base_url)


def errand_of(valid: Launch, occupant: Occupant) -> Errand | None:
    """Where a launch from the gradebook leads: to somebody's work, or to the list of who has handed in what."""
    if (work := _work(valid)) is not None:
        return "work.show", {"attempt_key": work}
    if valid.reviewed_sub is None:
        return None
    with services().database.reading() as session:
        review = review_of(session, valid, occupant.placement_id)
    if review.work is not None:
        return "work.show", {"attempt_key": review.work}
    item = {} if review.item_id is None else {"item_id": review.item_id}
    if occupant.is_instructor:
        return "work.index", {"of": review.learner_key or NOBODY, **item}
    return ("items.show", item) if item else None


def _seat_by(find: Callable[[Session], Occupant | None]) -> Occupant:
    with services().database.transaction() as session:
        occupant = find(session)
    if occupant is None:
        raise PageRefused("no_such_attempt")
    return occupant


def _open(
    session: Session, valid: Launch, named: ChosenItem | NotPlaced, opening: Opening, tasks: list[TaskName]
) -> Occupant:
    """Let them in where the link leads; what workers have to do after it goes into `tasks`."""
    chosen = opening.item
    is_foreign = names_foreign_column(session, valid)
    own = replace(valid, line_item_url=None) if is_foreign else valid
    item = services().catalog.course(chosen.course_id).find_item(chosen.item_id) if chosen.item_id else None
    admission = admit(
        session,
        own,
        course_id=chosen.course_id,
        item_id=chosen.item_id,
        column_item_id=_only_graded_item(chosen.course_id),
    )
    admission.resource_link.refused_column_url = valid.line_item_url if is_foreign else None
    note_good(session, admission.resource_link, named)
    note_link(admission.resource_link, valid, opening)
    has_work = wake(session, valid.registration_id, admission.line_item)
    has_work = note_launch(session, admission.resource_link.context_id, valid.sub) or has_work
    if admission.line_item is not None:
        has_work = bool(owe_missing_scores(session, admission.line_item)) or has_work
    if isinstance(item, Page) and admission.role != INSTRUCTOR:
        # What was read before the page was placed here counts from now on.
        has_work = record_if_read(session, admission.placement, admission.learner.id, item) is not None or has_work
    if want_handler(session, valid, handler_url(services().settings.base_url)):
        tasks.append(TEND_NOTICES)
    # An instructor who is about to choose one item must not find the columns of all of them in the gradebook.
    is_asked = admission.role == INSTRUCTOR and needs_choice(session, admission.placement.id)
    if not is_asked and want_columns(session, own, admission.resource_link, _wanted_columns(valid, chosen)):
        tasks.append(SEEK_COLUMNS)
    if has_work:
        tasks.append(SWEEP_SCORES)
    return _occupant(admission, valid)


def _wanted_columns(valid: Launch, chosen: ChosenItem) -> dict[str, dict[str, Any]]:
    """The columns of what a launch opens, by item: of one graded item its own, of the whole course all."""
    items = services().catalog.course(chosen.course_id).items
    platform = platform_of(valid.product_family)
    graded = [item for item in items if isinstance(item, Graded) and chosen.item_id in {None, item.id}]
    return {item.id: column_of(item, platform) for item in graded}


def _only_graded_item(course_id: str) -> str | None:
    """The item that a column of the whole course must be for; None where several items give grades."""
    graded = [item.id for item in services().catalog.course(course_id).items if isinstance(item, Graded)]
    return graded[0] if len(graded) == 1 else None


def _leads_nowhere(valid: Launch, wanted: NotPlaced) -> PageRefused:
    whole = gettext("(the whole course)")
    details = [(gettext("course"), shown(wanted.course_id)), (gettext("item"), shown(wanted.item_id or whole))]
    if valid.role != INSTRUCTOR:
        return PageRefused("link_leads_nowhere", tuple(details))
    for course in services().catalog.courses:
        details.append((gettext("items of %(course)s", course=course.id), ", ".join(item.id for item in course.items)))
    return PageRefused("link_leads_nowhere_instructor", tuple(details))


def _occupant(admission: Admission, valid: Launch) -> Occupant:
    return Occupant(
        placement_id=admission.placement.id,
        learner_id=admission.learner.id,
        role=admission.role,
        return_url=valid.return_url,
        locale=valid.locale,
    )
