"""The course's key terms on one page."""

from dataclasses import dataclass

from flask import Blueprint, render_template

from course.glossary import Entry, glossary
from lti_tool.web.frames import frame_of_course, item_url, linked
from lti_tool.web.guards import Visit, learner_page
from lti_tool.web.i18n import gettext
from lti_tool.web.pages import Frame

blueprint = Blueprint("glossary", __name__, url_prefix="/in/<placement_key>/<learner_key>")


@dataclass(frozen=True, slots=True)
class EntryView:
    """A term, what it means, and the way to the part of the course that uses it first."""

    id: str
    name: str
    definition_html: str
    place: str
    href: str


@dataclass(frozen=True, slots=True)
class GlossaryPage:
    """template glossary.html: all key terms by the alphabet; `entries` may be empty."""

    frame: Frame
    entries: tuple[EntryView, ...]


@blueprint.get("/glossary")
@learner_page
def show(visit: Visit) -> str:
    """Every key term of the course."""
    page = GlossaryPage(
        frame=frame_of_course(visit, gettext("Glossary")),
        entries=tuple(_entry(visit, entry) for entry in glossary(visit.course)),
    )
    return render_template("glossary.html", page=page)


def _entry(visit: Visit, entry: Entry) -> EntryView:
    section = entry.section
    place = f"{entry.page.label} · {section.title}" if section else entry.page.title
    return EntryView(
        id=f"{entry.page.id}-{entry.term.id}",
        name=entry.term.name,
        definition_html=linked(visit, entry.term.definition_html),
        place=place,
        href=item_url(visit, entry.page.id, section.id if section else None),
    )
