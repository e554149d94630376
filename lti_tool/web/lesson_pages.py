"""A page to be read, as its learner finds it: how far they are, where to go on, and what reading it counts."""

from dataclasses import replace

from course.items import Page
from course.placements import home_of
from course.progress import is_read, sections_read
from course.resuming import next_section
from course.snapshots import READING
from lti_tool.outbox import find_line_item
from lti_tool.web.frames import frame_for, linked
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, ngettext
from lti_tool.web.pages import LessonPage, Link, ReadingGrade, SectionView, TermView
from lti_tool.web.quiz_results import DELIVERY_TEXTS, delivery_view


def lesson_page(visit: Visit, page: Page) -> LessonPage:
    """template lesson.html for an introduction or a lesson."""
    read = read_of(visit, page)
    return LessonPage(
        frame=frame_for(visit, page),
        title=page.title,
        subtitle=page.subtitle,
        opening_question=getattr(page, "opening_question", None),
        minutes=page.minutes,
        story_html=linked(visit, page.story_html),
        sections=tuple(
            SectionView(one.id, one.number, one.title, linked(visit, one.html), one.id in read) for one in page.sections
        ),
        terms=tuple(TermView(term.id, term.name, linked(visit, term.definition_html)) for term in page.terms),
        read_action=visit.url("items.read", item_id=page.id),
        is_done=is_read(page, read),
        go_on=_go_on(page, read),
        grade=_grade(visit, page, is_done=is_read(page, read)),
    )


def read_of(visit: Visit, page: Page) -> set[str]:
    """The sections of a page that the learner has read in this context."""
    return sections_read(visit.session, visit.placement, visit.learner_id).get(page.id, set())


def _go_on(page: Page, read: set[str]) -> Link | None:
    section = next_section(page, read)
    if section is None:
        return None
    title = gettext("Go on at section %(number)s: %(title)s", number=section.number, title=section.title)
    return Link(title, f"#{section.id}")


def _grade(visit: Visit, page: Page, *, is_done: bool) -> ReadingGrade | None:
    """Reading counts where the page itself is placed and its link has a column."""
    home = home_of(visit.session, visit.placement, page.id)
    if home is None or home.item_id != page.id or find_line_item(visit.session, home.id, page.id) is None:
        return None
    points = int(READING.points)
    if visit.occupant.is_instructor:
        text = ngettext(
            "Students who read this to the end get %(num)s point in the gradebook.",
            "Students who read this to the end get %(num)s points in the gradebook.",
            points,
        )
        return ReadingGrade(text, None)
    text = ngettext(
        "Reading this to the end counts %(num)s point in your gradebook.",
        "Reading this to the end counts %(num)s points in your gradebook.",
        points,
    )
    delivery = delivery_view(visit, home, page.id)
    if not is_done:  # what the page will say once it is
        delivery = replace(delivery, state="on-its-way", text=str(DELIVERY_TEXTS["on-its-way"]))
    return ReadingGrade(text, delivery)
