"""A learner's attempt as an instructor sees it: what was answered, what is right, and what came of it."""

from dataclasses import dataclass, replace

from markupsafe import Markup
from sqlalchemy import select

from course.attempts import attempts_of, item_of
from course.items import Quiz
from course.models import Attempt, Placement
from grading.service import outcomes_of
from lti_tool.gradebook import standing
from lti_tool.models import LtiUser
from lti_tool.web.explaining import Explaining
from lti_tool.web.frames import frame_of_course, linked
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, lazy_gettext
from lti_tool.web.pages import Frame, Link
from lti_tool.web.question_cards import question_cards
from lti_tool.web.quiz_views import QuestionView
from lti_tool.web.sentences import sentence, time_element
from lti_tool.web.wording import points_text

WHOLE = Explaining(is_submitted=True, is_checkable=False, is_whole=True, waits_for=None)
GRADE_TEXTS = {
    "delivered": lazy_gettext("The grade is in the gradebook."),
    "on-its-way": lazy_gettext("The grade is on its way to the gradebook."),
    "stuck": lazy_gettext("The gradebook has not taken the grade; nothing is lost."),
    "overruled": lazy_gettext("The gradebook shows another grade, set there by a person; it stays."),
    "none": lazy_gettext("No gradebook column belongs to this."),
}


@dataclass(frozen=True, slots=True)
class WorkPage:
    """template work.html. `questions` is empty for what has none; `others` are the same person's other attempts."""

    frame: Frame
    title: str
    who: str
    attempt_text: str
    handed_in: Markup
    points_text: str
    grade_text: str
    questions: tuple[QuestionView, ...]
    others: tuple[Link, ...]


def work_page(visit: Visit, attempt: Attempt) -> WorkPage:
    """The page of one attempt that was handed in, or of one that is still open."""
    session, placement = visit.session, visit.session.get_one(Placement, attempt.placement_id)
    outcome = outcomes_of(session, [attempt]).get(attempt.id)
    title = attempt.snapshot.body.get("title", attempt.item_id)
    name = session.scalar(select(LtiUser.name).where(LtiUser.learner_id == attempt.learner_id))
    is_quiz = attempt.snapshot.body.get("kind") in {"quiz", "test"} and isinstance(item_of(attempt), Quiz)
    together = attempts_of(session, placement, attempt.learner_id, attempt.item_id)
    grade = standing(session, placement, attempt.learner_id, attempt.item_id).state
    return WorkPage(
        frame=replace(frame_of_course(visit, title), notice=None),
        title=title,
        who=name or gettext("A student"),
        attempt_text=gettext("Attempt %(number)s", number=attempt.number),
        handed_in=_handed_in(attempt),
        points_text=points_text(outcome.points, outcome.points_possible) if outcome else "",
        grade_text=str(GRADE_TEXTS[grade]),
        questions=question_cards(attempt, WHOLE, lambda html: linked(visit, html)) if is_quiz else (),
        others=tuple(
            Link(gettext("Attempt %(number)s", number=one.number), visit.url("work.show", attempt_key=one.key))
            for one in together
            if one.id != attempt.id
        ),
    )


def _handed_in(attempt: Attempt) -> Markup:
    if attempt.submitted_at is None:
        return sentence(gettext("Begun %(time)s, not handed in."), time=time_element(attempt.started_at))
    return sentence(gettext("Handed in %(time)s."), time=time_element(attempt.submitted_at))
