"""The links of a context: the pages' values, in words."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from config.words import N_
from lti_tool.links import FOREIGN_COLUMN, NOWHERE, OTHER_COURSE, LinkEntry, PastDate, copy_of
from lti_tool.web.current import services
from lti_tool.web.frames import frame_of_course
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, ngettext
from lti_tool.web.link_choices import LinkPage, options_of
from lti_tool.web.pages import Frame
from lti_tool.web.sentences import sentence, time_element

RULES = {
    "opens_at": N_("%(item)s opens at %(time)s."),
    "due_at": N_("%(item)s is due at %(time)s."),
    "closes_at": N_("%(item)s closes at %(time)s."),
    "release_at": N_("Results of %(item)s are shown from %(time)s."),
}
TOLD = {
    "mended": N_("The link opens what you have chosen."),
    "column": N_("The gradebook column is being looked for; that takes a few seconds."),
    "no-column": N_(
        "Your learning platform lets us look for no column. Delete the link there and add the activity again."
    ),
}


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link. `opens` is '' for one that leads nowhere, `trouble` and `advice` for one that is all right. `choose_href`
    leads to where what it opens is chosen, `column_action` has its column looked for; '' where that is not to do."""

    title: str
    opens: str
    language: str
    column_text: str
    opened: Markup
    trouble: str
    advice: str
    choose_href: str
    column_action: str


@dataclass(frozen=True, slots=True)
class LinksPage:
    """template links.html. `copied_text` is '' for a course that is no copy; `told` says what has just been done."""

    frame: Frame
    rows: tuple[LinkRow, ...]
    count_text: str
    trouble_text: str
    copied_text: str
    past: tuple[Markup, ...]
    told: str


def links_page(visit: Visit, entries: list[LinkEntry], *, asked: str) -> LinksPage:
    """The page of all links."""
    copy = copy_of(visit.session, visit.placement.context_key)
    wrong = sum(one.trouble is not None for one in entries)
    return LinksPage(
        frame=replace(frame_of_course(visit, gettext("Links")), notice=None),
        rows=tuple(_row(visit, one) for one in entries),
        count_text=ngettext("%(num)s link", "%(num)s links", len(entries)),
        trouble_text=ngettext("%(num)s link points elsewhere.", "%(num)s links point elsewhere.", wrong)
        if wrong
        else gettext("No link points elsewhere."),
        copied_text="" if copy is None else _copied(copy.title),
        past=() if copy is None else tuple(_past(one) for one in copy.past),
        told=gettext(TOLD[asked]) if asked in TOLD else "",
    )


def choosing_page(visit: Visit, entry: LinkEntry, *, error: str = "", is_fixed: bool = False) -> LinkPage:
    """The page on which it is chosen what a link opens instead."""
    fixed = ""
    if not entry.can_be_pointed:
        fixed = gettext("This link opens what it should, so there is nothing to choose.")
    elif is_fixed:
        fixed = gettext(
            "Students have worked through this link, so it stays as it is. To open something else, add an activity."
        )
    opened = entry.course_id, entry.item_id
    return LinkPage(
        frame=frame_of_course(visit, gettext("What this link opens")),
        action=visit.url("links.mend", link_key=entry.key),
        about=_trouble(entry) or gettext("What it opens was chosen here, not in your learning platform."),
        options=tuple(one for course in services().catalog.courses for one in options_of(course, opened)),
        fixed_text=fixed,
        error=error,
    )


def _copied(title: str) -> str:
    origin = gettext("“%(title)s”", title=title) if title else gettext("another course")
    return gettext(
        "This course was copied from %(origin)s. The rules set there came along unless students had begun here before; "
        "nobody’s work did.",
        origin=origin,
    )


def _past(date: PastDate) -> Markup:
    return sentence(gettext(RULES[date.rule]), item=_named(date.course_id, date.item_id)[0], time=time_element(date.at))


def _named(course_id: str, item_id: str | None) -> tuple[str, str]:
    """What is called so, in the course's words, and their language; the ids themselves for what is not here."""
    course = next((one for one in services().catalog.courses if one.id == course_id), None)
    item = course.find_item(item_id) if course and item_id else None
    if course is None or (item_id and item is None):
        return f"{course_id} / {item_id}" if item_id else course_id, ""
    return f"{item.label}: {item.title}" if item else course.title, course.language


def _row(visit: Visit, entry: LinkEntry) -> LinkRow:
    opens, language = _named(entry.course_id, entry.item_id)
    return LinkRow(
        title=entry.title or gettext("No title given by the platform"),
        opens="" if entry.trouble == NOWHERE else opens,
        language=language,
        column_text=_column(entry),
        opened=time_element(entry.opened_at) if entry.opened_at else sentence(gettext("never")),
        trouble=_trouble(entry),
        advice=_advice(entry),
        choose_href=visit.url("links.ask", link_key=entry.key) if entry.can_be_pointed else "",
        column_action=visit.url("links.seek_column", link_key=entry.key) if entry.trouble == FOREIGN_COLUMN else "",
    )


def _column(entry: LinkEntry) -> str:
    if entry.columns:
        return ngettext("%(num)s gradebook column", "%(num)s gradebook columns", entry.columns)
    return gettext("gradebook column being looked for") if entry.seeks else gettext("no gradebook column")


def _trouble(entry: LinkEntry) -> str:
    if entry.trouble == NOWHERE:
        return gettext("It names something that is not here: %(name)s.", name=_named(entry.course_id, entry.item_id)[0])
    if entry.trouble == OTHER_COURSE:
        return gettext("It opens another course than the other links here.")
    if entry.trouble == FOREIGN_COLUMN:
        return gettext(
            "Your learning platform names the gradebook column of another course for it, where no grade is sent."
        )
    return ""


def _advice(entry: LinkEntry) -> str:
    if entry.trouble == NOWHERE:
        return gettext("Students cannot open it. Choose what it should open.")
    if entry.trouble == OTHER_COURSE:
        return gettext("If that is not meant, choose what it should open.")
    if entry.trouble == FOREIGN_COLUMN:
        return gettext("Grades wait here until this course’s own column is found. None is lost.")
    return ""
