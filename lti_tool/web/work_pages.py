"""A learner's attempt as an instructor sees it: what was answered, what is right, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup
from sqlalchemy import select

from config.words import N_
from course.attempts import attempts_of, item_of
from course.items import Counts, Quiz
from course.models import Attempt, Placement
from grading.counting import what_counts
from grading.service import outcomes_of
from lti_tool.gradebook import graded_attempts, standing
from lti_tool.models import LtiUser
from lti_tool.web.explaining import Explaining
from lti_tool.web.frames import frame_of_course, linked
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, lazy_gettext
from lti_tool.web.pages import Frame, Link
from lti_tool.web.question_cards import question_cards
from lti_tool.web.quiz_results import deduction_text
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

COUNTED_TEXTS = {
    Counts.BEST: N_("The best attempt counts: %(points)s."),
    Counts.LAST: N_("The last attempt counts: %(points)s."),
    Counts.FIRST: N_("The first attempt counts: %(points)s."),
    Counts.AVERAGE: N_("The average of the attempts counts: %(points)s."),
}
AT_WORK = lazy_gettext(
    "This is still being worked on. What you see is what has been answered so far; "
    "points are given once it is handed in."
)


@dataclass(frozen=True, slots=True)
class WorkPage:
    """template work.html. `questions` is empty for what has none; `others` are the same person's other attempts.
    `deduction_text` says what was taken off for being late, `counted_text` what counts of several attempts; both may be
    empty. `notice` stands on work that is not handed in yet."""

    frame: Frame
    title: str
    who: str
    attempt_text: str
    handed_in: Markup
    points_text: str
    grade_text: str
    questions: tuple[QuestionView, ...]
    others: tuple[Link, ...]
    deduction_text: str
    counted_text: str
    list_href: str
    notice: str


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
        deduction_text=deduction_text(outcome) if outcome else "",
        counted_text=_counted_text(visit, together),
        list_href=visit.url("work.index", item_id=attempt.item_id),
        notice="" if attempt.submitted_at else str(AT_WORK),
        questions=question_cards(attempt, WHOLE, lambda html: linked(visit, html)) if is_quiz else (),
        others=other_attempts(visit, attempt, together),
    )


def other_attempts(visit: Visit, attempt: Attempt, together: Sequence[Attempt]) -> tuple[Link, ...]:
    """Ways to the other ones of a learner's attempts at an item."""
    return tuple(
        Link(gettext("Attempt %(number)s", number=one.number), visit.url("work.show", attempt_key=one.key))
        for one in together
        if one.id != attempt.id
    )


def _counted_text(visit: Visit, together: Sequence[Attempt]) -> str:
    graded = graded_attempts(list(together))
    counted = what_counts(visit.session, graded)
    if counted is None or len(graded) < 2:
        return ""
    return gettext(COUNTED_TEXTS[counted.counts], points=points_text(counted.points, counted.points_possible))


def _handed_in(attempt: Attempt) -> Markup:
    if attempt.submitted_at is None:
        return sentence(gettext("Begun %(time)s, not handed in."), time=time_element(attempt.started_at))
    return sentence(gettext("Handed in %(time)s."), time=time_element(attempt.submitted_at))
