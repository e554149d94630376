"""What must hold of the database and the gradebook once nothing moves any more. Each violation is a line of text."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.attempts import lab_of
from course.conversations import STUDENT, lines_of, turns_of
from course.items import Lab
from course.language_model.ledger import ABANDONED, FAILED, SETTLED
from course.language_model.models import ModelCall, ModelSpend
from course.models import Attempt, Conversation, Placement
from grading import assessments
from grading.conclusions import criteria_of, readings_of
from grading.judging import Judging, submission_of
from grading.models import CriterionAssessment, CriterionReading, Outcome, RubricAssessment
from grading.reading_rows import quote_values, vote_of
from grading.review_queue import DECIDE, queue
from grading.service import BY_PERSON, outcomes_of
from grading.soundness import NOT_VERBATIM, Fault, is_verbatim, own_words
from grading.votes import Settled
from lti_tool.grade_checks import check_grades
from lti_tool.models import LtiUser, OutboxScore
from lti_tool.outbox import DELIVERED, SUPERSEDED
from tests.faults.students import Told

SAME = 0.00005  # a gradebook keeps five decimals


def lab_attempts(session: Session) -> list[Attempt]:
    """Every attempt at a lab, previews left out."""
    query = select(Attempt).join(Conversation, Conversation.attempt_id == Attempt.id)
    return list(session.scalars(query.where(Attempt.is_preview.is_(False)).order_by(Attempt.id)))


def violations_of(
    session: Session, gradebook: Mapping[tuple[str, str], float], told: Iterable[Told] = (), calls_let_through: int = 0
) -> list[str]:
    """Everything that is not as it must be. `gradebook`: (user, lab) → points that the LMS holds; `told`: what students
    were told; `calls_let_through`: how many calls of a model have been made."""
    attempts = lab_attempts(session)
    return [
        *_not_ended(session, attempts),
        *_decided_twice(session, attempts),
        *(line for attempt in attempts for line in _not_borne_out(session, attempt)),
        *map(str, check_grades(session).faults),
        *_ledger_faults(session, calls_let_through),
        *_calls_counted_wrongly(session),
        *_gradebook_differs(session, attempts, gradebook),
        *_forgotten(session, told),
    ]


def _not_ended(session: Session, attempts: Sequence[Attempt]) -> Iterator[str]:
    """Graded, or in the queue of people with a reason."""
    contexts = {session.get_one(Placement, one.placement_id).context_key for one in attempts}
    queued = {
        entry.attempt.id: entry.reasons for key in contexts for entry in queue(session, key) if entry.kind == DECIDE
    }
    standing = outcomes_of(session, attempts)
    for attempt in attempts:
        row = assessments.find_assessment(session, attempt.id)
        if attempt.submitted_at is None:
            yield f"attempt {attempt.id} was not handed in"
        elif row is None:
            yield f"attempt {attempt.id} has no assessment"
        elif row.state == assessments.RELEASED:
            if attempt.id not in standing:
                yield f"attempt {attempt.id} is released without an outcome"
        elif row.state != assessments.PERSON:
            yield f"attempt {attempt.id} is still {row.state} ({row.cause}, {row.tries} tries)"
        elif not any(queued.get(attempt.id, ())):
            yield f"attempt {attempt.id} waits for a person without a reason, or not in the queue"
        elif attempt.id in standing:
            yield f"attempt {attempt.id} waits for a person and has an outcome"


def _decided_twice(session: Session, attempts: Sequence[Attempt]) -> Iterator[str]:
    ids = [attempt.id for attempt in attempts]
    by_machine = select(Outcome.attempt_id).where(Outcome.attempt_id.in_(ids), Outcome.decided_by != BY_PERSON)
    for attempt_id, times in Counter(session.scalars(by_machine)).items():
        if times > 1:
            yield f"attempt {attempt_id} has {times} outcomes of a machine"


def _not_borne_out(session: Session, attempt: Attempt) -> Iterator[str]:
    """A level follows from the votes, a quote from what the student wrote, an outcome from both."""
    row = assessments.find_assessment(session, attempt.id)
    if row is None or row.state not in {assessments.RELEASED, assessments.PERSON}:
        return
    lab, said = lab_of(attempt), own_words(session, attempt.id)
    criteria = criteria_of(session, row.id)
    for one in criteria:
        if not all(is_verbatim(quote, said) for quote in one.quotes):
            yield str(Fault(attempt.id, NOT_VERBATIM, one.criterion_id))
    judged = _judged_again(session, attempt, lab, row)
    for one in criteria:
        step = judged.steps[one.criterion_id]
        if isinstance(step, Settled) != (one.reason is None):
            yield f"attempt {attempt.id}, {one.criterion_id}: the row says {one.reason}, the votes say {step}"
        elif isinstance(step, Settled) and step.level != one.level:
            yield f"attempt {attempt.id}, {one.criterion_id}: level {one.level}, but the votes say {step.level}"
        elif isinstance(step, Settled) and not _rests_on(one, step):
            yield f"attempt {attempt.id}, {one.criterion_id}: a quote that no vote named"
    outcome = outcomes_of(session, [attempt]).get(attempt.id)
    if outcome is not None:
        yield from _outcome_differs(outcome, criteria)


def _judged_again(session: Session, attempt: Attempt, lab: Lab, row: RubricAssessment) -> Judging:
    placement = session.get_one(Placement, attempt.placement_id)
    judging = Judging(
        submission_of(lab.rubric, lines_of(turns_of(session, attempt.id)), row.delimiter),
        counts=placement.takes_grades,
        pass_percent=lab.policy.pass_percent,
    )
    for reading in readings_of(session, row.id):
        judging.add(reading.criterion_id, vote_of(reading))
    return judging


def _rests_on(row: CriterionAssessment, step: Settled) -> bool:
    named = [quote_values(quote) for verdict in step.bearing for quote in verdict.evidence]
    return all(quote in named for quote in row.quotes)


def _outcome_differs(outcome: Outcome, criteria: Sequence[CriterionAssessment]) -> Iterator[str]:
    kept = {one.criterion_id: (one.level, one.quotes) for one in criteria}
    for one in outcome.evidence["criteria"]:
        if kept.get(one["criterion_id"]) != (one["level"], one["quotes"]):
            yield f"attempt {outcome.attempt_id}, {one['criterion_id']}: the outcome and the row differ"


def _ledger_faults(session: Session, calls_let_through: int) -> Iterator[str]:
    calls = session.scalars(select(ModelCall)).all()
    spent: Counter[tuple[str, str]] = Counter()
    for call in calls:
        if call.state not in {SETTLED, FAILED, ABANDONED}:
            yield f"call {call.id} is {call.state}"
        if call.cost < 0 or call.reserved < 0:
            yield f"call {call.id} costs {call.cost} of {call.reserved}"
        for key in _budgets_of(call):
            spent[key] += call.cost
    for counter in session.scalars(select(ModelSpend)):
        key = (counter.scope, counter.key)
        if (counter.spent, counter.reserved) != (spent[key], 0):
            yield f"budget {key}: {counter.spent} spent and {counter.reserved} reserved, its calls cost {spent[key]}"
    if len(calls) < calls_let_through:
        yield f"{calls_let_through} calls were made, {len(calls)} stand in the ledger"


def _budgets_of(call: ModelCall) -> tuple[tuple[str, str], ...]:
    return (
        ("lab", str(call.attempt_id)),
        ("student", f"{call.context_key}/{call.learner_id}"),
        ("context", call.context_key),
        ("month", call.month),
    )


def _calls_counted_wrongly(session: Session) -> Iterator[str]:
    """Each call that a reading rests on is one settled call for that attempt, and no other reading rests on it."""
    seen: set[int] = set()
    rows = session.execute(
        select(CriterionReading, RubricAssessment.attempt_id).join(
            RubricAssessment, RubricAssessment.id == CriterionReading.assessment_id
        )
    )
    for reading, attempt_id in rows:
        for note in reading.calls:
            call = session.get(ModelCall, note["call_id"])
            if call is None or call.attempt_id != attempt_id or call.state != SETTLED or call.cost != note["cost"]:
                yield f"reading {reading.id} rests on call {note['call_id']}, which the ledger tells otherwise"
            if note["call_id"] in seen:
                yield f"call {note['call_id']} is counted twice"
            seen.add(note["call_id"])


def _gradebook_differs(
    session: Session, attempts: Sequence[Attempt], gradebook: Mapping[tuple[str, str], float]
) -> Iterator[str]:
    """The gradebook holds what stands, and nothing else; each score that was owed has arrived or has been replaced."""
    users = {user.learner_id: user.sub for user in session.scalars(select(LtiUser))}
    standing = outcomes_of(session, attempts)
    expected = {
        (users[attempt.learner_id], attempt.item_id): float(standing[attempt.id].points)
        for attempt in attempts
        if attempt.id in standing
    }
    for cell in sorted(expected.keys() | gradebook.keys()):
        if abs(gradebook.get(cell, -1.0) - expected.get(cell, -1.0)) > SAME:
            yield f"the gradebook holds {gradebook.get(cell)} for {cell}, what stands is {expected.get(cell)}"
    for row in session.scalars(select(OutboxScore)):
        if row.state not in {DELIVERED, SUPERSEDED}:
            yield f"score {row.id} is {row.state} ({row.cause})"


def _forgotten(session: Session, told: Iterable[Told]) -> Iterator[str]:
    """What a student was told is kept: each turn, in order, and the handing in."""
    kept: dict[tuple[str, str], Attempt] = {}
    users = {user.learner_id: user.sub for user in session.scalars(select(LtiUser))}
    for attempt in lab_attempts(session):
        kept[users[attempt.learner_id], attempt.item_id] = attempt
    for one in told:
        attempt = kept.get((one.user_id, one.lab_id))
        if attempt is None:
            if one.said or one.has_handed_in:
                yield f"nothing is kept of student {one.user_id} at {one.lab_id}"
            continue
        words = [turn.text for turn in turns_of(session, attempt.id) if turn.role == STUDENT]
        left = iter(words)
        if not all(text in left for text in one.said):
            yield f"attempt {attempt.id}: a turn that was confirmed is not kept"
        if len(words) != len(set(words)):
            yield f"attempt {attempt.id}: a turn was kept twice"
        if one.has_handed_in and attempt.submitted_at is None:
            yield f"attempt {attempt.id}: its handing in was confirmed and is not kept"


def repeated_calls(session: Session) -> int:
    """Calls beyond the first of the same reading, or of the same partner's turn: what a kill made necessary."""
    asked: dict[tuple[int | None, str, str], int] = defaultdict(int)
    for call in session.scalars(select(ModelCall)):
        asked[call.attempt_id, call.purpose, call.about] += 1
    return sum(times - 1 for times in asked.values())
