"""Where a handed-in lab stands and what came of it: the grade, who decided, each criterion with its quotes."""

from decimal import Decimal

from course.conversations import MODEL
from course.language_model.errors import SWITCHED_OFF
from course.models import Attempt, Placement
from grading.lab_states import CriterionResult, GradingState, LabResult, assessment_of, grading_state
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, lazy_gettext, percent
from lti_tool.web.lab_views import CriterionResultView, FateView, QuoteView, RefusedAppeal
from lti_tool.web.lab_words import LEVEL_NAMES
from lti_tool.web.quiz_results import deduction_text, delivery_view
from lti_tool.web.quote_marks import Mark
from lti_tool.web.sentences import paragraph, sentence, time_element
from lti_tool.web.wording import points_of, points_text

TITLES = {
    "waiting": lazy_gettext("Handed in, waiting to be graded"),
    "grading": lazy_gettext("Handed in, being graded"),
    "delayed": lazy_gettext("Handed in, grading is delayed"),
    "person": lazy_gettext("Handed in, waiting for a person"),
    "held": lazy_gettext("Graded, not shown yet"),
}
WAITING = lazy_gettext("Nothing more is needed from you. You can leave; the result will be on this page.")
DECIDED = {
    "model": lazy_gettext("Decided by an AI, by the rubric"),
    "rule": lazy_gettext("Decided by a rule: hardly anything was written"),
    "person": lazy_gettext("Decided by a person"),
}


def fate_of(
    visit: Visit, home: Placement, attempt: Attempt, partner: str, *, refused: RefusedAppeal | None = None
) -> FateView:
    """Where the attempt stands, in words that are true on every page, device and reload. `refused`: an appeal that was
    just not taken."""
    if attempt.is_preview:
        title, text = gettext("Preview handed in"), gettext("A preview is kept here and is not graded.")
        return _view(attempt, "preview", title, text)
    result = assessment_of(visit.session, attempt)
    if result is None:
        state = grading_state(visit.session, attempt)
        return _view(attempt, state.state, str(TITLES[state.state]), _waiting_text(state, partner))
    outcome = result.outcome
    return _view(
        attempt,
        "graded",
        points_text(outcome.points, outcome.points_possible),
        "",
        percent_text=percent(outcome.points * 100 / outcome.points_possible),
        decided_text=_decided_text(result),
        deduction_text=deduction_text(outcome),
        earlier_text=_earlier_text(result),
        criteria=tuple(_criterion(visit, attempt, one, refused) for one in result.criteria),
        delivery=delivery_view(visit, home, attempt.item_id),
    )


def marks_of(fate: FateView | None) -> dict[int, tuple[Mark, ...]]:
    """The quotes of a result, by turn, each with its way back to the criterion that rests on it."""
    marks: dict[int, list[Mark]] = {}
    for criterion in fate.criteria if fate else ():
        for quote in criterion.quotes:
            mark = Mark(quote.start, quote.end, quote.place, f"#{quote.back}", criterion.name)
            marks.setdefault(quote.turn, []).append(mark)
    return {turn: tuple(found) for turn, found in marks.items()}


def _view(attempt: Attempt, state: str, title: str, text: str, **result: object) -> FateView:
    submitted = time_element(attempt.submitted_at) if attempt.submitted_at else ""
    submitted_text = sentence(gettext("Handed in %(time)s"), time=submitted)
    return FateView(state=state, title=title, text=text, submitted_text=submitted_text, **result)  # type: ignore[arg-type]


def _waiting_text(state: GradingState, partner: str) -> str:
    if state.state == "held" and state.release_at:
        when = sentence(gettext("It is shown from %(time)s."), time=time_element(state.release_at))
        return paragraph(when, str(WAITING))
    if state.state == "delayed" and state.cause == SWITCHED_OFF:
        told = gettext(
            "AI is switched off at the moment. It is read when AI is on again; after a day a person decides."
        )
        return paragraph(told, str(WAITING))
    if state.state == "delayed" and state.next_try_at:
        told = sentence(
            gettext("The AI that reads it cannot be reached at the moment. It is tried again %(time)s."),
            time=time_element(state.next_try_at),
        )
        return paragraph(told, str(WAITING))
    if state.state == "person" or partner != MODEL:
        return paragraph(gettext("A person decides, by the rubric."), str(WAITING))
    return paragraph(gettext("An AI reads it by the rubric; where it is in doubt, a person decides."), str(WAITING))


def _decided_text(result: LabResult) -> str:
    if result.outcome.decided_by == "person":
        return gettext("Decided by a person.")
    return gettext("Decided by an AI, by the rubric. You can ask a person to look again.")


def _earlier_text(result: LabResult) -> str:
    if not result.earlier:
        return ""
    before = result.earlier[-1]
    return gettext("Before that it was %(points)s.", points=points_text(before.points, before.points_possible))


def _criterion(
    visit: Visit, attempt: Attempt, one: CriterionResult, refused: RefusedAppeal | None
) -> CriterionResultView:
    back = f"result-{one.criterion_id}"
    return CriterionResultView(
        id=back,
        name=one.name,
        level_name=str(LEVEL_NAMES[one.level]),
        level=one.level,
        points_text=points_of(Decimal(one.points), Decimal(one.points_possible)),
        quotes=tuple(
            QuoteView(quote.text, quote.turn, quote.start, quote.end, f"quote-{one.criterion_id}-{number}", back)
            for number, quote in enumerate(one.quotes, 1)
        ),
        omission_text=gettext("Your turns do not speak of this.") if one.omission else "",
        feedback=one.feedback,
        boundary=one.boundary,
        decided_text=str(DECIDED[one.decided_by]),
        why=one.why,
        changed_text=_changed_text(one),
        appeal=one.appeal.words if one.appeal else "",
        answer=(one.appeal.answer or "") if one.appeal else "",
        appeal_action=visit.url("labs.appeal", attempt_key=attempt.key, criterion_id=one.criterion_id),
        refused=refused if refused and refused.criterion_id == one.criterion_id else None,
    )


def _changed_text(one: CriterionResult) -> str:
    if one.decided_by != "person" or one.machine_level is None or one.machine_level == one.level:
        return ""
    return gettext("The AI had found: %(level)s.", level=str(LEVEL_NAMES[one.machine_level]))
