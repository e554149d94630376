"""What came of a submitted attempt, in words: the grade, what was taken off, what counts, and where the grade is."""

from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

from config.words import N_
from course.attempts import quiz_of
from course.items import Counts, Quiz
from course.models import Attempt, Placement
from course.policies import in_context
from grading.counting import Counted, what_counts
from grading.models import Outcome
from grading.service import outcomes_of, share_of
from lti_tool.gradebook import graded_attempts, standing
from lti_tool.web.explaining import Explaining
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, lazy_gettext, moment, ngettext, percent
from lti_tool.web.pages import DeliveryView, PastAttempt
from lti_tool.web.quiz_views import ResultView
from lti_tool.web.sentences import sentence, time_element
from lti_tool.web.wording import points_text

DELIVERY_TEXTS = {
    "delivered": lazy_gettext("In your gradebook."),
    "on-its-way": lazy_gettext("Saved, on its way to your gradebook."),
    "stuck": lazy_gettext(
        "Saved here. Your gradebook has not taken it yet; nothing is lost, and it is sent once that is mended."
    ),
    "overruled": lazy_gettext("Saved here. Your gradebook shows the grade that your instructor has set there."),
    "none": lazy_gettext("Saved here. No gradebook column belongs to this, so nothing is sent."),
}
PREVIEW_TEXT = lazy_gettext("This was a preview. It is kept here and never becomes a grade.")
COUNTED_TEXTS = {
    Counts.BEST: N_("Your best attempt counts: %(points)s."),
    Counts.LAST: N_("Your last attempt counts: %(points)s."),
    Counts.FIRST: N_("Your first attempt counts: %(points)s."),
    Counts.AVERAGE: N_("The average of your attempts counts: %(points)s."),
}


def result_view(
    visit: Visit, home: Placement, attempt: Attempt, attempts: list[Attempt], explaining: Explaining
) -> ResultView:
    """The result of a submitted attempt among all of its learner at this item."""
    quiz = quiz_of(attempt)
    outcome = outcomes_of(visit.session, [attempt])[attempt.id]
    share = share_of(outcome)
    counted = what_counts(visit.session, graded_attempts(attempts))
    passing = _passing(_pass_percent(visit, quiz), share, counted.share if counted else share)
    return ResultView(
        points_text=points_text(outcome.points, outcome.points_possible),
        percent_text=percent(share * 100),
        is_passed=passing[0],
        pass_text=passing[1],
        deduction_text=deduction_text(outcome),
        counted_text=_counted_text(attempts, counted),
        ended_text=_ended_text(attempt),
        submitted_text=moment(attempt.submitted_at) if attempt.submitted_at else "",
        explained_text=explained_text(explaining),
        delivery=delivery_view(visit, home, quiz.id),
        file_href=visit.url("quizzes.save_result", attempt_key=attempt.key),
    )


def delivery_view(visit: Visit, home: Placement, item_id: str) -> DeliveryView:
    """Where the learner's grade is, in words that promise only what is so."""
    poll = visit.url("quizzes.delivery", item_id=item_id)
    if visit.occupant.is_instructor:
        return DeliveryView("none", str(PREVIEW_TEXT), poll)
    now = standing(visit.session, home, visit.learner_id, item_id)
    since = now.delivered_at.isoformat(timespec="seconds") if now.delivered_at and now.state == "delivered" else None
    return DeliveryView(now.state, str(DELIVERY_TEXTS[now.state]), poll, since)


def past_attempts(visit: Visit, attempts: list[Attempt]) -> tuple[PastAttempt, ...]:
    """Every submitted attempt, the one that counts marked."""
    outcomes = outcomes_of(visit.session, attempts)
    counted = what_counts(visit.session, graded_attempts(attempts))
    past: list[PastAttempt] = []
    for one in attempts:
        outcome = outcomes.get(one.id)
        if outcome is None or one.submitted_at is None:
            continue
        past.append(
            PastAttempt(
                number=one.number,
                points_text=points_text(outcome.points, outcome.points_possible),
                submitted_text=moment(one.submitted_at),
                submitted_iso=one.submitted_at.isoformat(timespec="seconds"),
                href=visit.url("quizzes.show", attempt_key=one.key),
                counts=counted is not None and one is counted.attempt,
            )
        )
    return tuple(past)


def explained_text(explaining: Explaining) -> Markup:
    """When a submitted attempt will be explained; empty once it is."""
    if explaining.is_whole:
        return Markup()
    if explaining.waits_for is None:
        return sentence(gettext("You see your score only; the answers are not explained."))
    return sentence(gettext("Your answers are explained after %(time)s."), time=time_element(explaining.waits_for))


def deduction_text(outcome: Outcome) -> str:
    """What was taken off for being late, and from what; empty when nothing was."""
    late = outcome.evidence.get("late")
    if not late:
        return ""
    return ngettext(
        "%(before)s, and %(percent)s off for %(num)s day late.",
        "%(before)s, and %(percent)s off for %(num)s days late.",
        late["days_late"],
        before=points_text(Decimal(late["points_before"]), outcome.points_possible),
        percent=percent(Decimal(late["percent"])),
    )


def _pass_percent(visit: Visit, quiz: Quiz) -> int | None:
    """The pass mark of now, as the strip and what unlocks have it; of a quiz that the course has no longer, its own."""
    now = visit.course.find_item(quiz.id)
    if not isinstance(now, Quiz):
        return quiz.policy.pass_percent
    return in_context(visit.session, visit.placement.context_key, visit.course, now).policy.pass_percent


def _passing(pass_percent: int | None, own: Fraction, counted: Fraction) -> tuple[bool | None, str]:
    """Whether the quiz is passed, by the share that counts, and that in words with how this attempt's own compares."""
    if pass_percent is None:
        return None, ""
    needed = percent(pass_percent)
    match counted * 100 >= pass_percent, own * 100 >= pass_percent:
        case True, True:
            return True, gettext("Passed. %(percent)s was needed.", percent=needed)
        case True, False:
            text = gettext("You have passed. This attempt alone does not reach the %(percent)s needed.", percent=needed)
            return True, text
        case False, True:
            text = gettext(
                "Not passed. This attempt reaches the %(percent)s needed, what counts does not.", percent=needed
            )
            return False, text
        case _:
            return False, gettext("Not passed. %(percent)s is needed.", percent=needed)


def _counted_text(attempts: list[Attempt], counted: Counted | None) -> str:
    if counted is None or len(graded_attempts(attempts)) < 2:
        return ""
    return gettext(COUNTED_TEXTS[counted.counts], points=points_text(counted.points, counted.points_possible))


def _ended_text(attempt: Attempt) -> Markup:
    if attempt.submitted_at is None:
        return Markup()
    ended = time_element(attempt.submitted_at)
    if attempt.submitted_at == attempt.ends_at:
        return sentence(gettext("The time ended, so the answers saved by then were handed in, %(time)s."), time=ended)
    return sentence(gettext("Handed in %(time)s."), time=ended)
