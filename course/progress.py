"""How far a learner has come: which sections are read, and the state of each stop of the strip."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from course.items import Item, Page
from course.models import Placement, SectionRead
from course.refusals import UnknownSection

WHOLE_ITEM = ""  # the section id of a page that has none


class State(StrEnum):
    """What the strip says of a stop."""

    NOT_STARTED = "not-started"
    IN_PROGRESS = "in-progress"
    DONE = "done"
    NOT_PASSED = "not-passed"  # all that was handed in is decided, and the pass mark is not reached
    PASSED = "passed"
    GRADING = "grading"  # handed in and not decided; nobody has to do anything
    WAITING = "waiting"  # for a person's decision
    HELD = "held"  # decided, and not shown before a date


@dataclass(frozen=True, slots=True)
class Work:
    """What a learner has done at one graded item: an attempt is open, one is handed in, what those without an outcome
    wait for (`GRADING`, `WAITING` or `HELD`), whether the pass mark is reached, and whether it is missed by all that
    has been decided."""

    has_open: bool = False
    has_submitted: bool = False
    waits: State | None = None
    is_passed: bool = False
    is_not_passed: bool = False


def section_ids(page: Page) -> tuple[str, ...]:
    """The sections to be read; a page without any counts as one."""
    return tuple(section.id for section in page.sections) or (WHOLE_ITEM,)


def mark_read(session: Session, visited: Placement, learner_id: int, page: Page, section_id: str) -> None:
    """Remember that a section was read; a second time changes nothing. Raises `UnknownSection`."""
    if section_id not in section_ids(page):
        raise UnknownSection(page.id, section_id)
    identity = (learner_id, visited.context_key, visited.course_id, page.id, section_id)
    if session.get(SectionRead, identity) is not None:
        return
    try:
        with session.begin_nested():
            session.add(
                SectionRead(
                    learner_id=learner_id,
                    context_key=visited.context_key,
                    course_id=visited.course_id,
                    item_id=page.id,
                    section_id=section_id,
                    read_at=clock.now(),
                )
            )
    except IntegrityError:
        return  # another tab was faster


def sections_read(session: Session, visited: Placement, learner_id: int) -> dict[str, set[str]]:
    """The sections a learner has read of the course of `visited`, anywhere in its context, by item."""
    rows = session.execute(
        select(SectionRead.item_id, SectionRead.section_id).where(
            SectionRead.learner_id == learner_id,
            SectionRead.context_key == visited.context_key,
            SectionRead.course_id == visited.course_id,
        )
    )
    read: dict[str, set[str]] = {}
    for item_id, section_id in rows:
        read.setdefault(item_id, set()).add(section_id)
    return read


def is_read(page: Page, read: Collection[str]) -> bool:
    """Whether every section the page has by now has been read."""
    return all(section in read for section in section_ids(page))


def state_of(item: Item, read: Mapping[str, set[str]], work: Mapping[str, Work]) -> State:
    """The state of one stop, from what has been read and done."""
    if isinstance(item, Page):
        sections = read.get(item.id, set())
        if is_read(item, sections):
            return State.DONE
        return State.IN_PROGRESS if sections else State.NOT_STARTED
    return _state_of_work(work.get(item.id, Work()))


def _state_of_work(done: Work) -> State:
    if done.has_open:
        return State.IN_PROGRESS
    if done.waits is not None:
        return done.waits
    if done.is_passed:
        return State.PASSED
    if done.is_not_passed:
        return State.NOT_PASSED
    return State.DONE if done.has_submitted else State.NOT_STARTED
