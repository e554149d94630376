"""Who is in a context: the page's values, in words."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from config.words import N_
from lti_tool.people import Entry, RosterView, roster_of
from lti_tool.roles import INSTRUCTOR
from lti_tool.web.frames import frame_of_course
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, ngettext
from lti_tool.web.pages import Frame
from lti_tool.web.sentences import sentence, time_element

STATUSES = {"inactive": N_("inactive"), "gone": N_("not on the platform’s list")}
FAULTS = {
    "list_goes_elsewhere": N_("It said that the list goes on at another site, where we do not ask."),
    "list_without_end": N_("Its list has no end."),
    "roster_too_long": N_("Its list has no end."),
    "roster_unreadable": N_("Its answer could not be read."),
    "list_unreadable": N_("Its answer could not be read."),
}
FORBIDDEN = ("service_401", "service_403", "token_4")


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody in the list. `name` is '' where the platform gives none; `grades_text` '' where all were taken."""

    name: str
    user_id: str
    role_text: str
    status_text: str
    seen: Markup
    grades_text: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """template people.html. `age` says when the list was read, `trouble` why it could not be."""

    frame: Frame
    people: tuple[PersonView, ...]
    count_text: str
    age: Markup
    trouble: str
    is_asked: bool
    refresh_action: str
    href: str


def people_page(visit: Visit, *, is_asked: bool) -> tuple[PeoplePage, bool]:
    """The page, and whether it is time to read the roster anew. `is_asked`: somebody has just asked for that."""
    roster = roster_of(visit.session, visit.placement.context_key)
    page = PeoplePage(
        frame=replace(frame_of_course(visit, gettext("People")), notice=None),
        people=tuple(_person(one) for one in roster.entries),
        count_text=ngettext("%(num)s person", "%(num)s people", len(roster.entries)),
        age=_age(roster),
        trouble=_trouble(roster),
        is_asked=roster.has_service and (is_asked or roster.is_stale),
        refresh_action=visit.url("people.refresh") if roster.has_service else "",
        href=visit.url("people.show"),
    )
    return page, roster.is_stale


def _age(roster: RosterView) -> Markup:
    if not roster.has_service:
        text = gettext(
            "Your learning platform gives us no list of the course, so only those who have been here are shown."
        )
        return sentence(text)
    if roster.fetched_at is None:
        return sentence(
            gettext("Not read from your learning platform yet, so only those who have been here are shown.")
        )
    return sentence(gettext("As of %(time)s, from your learning platform."), time=time_element(roster.fetched_at))


def _trouble(roster: RosterView) -> str:
    if roster.cause is None:
        return ""
    if roster.cause.startswith(FORBIDDEN):
        why = gettext("It does not let us: an administrator can allow “Names and Role Provisioning” for this tool.")
    else:
        why = gettext(FAULTS[roster.cause]) if roster.cause in FAULTS else gettext("It did not answer as it should.")
    return gettext("The last try to read the list from your learning platform failed. %(why)s", why=why)


def _person(entry: Entry) -> PersonView:
    return PersonView(
        name=entry.name,
        user_id=entry.user_id,
        role_text=gettext("Instructor") if entry.role == INSTRUCTOR else gettext("Student"),
        status_text=gettext(STATUSES[entry.status]) if entry.status in STATUSES else "",
        seen=time_element(entry.last_seen) if entry.last_seen else sentence(gettext("never")),
        grades_text=ngettext(
            "%(num)s grade not taken by the gradebook", "%(num)s grades not taken by the gradebook", entry.not_taken
        )
        if entry.not_taken
        else "",
    )
