"""How far a learner is in every part of the course, and which grade the gradebook has of each."""

from dataclasses import dataclass, replace

from course.attempts import attempts_left, attempts_of
from course.items import Item, Page, Quiz
from course.models import Attempt, Placement
from course.placements import home_of
from course.progress import State
from lti_tool.web.frames import frame_of_course, item_url, state_text
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, ngettext
from lti_tool.web.journeys import Journey, journey_of, next_item, next_place
from lti_tool.web.pages import Frame, Link


@dataclass(frozen=True, slots=True)
class StopView:
    """One part of the course. Every text is whole, and None where there is nothing to say."""

    label: str
    title: str
    href: str
    state: str
    state_text: str
    progress_text: str | None
    attempts_text: str | None


@dataclass(frozen=True, slots=True)
class ModuleView:
    """A module with its stops; `title` is None where the page's own title says it already."""

    title: str | None
    stops: tuple[StopView, ...]


@dataclass(frozen=True, slots=True)
class ModulePage:
    """template module.html. `summary` is one sentence; `next` is where to go on, None when all is finished."""

    frame: Frame
    title: str
    summary: str
    next: Link | None
    modules: tuple[ModuleView, ...]


def module_page(visit: Visit) -> ModulePage:
    """The whole course, module by module."""
    course = visit.course
    journey = journey_of(visit)
    frame = frame_of_course(visit, gettext("Your progress"), journey)
    going_on = next_item(visit, journey)
    is_only = len(course.modules) == 1
    return ModulePage(
        frame=replace(frame, progress=replace(frame.progress, is_current=True)),
        title=course.modules[0].title if is_only else course.title,
        summary=_summary(journey),
        next=Link(going_on.title, item_url(visit, going_on.id, next_place(journey, going_on))) if going_on else None,
        modules=tuple(
            ModuleView(
                title=None if is_only else module.title,
                stops=tuple(_stop(visit, journey, item) for item in module.items),
            )
            for module in course.modules
        ),
    )


def _summary(journey: Journey) -> str:
    states = list(journey.states.values())
    done = sum(state in {State.DONE, State.PASSED} for state in states)
    waiting = states.count(State.WAITING)
    if done == len(states):
        return gettext("All of it is done.")
    if waiting:
        return ngettext(
            "%(done)s of %(num)s part done, %(waiting)s waiting for a person.",
            "%(done)s of %(num)s parts done, %(waiting)s waiting for a person.",
            len(states),
            done=done,
            waiting=waiting,
        )
    return ngettext("%(done)s of %(num)s part done.", "%(done)s of %(num)s parts done.", len(states), done=done)


def _stop(visit: Visit, journey: Journey, item: Item) -> StopView:
    state = journey.states[item.id]
    home = home_of(visit.session, visit.placement, item.id) if isinstance(item, Quiz) else None
    attempts = _attempts(visit, home, item) if home else []
    return StopView(
        label=item.label,
        title=item.title,
        href=item_url(visit, item.id),
        state=state.value,
        state_text=state_text(state),
        progress_text=_sections_text(journey, item) if isinstance(item, Page) else None,
        attempts_text=_attempts_text(visit, item, attempts) if isinstance(item, Quiz) else None,
    )


def _sections_text(journey: Journey, page: Page) -> str | None:
    if not page.sections:
        return None
    read = len(journey.read.get(page.id, set()) & {section.id for section in page.sections})
    return ngettext(
        "%(read)s of %(num)s section read", "%(read)s of %(num)s sections read", len(page.sections), read=read
    )


def _attempts(visit: Visit, home: Placement, item: Item) -> list[Attempt]:
    return attempts_of(visit.session, home, visit.learner_id, item.id, previews=visit.occupant.is_instructor)


def _attempts_text(visit: Visit, quiz: Quiz, attempts: list[Attempt]) -> str | None:
    left = attempts_left(quiz, attempts)
    if left is None or visit.occupant.is_instructor:
        return None
    return ngettext(
        "%(left)s of %(num)s attempt left", "%(left)s of %(num)s attempts left", quiz.policy.attempts or 0, left=left
    )
