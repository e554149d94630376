"""The review's pages: what waits, and one case with its transcript beside the rubric."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup
from sqlalchemy import select

from course.attempts import attempts_of, lab_of
from course.conversations import lines_of, turns_of
from course.items import Lab
from course.models import Attempt, Placement
from grading.assessments import find_assessment
from grading.conclusions import criteria_of, release_date
from grading.lab_states import appeals_of
from grading.models import CriterionAssessment, RubricAssessment
from grading.review_queue import SAMPLE, Entry, queue
from grading.service import outcomes_of
from lti_tool.models import LtiUser
from lti_tool.web.frames import frame_of_course
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, percent
from lti_tool.web.lab_views import QuoteView, TurnView
from lti_tool.web.lab_words import LEVEL_NAMES
from lti_tool.web.pages import Frame, Link
from lti_tool.web.quote_marks import Mark, paragraphs
from lti_tool.web.review_views import AppealView, CasePage, CriterionCase, EntryView, LevelChoice, QueuePage
from lti_tool.web.review_words import DONE, FLAGS, FOUND_BY, KINDS, REASONS
from lti_tool.web.sentences import sentence, time_element
from lti_tool.web.wording import points_text
from lti_tool.web.work_pages import other_attempts


def queue_page(visit: Visit, done: str = "") -> QueuePage:
    """Everything that waits in this context. `done`: what has just been done, a key of `DONE`."""
    entries = queue(visit.session, visit.placement.context_key)
    names = _names(visit, [entry.attempt.learner_id for entry in entries])
    views = [(entry.kind, _entry(visit, entry, names)) for entry in entries]
    done_text = str(DONE[done]) if done in DONE else ""
    return QueuePage(
        frame=_frame(visit, gettext("Review")),
        waiting=tuple(view for kind, view in views if kind != SAMPLE),
        samples=tuple(view for kind, view in views if kind == SAMPLE),
        done_text=done_text,
        next_href=views[0][1].href if done_text and views else "",
    )


def _frame(visit: Visit, title: str) -> Frame:
    """Without the notice that nothing done here becomes a grade: here it does."""
    return replace(frame_of_course(visit, title), notice=None)


def _entry(visit: Visit, entry: Entry, names: Mapping[int, str]) -> EntryView:
    item = visit.course.find_item(entry.attempt.item_id)
    is_blind = entry.kind == SAMPLE
    return EntryView(
        href=visit.url("review.show", attempt_key=entry.attempt.key, blind="1" if is_blind else None),
        title=item.title if item else entry.attempt.item_id,
        who=gettext("A student") if is_blind else names.get(entry.attempt.learner_id) or gettext("A student"),
        kind_text=str(KINDS[entry.kind]),
        reasons=tuple(str(REASONS[reason]) for reason in entry.reasons if reason in REASONS),
        since=time_element(entry.since),
    )


def case_page(
    visit: Visit, attempt: Attempt, *, is_blind: bool, typed: Mapping[str, str] | None = None, answering: str = ""
) -> CasePage:
    """One attempt to be judged. `typed`: what a form that was refused held, the one that answers the appeal about the
    criterion `answering`, or the one that judges."""
    lab = lab_of(attempt)
    row = find_assessment(visit.session, attempt.id)
    outcome = outcomes_of(visit.session, [attempt]).get(attempt.id)
    standing = {one["criterion_id"]: one for one in outcome.evidence["criteria"]} if outcome else {}
    rows = {one.criterion_id: one for one in criteria_of(visit.session, row.id)} if row else {}
    criteria = tuple(
        _criterion(
            lab,
            criterion.id,
            rows.get(criterion.id),
            standing.get(criterion.id),
            decision=row.decision if row and row.decision and not standing else None,
            is_blind=is_blind,
            typed=typed or {},
        )
        for criterion in lab.rubric.criteria
    )
    endpoint = "review.look" if is_blind else "review.decide"
    doubts = {criterion.doubt for criterion in criteria}
    if len(doubts) == 1:  # said once, not with every criterion
        criteria = tuple(replace(criterion, doubt="") for criterion in criteria)
    return CasePage(
        frame=_frame(visit, gettext("Review: %(title)s", title=lab.title)),
        title=lab.title,
        who="" if is_blind else _names(visit, [attempt.learner_id]).get(attempt.learner_id) or gettext("A student"),
        is_blind=is_blind,
        standing_text=points_text(outcome.points, outcome.points_possible) if outcome and not is_blind else "",
        flags=() if is_blind else _flags(row),
        turns=_turns(visit, lab, attempt, criteria),
        appeals=() if is_blind else _appeals(visit, lab, attempt, answering, typed or {}),
        criteria=criteria,
        action=visit.url(endpoint, attempt_key=attempt.key),
        back_href=visit.url("review.index"),
        held=None if is_blind or outcome else _held(visit, attempt, is_decided=bool(row and row.decision)),
        at_once="at_once" in (typed or {}),
        doubt=doubts.pop() if len(doubts) == 1 else "",
        others=() if is_blind else _others(visit, attempt),
    )


def _others(visit: Visit, attempt: Attempt) -> tuple[Link, ...]:
    placement = visit.session.get_one(Placement, attempt.placement_id)
    together = attempts_of(visit.session, placement, attempt.learner_id, attempt.item_id)
    all_work = Link(gettext("All work handed in"), visit.url("work.index", item_id=attempt.item_id))
    return (*other_attempts(visit, attempt, together), all_work)


def _held(visit: Visit, attempt: Attempt, *, is_decided: bool) -> Markup | None:
    date = release_date(visit.session, attempt)
    if date is None:
        return None
    text = (
        gettext("This is decided, and shown to the student from %(time)s. Until then you can change it.")
        if is_decided
        else gettext("Results of this lab are shown from %(time)s. What you save is kept, and shown then.")
    )
    return sentence(text, time=time_element(date))


def _criterion(
    lab: Lab,
    criterion_id: str,
    row: CriterionAssessment | None,
    standing: Mapping[str, Any] | None,
    *,
    decision: Mapping[str, Any] | None,
    is_blind: bool,
    typed: Mapping[str, str],
) -> CriterionCase:
    criterion = lab.rubric.criterion(criterion_id)
    settled = standing["level"] if standing else row.level if row and row.reason is None else None
    reason = ""
    if decision is not None:
        settled, reason = decision["levels"][criterion_id], decision["reasons"].get(criterion_id, "")
    chosen = typed.get(f"level.{criterion_id}") or ("" if settled is None or is_blind else str(settled))
    case = CriterionCase(
        id=criterion_id,
        name=criterion.name,
        weight=percent(criterion.weight),
        levels=tuple(
            LevelChoice(one.level, str(LEVEL_NAMES[one.level]), one.descriptor, chosen == str(one.level))
            for one in criterion.levels
        ),
        why=typed.get(f"why.{criterion_id}", reason),
    )
    if is_blind or row is None:
        return case
    return _with_findings(case, row, standing)


def _with_findings(case: CriterionCase, row: CriterionAssessment, standing: Mapping[str, Any] | None) -> CriterionCase:
    level = standing["level"] if standing else row.level
    decided_by = standing["decided_by"] if standing else row.decided_by
    quotes = standing["quotes"] if standing else row.quotes
    found = "" if level is None else str(FOUND_BY[decided_by]) % {"level": LEVEL_NAMES[level]}
    return CriterionCase(
        id=case.id,
        name=case.name,
        weight=case.weight,
        levels=case.levels,
        why=case.why,
        found=found,
        doubt=str(REASONS[row.reason]) if row.reason in REASONS and not standing else "",
        quotes=tuple(
            QuoteView(one["text"], one["turn"], one["start"], one["end"], f"quote-{case.id}-{place}", f"case-{case.id}")
            for place, one in enumerate(quotes, 1)
        ),
        boundary=standing["boundary"] if standing else row.boundary,
        feedback=standing["feedback"] if standing else row.feedback,
    )


def _turns(visit: Visit, lab: Lab, attempt: Attempt, criteria: Sequence[CriterionCase]) -> tuple[TurnView, ...]:
    marks: dict[int, list[Mark]] = {}
    for criterion in criteria:
        for quote in criterion.quotes:
            mark = Mark(quote.start, quote.end, quote.place, f"#{quote.back}", criterion.name)
            marks.setdefault(quote.turn, []).append(mark)
    return tuple(
        TurnView(
            number=line.number,
            speaker=gettext("Student") if line.role == "student" else lab.partner.name,
            is_student=line.role == "student",
            paragraphs=paragraphs(line.text, marks.get(line.number, ())),
        )
        for line in lines_of(turns_of(visit.session, attempt.id))
    )


def _appeals(
    visit: Visit, lab: Lab, attempt: Attempt, answering: str, typed: Mapping[str, str]
) -> tuple[AppealView, ...]:
    return tuple(
        AppealView(
            criterion_id=one.criterion_id,
            name=lab.rubric.criterion(one.criterion_id).name,
            words=one.words,
            since=time_element(one.made_at),
            answer=one.answer or "",
            action=visit.url("review.answer", attempt_key=attempt.key, criterion_id=one.criterion_id),
            typed=typed.get("answer", "") if one.criterion_id == answering else "",
            typed_level=typed.get("level", "") if one.criterion_id == answering else "",
        )
        for one in appeals_of(visit.session, attempt.id)
    )


def _flags(row: RubricAssessment | None) -> tuple[str, ...]:
    found = dict.fromkeys(flag["kind"] for flag in row.flags if flag.get("serious", True)) if row else {}
    return tuple(str(FLAGS[kind]) for kind in found if kind in FLAGS)


def _names(visit: Visit, learner_ids: Sequence[int]) -> dict[int, str]:
    rows = visit.session.execute(
        select(LtiUser.learner_id, LtiUser.name).where(LtiUser.learner_id.in_(set(learner_ids)))
    )  # fmt: skip
    return {row.learner_id: row.name or "" for row in rows}
