"""How far the learner of a visit has come, and where they go on."""

from collections.abc import Mapping
from dataclasses import dataclass

from course.items import Item, Page, Quiz
from course.progress import State, sections_read, state_of
from course.resuming import last_worked_at, next_section, where_to_go_on
from grading.service import work_in_context
from lti_tool.web.guards import Visit


@dataclass(frozen=True, slots=True)
class Journey:
    """The sections read and the state of each stop of the course, by item id."""

    read: Mapping[str, set[str]]
    states: Mapping[str, State]


def journey_of(visit: Visit) -> Journey:
    """What the learner has read and done in this context; of an instructor, the previews."""
    read = sections_read(visit.session, visit.learner_id, visit.placement.context_key)
    quizzes = [item for item in visit.course.items if isinstance(item, Quiz)]
    work = work_in_context(
        visit.session,
        visit.learner_id,
        visit.placement.context_key,
        quizzes,
        previews=visit.occupant.is_instructor,
    )
    return Journey(read, {item.id: state_of(item, read, work) for item in visit.course.items})


def next_item(visit: Visit, journey: Journey) -> Item | None:
    """The item to go on with; None when nothing is left to do."""
    last = last_worked_at(
        visit.session, visit.learner_id, visit.placement.context_key, previews=visit.occupant.is_instructor
    )
    return where_to_go_on(visit.course, journey.states, last)


def next_place(journey: Journey, item: Item) -> str | None:
    """The id of the section of `item` to go on at; None for one that is begun or shown from its top."""
    section = next_section(item, journey.read.get(item.id, set())) if isinstance(item, Page) else None
    return section.id if section else None
