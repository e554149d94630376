"""What language models have cost, for whoever runs the tool: by platform, context, model, lab, month or purpose, with
the budgets that are nearly or wholly spent, and where one has stopped calls. Console and command show the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.settings import Budgets
from course.conversations import FAILED
from course.language_model.budgets import Standing, limits_in, month_of_now, standings
from course.language_model.models import ModelSpend
from course.language_model.spending import Spending, spending
from course.models import Attempt, Placement, Turn
from grading.assessments import PERSON
from grading.models import RubricAssessment
from grading.votes import Reason
from lti_tool.contexts import list_contexts, people_by_id
from lti_tool.models import Registration

ReportBy = Literal["platform", "context", "model", "lab", "month", "purpose"]
MOST_WARNED = 200  # counters that are looked at
STOPPED_REPLY = "budget"  # the cause of a partner's reply that a budget stopped


@dataclass(frozen=True, slots=True)
class Row:
    """The spending of one platform, context and so on. `title` is a platform's name or a context's title, else ''."""

    title: str
    spent: Spending


@dataclass(frozen=True, slots=True)
class NearBudget:
    """A budget that is nearly or wholly spent. `subject` names whose: an attempt's id, a learner's key, a context's key
    or a month; `context_key` is '' for a month. `warned_at`: when it passed the warning share."""

    scope: str
    subject: str
    context_key: str
    title: str
    standing: Standing
    warned_at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a budget has stopped something: partner's replies that did not come and were not asked for again since, and
    labs that a person decides for it."""

    context_key: str
    title: str
    replies: int
    labs: int


@dataclass(frozen=True, slots=True)
class Overview:
    """One month. `months` are those in which anything was spent, newest first, in millionths of a US dollar."""

    month: str
    months: tuple[tuple[str, int], ...]
    standing: Standing
    platforms: tuple[Row, ...]
    contexts: tuple[Row, ...]
    models: tuple[Row, ...]
    near: tuple[NearBudget, ...]
    stops: tuple[Stop, ...]


def spent_by(session: Session, by: ReportBy, *, month: str | None = None) -> list[Row]:
    """All calls, or those of one month (`2026-11`), added up by `by`, in the order of its keys. The key of a platform
    is its id, '' for contexts that are not known any more."""
    if by == "platform":
        return _by_platform(session, spending(session, "context", month=month))
    titles = _titles(session) if by == "context" else {}
    return [Row(titles.get(one.key, ""), one) for one in spending(session, by, month=month)]


def _by_platform(session: Session, contexts: Iterable[Spending]) -> list[Row]:
    names = {str(one.id): one.name for one in session.scalars(select(Registration))}
    platform_ids = {one.key: str(one.registration_id) for one in list_contexts(session)}
    found: dict[str, list[Spending]] = {}
    for one in contexts:
        found.setdefault(platform_ids.get(one.key, ""), []).append(one)
    return [Row(names.get(key, ""), _sum(key, rows)) for key, rows in sorted(found.items())]


def _titles(session: Session) -> dict[str, str]:
    return {one.key: one.title for one in list_contexts(session)}


def overview(session: Session, budgets: Budgets, month: str | None = None) -> Overview:
    """One month, the present one unless another is named."""
    month = month or month_of_now()
    titles = _titles(session)
    contexts = spending(session, "context", month=month)
    counters = session.scalars(select(ModelSpend).where(ModelSpend.scope == "month").order_by(ModelSpend.key.desc()))
    months = tuple((one.key, one.spent) for one in counters)
    spent = dict(months).get(month, 0)
    now = standings(session, budgets)[-1]
    return Overview(
        month=month,
        months=months,
        standing=now if month == month_of_now() else Standing("month", spent, 0, budgets.month),
        platforms=_dearest(_by_platform(session, contexts)),
        contexts=_dearest(Row(titles.get(one.key, ""), one) for one in contexts),
        models=_dearest(spent_by(session, "model", month=month)),
        near=tuple(_near(session, budgets, titles)),
        stops=tuple(_stops(session, titles)),
    )


def _dearest(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: -row.spent.cost))


def _sum(key: str, rows: Sequence[Spending]) -> Spending:
    names = ("calls", "came_to_nothing", "cost", "reserved", "prompt_tokens", "cache_read_tokens", "output_tokens")
    return Spending(key, *(sum(getattr(row, name) for row in rows) for name in names))


def _near(session: Session, budgets: Budgets, titles: dict[str, str]) -> Iterable[NearBudget]:
    warned = session.scalars(
        select(ModelSpend)
        .where(ModelSpend.warned_at.is_not(None))
        .order_by(ModelSpend.warned_at.desc())
        .limit(MOST_WARNED)
    ).all()
    contexts = _contexts_of(session, [int(one.key) for one in warned if one.scope == "lab"])
    people = people_by_id(session, [int(one.key.rpartition("/")[2]) for one in warned if one.scope == "student"])
    for one in warned:
        subject, context_key = one.key, ""
        if one.scope == "lab":
            context_key = contexts.get(int(one.key), "")
        elif one.scope == "student":
            context_key, _, learner_id = one.key.rpartition("/")
            subject = people[int(learner_id)].key if int(learner_id) in people else learner_id
        elif one.scope == "context":
            context_key = one.key
        limit = limits_in(session, budgets, context_key)[one.scope]
        standing = Standing(one.scope, one.spent, one.reserved, limit)
        if standing.is_near and one.warned_at is not None:  # it may have been raised since
            yield NearBudget(one.scope, subject, context_key, titles.get(context_key, ""), standing, one.warned_at)


def _contexts_of(session: Session, attempt_ids: Sequence[int]) -> dict[int, str]:
    query = select(Attempt.id, Placement.context_key).join(Placement, Placement.id == Attempt.placement_id)
    return {row.id: row.context_key for row in session.execute(query.where(Attempt.id.in_(attempt_ids)))}


def _stops(session: Session, titles: dict[str, str]) -> Iterable[Stop]:
    replies = session.execute(
        select(Placement.context_key, func.count(Turn.id))
        .join(Attempt, Attempt.placement_id == Placement.id)
        .join(Turn, Turn.attempt_id == Attempt.id)
        .where(Turn.status == FAILED, Turn.cause == STOPPED_REPLY, Attempt.submitted_at.is_(None))
        .group_by(Placement.context_key)
    )
    labs = session.execute(
        select(Placement.context_key, func.count(RubricAssessment.id))
        .join(Attempt, Attempt.placement_id == Placement.id)
        .join(RubricAssessment, RubricAssessment.attempt_id == Attempt.id)
        .where(RubricAssessment.state == PERSON, RubricAssessment.cause == Reason.BUDGET.value)
        .group_by(Placement.context_key)
    )
    found: dict[str, list[int]] = {}
    for position, rows in enumerate((replies, labs)):
        for key, count in rows:
            found.setdefault(key, [0, 0])[position] = count
    for key, (no_reply, no_grade) in sorted(found.items()):
        yield Stop(key, titles.get(key, ""), no_reply, no_grade)
