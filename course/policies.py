"""Whose rules hold: those of the course's files, what somebody has set for one context (an *override*), and what one
learner has more of (an *accommodation*), in this order.

How an attempt counts (points, which attempt, shuffling) is fixed when it is begun: `course.attempts.item_of` says.
What it may still do (dates, time, attempts, feedback, late work) follows the rules as they stand now: `rules_of`. So
does whether an item is passed (`grading.service.work_in_context`), which changes no grade.
So an instructor who moves a date moves it for everyone at once, and an author who edits a file changes nothing for
those who are in the middle of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from course.accommodations import accommodations_for, own_policy
from course.errors import ContentError, Problem
from course.items import Course, Graded, Policy
from course.loading.policies import override_faults
from course.models import Attempt, Placement, PolicyOverride
from course.policy_values import with_rules
from course.snapshots import policy_of_snapshot

AnyGraded = TypeVar("AnyGraded", bound=Graded)


def in_context(session: Session, context_key: str, course: Course, item: AnyGraded) -> AnyGraded:
    """The item with the rules that hold for everyone in the context."""
    rules = override_of(session, context_key, course.id, item.id)
    return replace(item, policy=with_rules(item.policy, rules))


def course_in_context(session: Session, context_key: str, course: Course) -> Course:
    """The course with every graded item as `in_context` has it, in one query."""
    rows = session.execute(
        select(PolicyOverride.item_id, PolicyOverride.values).where(
            PolicyOverride.context_key == context_key, PolicyOverride.course_id == course.id
        )
    )
    rules: dict[str, Mapping[str, Any]] = {row.item_id: row.values for row in rows}
    if not rules:
        return course
    return replace(
        course,
        modules=tuple(
            replace(
                module,
                items=tuple(
                    replace(item, policy=with_rules(item.policy, rules.get(item.id, {})))
                    if isinstance(item, Graded)
                    else item
                    for item in module.items
                ),
            )
            for module in course.modules
        ),
    )


def policy_at(session: Session, placement: Placement, item: Graded, learner_id: int) -> Policy:
    """The rules of an item at home in `placement` for one learner: what is shown to them, and what a new attempt would
    be under."""
    return _own(session, placement.context_key, placement.course_id, item.id, item.policy, learner_id=learner_id)


def rules_of(session: Session, attempt: Attempt) -> Policy:
    """The rules an attempt is under now: those of its snapshot, with the override and the accommodations of today."""
    placement = session.get_one(Placement, attempt.placement_id)
    written = policy_of_snapshot(attempt.snapshot.body)
    return _own(
        session, placement.context_key, placement.course_id, attempt.item_id, written, learner_id=attempt.learner_id
    )


def end_of(policy: Policy, started_at: datetime) -> datetime | None:
    """When the time of an attempt is up: the time limit from its start, and never later than the rules' last moment;
    None for never."""
    minutes = policy.time_limit_minutes
    by_limit = None if minutes is None else started_at + timedelta(minutes=minutes)
    ends = [one for one in (by_limit, policy.ends_at) if one is not None]
    return min(ends, default=None)


def override_of(session: Session, context_key: str, course_id: str, item_id: str) -> dict[str, Any]:
    """The rules set for an item in a context; empty when there are none."""
    row = session.get(PolicyOverride, (context_key, course_id, item_id))
    return dict(row.values) if row else {}


def set_override(
    session: Session, context_key: str, course: Course, item: Graded, rules: Mapping[str, Any]
) -> dict[str, Any]:
    """Set these rules for the context and keep the others that were set; all that are set now.

    `item` is the file's. `rules` are as course.yaml has them. Raises `ContentError` for rules that course.yaml could
    not have either. What follows for attempts already begun is `lti_tool.policy_changes`'s to do.
    """
    row = session.get(PolicyOverride, (context_key, course.id, item.id))
    values = {**(row.values if row else {}), **rules}
    _refuse_faults(session, context_key, course, item, values)
    if row is None:
        row = PolicyOverride(context_key=context_key, course_id=course.id, item_id=item.id)
        session.add(row)
    row.values, row.changed_at = values, clock.now()
    session.flush()
    return values


def clear_override(
    session: Session, context_key: str, course: Course, item: Graded, keys: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Let the file's rules hold again, all or those of `keys`; what is still set. Raises `ContentError` when what is
    left contradicts itself."""
    row = session.get(PolicyOverride, (context_key, course.id, item.id))
    if row is None:
        return {}
    values = {key: value for key, value in row.values.items() if keys and key not in keys}
    _refuse_faults(session, context_key, course, item, values)
    if values:
        row.values, row.changed_at = values, clock.now()
    else:
        session.delete(row)
    session.flush()
    return values


def _refuse_faults(session: Session, context_key: str, course: Course, item: Graded, rules: Mapping[str, Any]) -> None:
    if faults := override_faults(course_in_context(session, context_key, course), item, rules):
        raise ContentError([Problem(item.id, fault.line, fault.message, fault.hint) for fault in faults])


def _own(
    session: Session, context_key: str, course_id: str, item_id: str, written: Policy, *, learner_id: int
) -> Policy:
    policy = with_rules(written, override_of(session, context_key, course_id, item_id))
    return own_policy(policy, accommodations_for(session, context_key, learner_id), item_id)
