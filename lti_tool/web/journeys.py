"""How far the learner of a visit has come, and where they go on."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from course.access import Access, AccessState, access_to, judge, missing_of
from course.accommodations import accommodations_for, own_policy
from course.items import Course, Graded, Item, Page
from course.models import Placement
from course.placements import home_of
from course.policies import course_in_context
from course.progress import State, Work, sections_read, state_of
from course.resuming import last_worked_at, next_section, where_to_go_on
from grading.service import work_in_context
from lti_tool.web.guards import Visit

SHUT = {AccessState.NOT_YET, AccessState.CLOSED, AccessState.LOCKED}


@dataclass(frozen=True, slots=True)
class Journey:
    """The sections read, the state of each stop of the course, and the access to each graded one, by item id.

    An `access` says nothing of attempts used: those belong to a placement. An instructor's holds the rules of everyone
    in the context, and is never shut.
    """

    read: Mapping[str, set[str]]
    states: Mapping[str, State]
    access: Mapping[str, Access]

    def shut(self, item_id: str) -> AccessState | None:
        """Why the item cannot be begun now, if it can not: it is not open yet, not open any more, or locked."""
        access = self.access.get(item_id)
        return access.state if access and access.state in SHUT else None


def journey_of(visit: Visit) -> Journey:
    """What the learner has read and done in this context, and may do; of an instructor, the previews."""
    context_key, is_instructor = visit.placement.context_key, visit.occupant.is_instructor
    course = course_in_context(visit.session, context_key, visit.course)
    read = sections_read(visit.session, visit.placement, visit.learner_id)
    graded = [item for item in course.items if isinstance(item, Graded)]
    work = work_in_context(visit.session, visit.learner_id, context_key, course, previews=is_instructor)
    states = {item.id: state_of(item, read, work) for item in course.items}
    return Journey(read, states, _preview_access(graded) if is_instructor else _access(visit, course, graded, work))


def _preview_access(graded: list[Graded]) -> dict[str, Access]:
    return {item.id: Access(AccessState.OPEN, item, item.policy, 0, None) for item in graded}


def _access(visit: Visit, course: Course, graded: list[Graded], work: Mapping[str, Work]) -> dict[str, Access]:
    rows = accommodations_for(visit.session, visit.placement.context_key, visit.learner_id)
    access = {}
    for item in graded:
        policy = own_policy(item.policy, rows, item.id)
        access[item.id] = judge(item, policy, 0, missing_of(course, policy, work))
    return access


def next_item(visit: Visit, journey: Journey) -> Item | None:
    """The item to go on with; None when nothing is left that can be done now."""
    last = last_worked_at(visit.session, visit.placement, visit.learner_id, previews=visit.occupant.is_instructor)
    closed = {item_id for item_id in journey.access if journey.shut(item_id)} | _unplaced(visit, journey)
    return where_to_go_on(visit.course, journey.states, last, closed=closed)


def _unplaced(visit: Visit, journey: Journey) -> set[str]:
    """The graded items that nothing in the context opens, so that they cannot be begun from here."""
    here = visit.placement
    if here.item_id is None:
        return set()
    placed = visit.session.scalars(
        select(Placement.item_id)
        .where(Placement.context_key == here.context_key, Placement.course_id == here.course_id)
        .distinct()
    ).all()
    return set() if None in placed else set(journey.access) - set(placed)


def next_place(journey: Journey, item: Item) -> str | None:
    """The id of the section of `item` to go on at; None for one that is begun or shown from its top."""
    section = next_section(item, journey.read.get(item.id, set())) if isinstance(item, Page) else None
    return section.id if section else None


def home_for(visit: Visit, item_id: str) -> Placement | None:
    """The placement an attempt of this visitor belongs to; None where the item is placed nowhere. An instructor, whose
    previews need no place for a grade, may try it from wherever they are."""
    home = home_of(visit.session, visit.placement, item_id)
    return visit.placement if home is None and visit.occupant.is_instructor else home


def access_of(visit: Visit, home: Placement, item: Graded) -> Access:
    """Whether the visitor may begin an attempt now, attempts used and all; `item` is the course file's."""
    in_force = course_in_context(visit.session, home.context_key, visit.course)
    work = work_in_context(
        visit.session, visit.learner_id, home.context_key, in_force, previews=visit.occupant.is_instructor
    )
    return access_to(visit.session, home, visit.course, item, visit.learner_id, work=work)
