"""How far a learner is in every part of the course, and which grade the gradebook has of each."""

from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup

from course.access import Access, AccessState
from course.attempts import attempts_of
from course.items import Item, Page, Policy, UnlockWhen
from course.models import Attempt
from course.placements import home_of
from course.progress import State
from lti_tool.standings import Standing, standings
from lti_tool.web.frames import frame_of_course, item_url, state_of_stop
from lti_tool.web.grade_lines import GradeLine, grade_line, result_text
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, ngettext, percent
from lti_tool.web.journeys import Journey, journey_of, next_item, next_place
from lti_tool.web.pages import Frame, Link
from lti_tool.web.sentences import paragraph, sentence, time_element


@dataclass(frozen=True, slots=True)
class StopView:
    """One part of the course. Every text is whole, and empty where there is nothing to say. `missing` are the parts
    that unlock this one."""

    label: str
    title: str
    href: str
    state: str
    state_text: str
    progress_text: str
    attempts_text: str
    result_text: str
    pass_text: str
    dates: tuple[Markup, ...]
    missing_text: str
    missing: tuple[Link, ...]
    grade: GradeLine | None


@dataclass(frozen=True, slots=True)
class ModuleView:
    """A module with its stops."""

    title: str
    stops: tuple[StopView, ...]


@dataclass(frozen=True, slots=True)
class ModulePage:
    """template module.html. `summary` is one sentence; `next` is where to go on, None when all is finished."""

    frame: Frame
    summary: str
    next: Link | None
    is_begun: bool
    modules: tuple[ModuleView, ...]
    save_href: str


def module_page(visit: Visit) -> ModulePage:
    """The whole course, module by module."""
    course = visit.course
    journey = journey_of(visit)
    frame = frame_of_course(visit, gettext("Your progress"), journey)
    going_on = next_item(visit, journey)
    grades = standings(visit.session, visit.placement.context_key, visit.learner_id, course)
    modules = tuple(
        ModuleView(module.title, tuple(_stop(visit, journey, item, grades[item.id]) for item in module.items))
        for module in course.modules
    )
    return ModulePage(
        frame=replace(frame, progress=replace(frame.progress, is_current=True)),
        summary=_summary(journey),
        next=Link(going_on.title, item_url(visit, going_on.id, next_place(journey, going_on))) if going_on else None,
        is_begun=any(state != State.NOT_STARTED for state in journey.states.values()),
        modules=modules,
        save_href=visit.url("modules.save"),
    )


def _summary(journey: Journey) -> str:
    states = list(journey.states.values())
    done = sum(state in {State.DONE, State.NOT_PASSED, State.PASSED} for state in states)
    waiting = sum(state in {State.GRADING, State.WAITING, State.HELD} for state in states)
    if done == len(states):
        return gettext("All of it is done.")
    if waiting:
        return ngettext(
            "%(done)s of %(num)s part done, %(waiting)s waiting for its result.",
            "%(done)s of %(num)s parts done, %(waiting)s waiting for a result.",
            len(states),
            done=done,
            waiting=waiting,
        )
    return ngettext("%(done)s of %(num)s part done.", "%(done)s of %(num)s parts done.", len(states), done=done)


def _stop(visit: Visit, journey: Journey, item: Item, standing: Standing) -> StopView:
    state, state_text = state_of_stop(journey, item.id)
    access = journey.access.get(item.id)
    home = home_of(visit.session, visit.placement, item.id)
    attempts = (
        attempts_of(visit.session, home, visit.learner_id, item.id, previews=visit.occupant.is_instructor)
        if home
        else []
    )
    result = "" if isinstance(item, Page) and not standing.has_column else result_text(visit, attempts)
    missing = access.missing if access else ()
    return StopView(
        label=item.label,
        title=item.title,
        href=item_url(visit, item.id),
        state=state,
        state_text=state_text,
        progress_text=_sections_text(journey, item) if isinstance(item, Page) else "",
        attempts_text=_attempts_text(access.policy, attempts) if access else "",
        result_text=result,
        pass_text=_pass_text(journey, item),
        dates=_dates(access) if access else (),
        missing_text=_missing_text(access) if access and missing else "",
        missing=tuple(Link(one.title, item_url(visit, one.id)) for one in missing),
        grade=None if visit.occupant.is_instructor else grade_line(standing, has_result=bool(result)),
    )


def _sections_text(journey: Journey, page: Page) -> str:
    every = {section.id for section in page.sections}
    if not every:
        return ""
    read = len(every & journey.read.get(page.id, set()))
    return ngettext("%(read)s of %(num)s section read", "%(read)s of %(num)s sections read", len(every), read=read)


def _attempts_text(policy: Policy, attempts: list[Attempt]) -> str:
    if policy.attempts is None or any(attempt.is_preview for attempt in attempts):
        return ""
    left = max(0, policy.attempts - len(attempts))
    return ngettext("%(left)s of %(num)s attempt left", "%(left)s of %(num)s attempts left", policy.attempts, left=left)


def _pass_text(journey: Journey, item: Item) -> str:
    access = journey.access.get(item.id)
    if access is None or access.policy.pass_percent is None or journey.states[item.id] == State.PASSED:
        return ""
    return gettext("To pass: %(percent)s", percent=percent(access.policy.pass_percent))


def _missing_text(access: Access) -> str:
    if access.policy.unlock_when == UnlockWhen.PASSED:
        return gettext("It opens once you have passed these:")
    return gettext("It opens once you have handed in these:")


def _dates(access: Access) -> tuple[Markup, ...]:
    """The learner's own dates that matter now."""
    policy, everyones = access.policy, access.item.policy
    dates = []
    if access.state == AccessState.NOT_YET and policy.opens_at:
        dates.append(_date(gettext("Opens %(time)s."), policy.opens_at, everyones.opens_at))
    if policy.due_at:
        dates.append(_date(gettext("Due %(time)s."), policy.due_at, everyones.due_at))
    if policy.ends_at and access.state == AccessState.CLOSED:
        dates.append(_date(gettext("Closed %(time)s."), policy.ends_at, everyones.ends_at))
    elif policy.ends_at and policy.ends_at != policy.due_at:
        dates.append(_date(gettext("Closes %(time)s."), policy.ends_at, everyones.ends_at))
    return tuple(dates)


def _date(message: str, own: datetime, everyones: datetime | None) -> Markup:
    date = sentence(message, time=time_element(own))
    return date if own == everyones else paragraph(date, sentence(gettext("This date is your own.")))
