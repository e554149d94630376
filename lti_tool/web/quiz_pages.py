"""A quiz as its page shows it: before, at work, handed in."""

from functools import partial

from markupsafe import Markup

from config import clock
from config.public_ids import new_public_id
from course.access import Access, AccessState
from course.attempts import quiz_of
from course.items import Quiz
from course.markup import text_of
from course.models import Attempt, Placement
from course.policies import in_context, rules_of
from lti_tool.outbox import find_line_item
from lti_tool.web.attempts import attempts_at
from lti_tool.web.explaining import Explaining
from lti_tool.web.frames import frame_for, item_url, linked
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, listed, ngettext
from lti_tool.web.journeys import access_of
from lti_tool.web.question_cards import question_cards
from lti_tool.web.quiz_facts import facts_before, then_after
from lti_tool.web.quiz_notices import access_notice, not_placed_notice
from lti_tool.web.quiz_results import past_attempts, result_view
from lti_tool.web.quiz_views import QuestionView, QuizPage, ReviewView, StartView
from lti_tool.web.sentences import paragraph, sentence, time_element
from lti_tool.web.time_left import time_left

Lost = tuple[tuple[QuestionView, str], ...]
LONG = 7  # questions; a longer quiz has a map and is reviewed before it is handed in


def quiz_page(visit: Visit, home: Placement | None, quiz: Quiz, *, is_reviewed: bool = False) -> QuizPage:
    """The quiz as its visitor finds it: the open attempt if there is one, else the last result, else the start.

    `home` is what `home_for` says; `is_reviewed`: the learner is about to hand in.
    """
    if home is None:
        return QuizPage(
            frame=frame_for(visit, quiz),
            title=quiz.title,
            intro_html=None,
            phase="before",
            notice=not_placed_notice(visit),
        )
    attempts = attempts_at(visit, home, quiz.id)
    current = next((one for one in attempts if one.submitted_at is None), attempts[-1] if attempts else None)
    if current is None:
        return _before(visit, home, quiz)
    return attempt_page(visit, home, current, is_reviewed=is_reviewed)


def attempt_page(
    visit: Visit,
    home: Placement,
    attempt: Attempt,
    *,
    is_reviewed: bool = False,
    lost: dict[str, list[str]] | None = None,
) -> QuizPage:
    """One attempt, by the quiz as it was when the attempt began. `lost` are answers by question id that were not taken
    because another page has the attempt."""
    questions = cards_of(visit, attempt)
    if attempt.submitted_at is not None:
        return _submitted(visit, home, attempt, questions, lost or {})
    quiz = quiz_of(attempt)
    return QuizPage(
        frame=frame_for(visit, visit.course.find_item(quiz.id) or quiz),
        title=quiz.title,
        intro_html=quiz.intro_html and linked(visit, quiz.intro_html),
        phase="open",
        attempt_text=_attempt_text(visit, attempt),
        resumed_text=_resumed_text(attempt),
        here=item_url(visit, quiz.id),
        result_href=visit.url("quizzes.show", attempt_key=attempt.key),
        answer_action=visit.url("quizzes.answer", attempt_key=attempt.key),
        standing_href=visit.url("quizzes.standing", attempt_key=attempt.key),
        writer=new_public_id(),
        seen_writer=attempt.writer or "",
        questions=questions,
        answered_count=len(attempt.responses),
        is_long=len(questions) > LONG,
        time=time_left(attempt, clock.now()),
        review=_review(visit, home, attempt, questions) if is_reviewed else None,
        lost=_lost(questions, lost or {}),
    )


def cards_of(visit: Visit, attempt: Attempt) -> tuple[QuestionView, ...]:
    """The attempt's questions, with as much as may be shown of them now."""
    return question_cards(attempt, explaining_of(visit, attempt), partial(linked, visit))


def explaining_of(visit: Visit, attempt: Attempt) -> Explaining:
    """What may be explained of an attempt now, by the rules its learner is under now."""
    return Explaining.of(attempt, rules_of(visit.session, attempt), clock.now())


def _before(visit: Visit, home: Placement, quiz: Quiz) -> QuizPage:
    access = access_of(visit, home, quiz)
    is_placed = home.item_id in {None, quiz.id}
    return QuizPage(
        frame=frame_for(visit, quiz),
        title=quiz.title,
        intro_html=quiz.intro_html and linked(visit, quiz.intro_html),
        phase="before",
        subtitle=quiz.subtitle,
        facts=facts_before(
            in_context(visit.session, home.context_key, visit.course, quiz),
            access,
            is_preview=visit.occupant.is_instructor,
            has_column=_has_column(visit, home, quiz.id),
        ),
        notice=access_notice(visit, access) if is_placed else not_placed_notice(visit),
        start=_start(visit, access, 1),
    )


def _submitted(
    visit: Visit,
    home: Placement,
    attempt: Attempt,
    questions: tuple[QuestionView, ...],
    lost: dict[str, list[str]],
) -> QuizPage:
    quiz = quiz_of(attempt)
    attempts = attempts_at(visit, home, quiz.id)
    now = visit.course.find_item(quiz.id)
    has_open = any(one.submitted_at is None for one in attempts)
    access = access_of(visit, home, now) if isinstance(now, Quiz) and not has_open else None
    return QuizPage(
        frame=frame_for(visit, now or quiz),
        title=quiz.title,
        intro_html=None,
        phase="submitted",
        attempt_text=_attempt_text(visit, attempt),
        answer_action=visit.url("quizzes.answer", attempt_key=attempt.key),
        questions=questions,
        answered_count=len(attempt.responses),
        result=result_view(visit, home, attempt, attempts, explaining_of(visit, attempt)),
        past=past_attempts(visit, attempts),
        lost=_lost(questions, lost),
        notice=access_notice(visit, access) if access else None,
        start=_start(visit, access, len(attempts) + 1) if access else None,
    )


def _has_column(visit: Visit, home: Placement, item_id: str) -> bool:
    return find_line_item(visit.session, home.id, item_id) is not None


def _start(visit: Visit, access: Access, number: int) -> StartView | None:
    action = visit.url("quizzes.start", item_id=access.item.id)
    if visit.occupant.is_instructor:
        return StartView(action, gettext("Start a preview"))
    if access.state != AccessState.OPEN:
        return None
    total = access.policy.attempts
    if total is None:
        return StartView(action, gettext("Start attempt %(number)s", number=number))
    if total == 1:
        return StartView(action, gettext("Start"))
    return StartView(action, gettext("Start attempt %(number)s of %(total)s", number=number, total=total))


def _attempt_text(visit: Visit, attempt: Attempt) -> str:
    if attempt.is_preview:
        return gettext("Preview")
    allowed = rules_of(visit.session, attempt).attempts
    if allowed is None:
        return gettext("Attempt %(number)s", number=attempt.number)
    return gettext("Attempt %(number)s of %(total)s", number=attempt.number, total=max(allowed, attempt.number))


def _resumed_text(attempt: Attempt) -> Markup | None:
    count = len(attempt.responses)
    if not count:
        return None
    saved = ngettext(
        "%(num)s answer is saved; go on where you left off.",
        "%(num)s answers are saved; go on where you left off.",
        count,
    )
    return paragraph(sentence(gettext("You began %(time)s."), time=time_element(attempt.started_at)), saved)


def _review(visit: Visit, home: Placement, attempt: Attempt, questions: tuple[QuestionView, ...]) -> ReviewView:
    still_open = tuple(question for question in questions if not question.is_answered)
    rules = rules_of(visit.session, attempt)
    left = None if rules.attempts is None else max(0, rules.attempts - attempt.number)
    then = then_after(rules, left, is_preview=attempt.is_preview, has_column=_has_column(visit, home, attempt.item_id))
    return ReviewView(still_open, _open_text(still_open, len(questions)), then)


def _open_text(still_open: tuple[QuestionView, ...], total: int) -> str:
    if not still_open:
        return ngettext("%(num)s question, answered.", "All %(num)s questions are answered.", total)
    return ngettext(
        "Question %(numbers)s is still open. It will count as 0.",
        "Questions %(numbers)s are still open. They will count as 0.",
        len(still_open),
        numbers=listed(question.number for question in still_open),
    )


def _lost(questions: tuple[QuestionView, ...], answers: dict[str, list[str]]) -> Lost:
    lost = []
    for question in questions:
        wanted = answers.get(question.id)
        saved = {choice.id for choice in question.choices if choice.is_chosen}
        if wanted is None or set(wanted) == saved:
            continue
        words = [text_of(choice.html) for choice in question.choices if choice.id in wanted]
        lost.append((question, listed(words) if words else gettext("nothing chosen")))
    return tuple(lost)
