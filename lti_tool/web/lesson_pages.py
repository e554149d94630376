"""A page to be read, as its learner finds it: how far they are, where to go on, and what reading it counts."""

from course.items import Page
from course.progress import is_read, sections_read
from course.resuming import next_section
from lti_tool.web.frames import frame_for, linked
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext
from lti_tool.web.pages import LessonPage, Link, SectionView, TermView


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
    )


def read_of(visit: Visit, page: Page) -> set[str]:
    """The sections of a page that the learner has read in this context."""
    return sections_read(visit.session, visit.learner_id, visit.placement.context_key).get(page.id, set())


def _go_on(page: Page, read: set[str]) -> Link | None:
    section = next_section(page, read)
    if section is None:
        return None
    title = gettext("Go on at section %(number)s: %(title)s", number=section.number, title=section.title)
    return Link(title, f"#{section.id}")
