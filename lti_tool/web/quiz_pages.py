"""A quiz as its page shows it: before, at work, handed in."""

from fractions import Fraction
from functools import partial

from config.words import N_
from course.attempts import attempts_left, attempts_of, quiz_of, unanswered
from course.items import Counts, Policy, Quiz
from course.models import Attempt, Placement
from grading.models import Outcome
from grading.service import outcomes_of, share_of, to_decimal
from lti_tool.gradebook import counted_of, graded_attempts, standing
from lti_tool.outbox import find_line_item
from lti_tool.web.frames import frame_for, linked
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, lazy_gettext, moment, ngettext, percent
from lti_tool.web.pages import DeliveryView, PastAttempt, QuizPage, ResultView
from lti_tool.web.question_cards import question_cards
from lti_tool.web.wording import points_text

COUNTS_TEXTS = {
    Counts.BEST: lazy_gettext("Your best attempt counts."),
    Counts.LAST: lazy_gettext("Your last attempt counts."),
    Counts.FIRST: lazy_gettext("Your first attempt counts."),
    Counts.AVERAGE: lazy_gettext("The average of your attempts counts."),
}
COUNTED_TEXTS = {
    Counts.BEST: N_("Your best attempt counts: %(points)s."),
    Counts.LAST: N_("Your last attempt counts: %(points)s."),
    Counts.FIRST: N_("Your first attempt counts: %(points)s."),
    Counts.AVERAGE: N_("The average of your attempts counts: %(points)s."),
}
DELIVERY_TEXTS = {
    "delivered": lazy_gettext("In your gradebook."),
    "on-its-way": lazy_gettext("Saved, on its way to your gradebook."),
    "stuck": lazy_gettext(
        "Saved here. Your gradebook has not taken it yet; nothing is lost, and it is sent once that is mended."
    ),
    "none": lazy_gettext("Saved here. No gradebook column belongs to this quiz, so nothing is sent."),
}
PREVIEW_TEXT = lazy_gettext("This was a preview. It is kept here and never becomes a grade.")


def quiz_page(visit: Visit, home: Placement, quiz: Quiz, *, ask_about_open: bool = False) -> QuizPage:
    """The quiz as a learner finds it: the open attempt if there is one, else the last result, else the start.

    `ask_about_open`: a hand-in was held back because questions are still open; ask once.
    """
    attempts = _attempts(visit, home, quiz.id)
    current = next((one for one in attempts if one.submitted_at is None), attempts[-1] if attempts else None)
    if current is None:
        return _before(visit, home, quiz)
    is_open = current.submitted_at is None
    return attempt_page(visit, home, current, ask_about=unanswered(current) if ask_about_open and is_open else ())


def attempt_page(visit: Visit, home: Placement, attempt: Attempt, *, ask_about: tuple[str, ...] = ()) -> QuizPage:
    """One attempt, by the quiz as it was when the attempt began; `ask_about` are the ids of open questions."""
    quiz = quiz_of(attempt)
    attempts = _attempts(visit, home, quiz.id)
    is_submitted = attempt.submitted_at is not None
    questions = question_cards(attempt, partial(linked, visit))
    has_open = any(one.submitted_at is None for one in attempts)
    return QuizPage(
        frame=frame_for(visit, visit.course.find_item(quiz.id) or quiz),
        title=quiz.title,
        intro_html=quiz.intro_html and linked(visit, quiz.intro_html),
        phase="submitted" if is_submitted else "open",
        facts=(),
        start_action=visit.url("quizzes.start", item_id=quiz.id),
        start_text=_start_text(visit, quiz, len(attempts) + 1),
        can_start=is_submitted and not has_open and _may_start(visit, quiz, attempts),
        attempt_text=_attempt_text(quiz, attempt),
        answer_action=visit.url("quizzes.answer", attempt_key=attempt.key),
        questions=questions,
        answered_count=len(attempt.responses),
        unanswered=tuple(question.number for question in questions if question.id in ask_about),
        result=_result(visit, home, quiz, attempt, attempts) if is_submitted else None,
        past=_past(visit, quiz, attempts) if is_submitted else (),
    )


def delivery_view(visit: Visit, home: Placement, item_id: str) -> DeliveryView:
    """Where the learner's grade is, in words that promise only what is so."""
    poll = visit.url("quizzes.delivery", item_id=item_id)
    if visit.occupant.is_instructor:
        return DeliveryView("none", str(PREVIEW_TEXT), poll)
    now = standing(visit.session, home, visit.learner_id, item_id)
    since = now.delivered_at.isoformat(timespec="seconds") if now.delivered_at and now.state == "delivered" else None
    return DeliveryView(now.state, str(DELIVERY_TEXTS[now.state]), poll, since)


def _attempts(visit: Visit, home: Placement, item_id: str) -> list[Attempt]:
    previews = visit.occupant.is_instructor
    return attempts_of(visit.session, home, visit.learner_id, item_id, previews=previews)


def _before(visit: Visit, home: Placement, quiz: Quiz) -> QuizPage:
    return QuizPage(
        frame=frame_for(visit, quiz),
        title=quiz.title,
        intro_html=quiz.intro_html and linked(visit, quiz.intro_html),
        phase="before",
        facts=_facts(visit, home, quiz),
        start_action=visit.url("quizzes.start", item_id=quiz.id),
        start_text=_start_text(visit, quiz, 1),
        can_start=True,
        attempt_text="",
        answer_action="",
        questions=(),
        answered_count=0,
        unanswered=(),
        result=None,
        past=(),
    )


def _facts(visit: Visit, home: Placement, quiz: Quiz) -> tuple[str, ...]:
    facts = [
        ngettext(
            "%(num)s question. You can leave in between and go on later.",
            "%(num)s questions. You can answer them in any order and leave in between.",
            len(quiz.questions),
        ),
        gettext("Check an answer to see why it is right or wrong; once checked, it stays as it is."),
    ]
    facts.extend(_attempts_facts(quiz.policy))
    if quiz.policy.pass_percent is not None:
        facts.append(gettext("You pass with %(percent)s or more.", percent=percent(quiz.policy.pass_percent)))
    if visit.occupant.is_instructor:
        facts.append(gettext("As an instructor you preview it: nothing is graded."))
    elif find_line_item(visit.session, home.id, quiz.id) is None:
        facts.append(gettext("No gradebook column belongs to this quiz: your result stays here."))
    else:
        facts.append(gettext("When you hand in, your result goes to your course’s gradebook."))
    return tuple(facts)


def _attempts_facts(policy: Policy) -> list[str]:
    if policy.attempts is None:
        return [gettext("You may try as often as you like."), str(COUNTS_TEXTS[policy.counts])]
    allowed = ngettext("You have one attempt.", "You have %(num)s attempts.", policy.attempts)
    return [allowed] if policy.attempts == 1 else [allowed, str(COUNTS_TEXTS[policy.counts])]


def _may_start(visit: Visit, quiz: Quiz, attempts: list[Attempt]) -> bool:
    return visit.occupant.is_instructor or attempts_left(quiz, attempts) != 0


def _attempt_text(quiz: Quiz, attempt: Attempt) -> str:
    if attempt.is_preview:
        return gettext("Preview")
    if quiz.policy.attempts is None:
        return gettext("Attempt %(number)s", number=attempt.number)
    total = max(quiz.policy.attempts, attempt.number)
    return gettext("Attempt %(number)s of %(total)s", number=attempt.number, total=total)


def _start_text(visit: Visit, quiz: Quiz, number: int) -> str:
    if visit.occupant.is_instructor:
        return gettext("Start a preview")
    if quiz.policy.attempts is None:
        return gettext("Start attempt %(number)s", number=number)
    if quiz.policy.attempts == 1:
        return gettext("Start")
    return gettext("Start attempt %(number)s of %(total)s", number=number, total=quiz.policy.attempts)


def _result(visit: Visit, home: Placement, quiz: Quiz, attempt: Attempt, attempts: list[Attempt]) -> ResultView:
    outcome = outcomes_of(visit.session, [attempt])[attempt.id]
    counts = counted_of(visit.session, attempts, quiz.policy)
    return ResultView(
        points_text=points_text(outcome.points, outcome.points_possible),
        percent_text=percent(outcome.points * 100 / outcome.points_possible),
        counted_text=_counted_text(quiz, attempts, counts, outcome),
        delivery=delivery_view(visit, home, quiz.id),
    )


def _counted_text(quiz: Quiz, attempts: list[Attempt], counts: Fraction | None, outcome: Outcome) -> str:
    if counts is None or len(graded_attempts(attempts)) < 2:
        return ""
    points = to_decimal(counts * Fraction(outcome.points_possible))
    return gettext(COUNTED_TEXTS[quiz.policy.counts], points=points_text(points, outcome.points_possible))


def _past(visit: Visit, quiz: Quiz, attempts: list[Attempt]) -> tuple[PastAttempt, ...]:
    outcomes = outcomes_of(visit.session, attempts)
    counts = counted_of(visit.session, attempts, quiz.policy)
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
                counts=quiz.policy.counts != Counts.AVERAGE
                and share_of(outcome) == counts
                and not any(earlier.counts for earlier in past),
            )
        )
    return tuple(past)
