"""An admin lets stuck scores be tried again. Only what is stuck is touched, and only the newest score of a cell; what
is on its way, delivered or replaced stays as it is. So however often it is asked for, it makes no second grade."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from config import clock
from config.database import changed_rows
from lti_tool.admin import audit
from lti_tool.column_searches import GONE
from lti_tool.models import ColumnSearch, Context, Deployment, LineItem, LtiUser, OutboxScore, ResourceLink
from lti_tool.outbox import NO_LINE_ITEM, PENDING, STUCK, TEACHERS_GRADE

AT_ONCE = 1000  # rows of one statement


def retry_stuck(
    session: Session,
    actor: str,
    *,
    score_id: int | None = None,
    registration_id: int | None = None,
    cause: str | None = None,
) -> int:
    """Let the stuck scores that match all of what is given be tried now; how many there were. Whatever is not stuck by
    now is left alone. Scores that a teacher's grade keeps out are meant only where they are named by id or cause.

    A column that was not found is looked for anew, where scores wait for one.
    """
    now = clock.now()
    newer = aliased(OutboxScore)
    query = (
        select(OutboxScore.id)
        .where(OutboxScore.state == STUCK)
        .where(
            ~exists().where(
                newer.line_item_id == OutboxScore.line_item_id,
                newer.lti_user_id == OutboxScore.lti_user_id,
                newer.timestamp > OutboxScore.timestamp,
            )
        )
    )
    if score_id is not None:
        query = query.where(OutboxScore.id == score_id)
    if registration_id is not None:
        query = query.where(OutboxScore.lti_user_id.in_(_people_of(registration_id)))
    if cause is not None:
        query = query.where(func.coalesce(OutboxScore.cause, "") == cause)
    elif score_id is None:
        query = query.where(or_(OutboxScore.cause.is_(None), OutboxScore.cause != TEACHERS_GRADE))
    # A row that somebody has locked is just being let go or replaced; waiting for it could close a circle.
    ids = list(session.scalars(query.order_by(OutboxScore.id).with_for_update(skip_locked=True)))
    not_before = case((OutboxScore.timestamp > now, OutboxScore.timestamp), else_=now)  # as in `enqueue_score`
    for part in _parts(ids):
        session.execute(
            update(OutboxScore)
            .where(OutboxScore.id.in_(part))
            .values(state=PENDING, next_try_at=not_before, retried_at=now)
            .execution_options(synchronize_session=False)
        )
        _seek_columns_of(session, part)
    if ids:
        subject = _subject(score_id, registration_id)
        audit.note(session, actor, "score.retry", subject, count=len(ids), **({"cause": cause} if cause else {}))
    return len(ids)


def retry_columns(session: Session, actor: str, registration_id: int) -> int:
    """Look anew for every column of a platform that was not found; how many there are. One that was taken out of the
    gradebook is left to an instructor's launch."""
    count = _seek(session, _has_failed(), ColumnSearch.line_item_id.in_(_columns_of(registration_id)))
    if count:
        audit.note(session, actor, "column.retry", _subject(None, registration_id), count=count)
    return count


def _seek_columns_of(session: Session, score_ids: Sequence[int]) -> None:
    waiting = select(OutboxScore.line_item_id).where(OutboxScore.id.in_(score_ids), OutboxScore.cause == NO_LINE_ITEM)
    _seek(session, _has_failed(), ColumnSearch.line_item_id.in_(waiting))


def _has_failed() -> ColumnElement[bool]:
    return and_(ColumnSearch.next_try_at.is_(None), ColumnSearch.cause.is_not(None), ColumnSearch.cause != GONE)


def _seek(session: Session, *wanted: ColumnElement[bool]) -> int:
    query = update(ColumnSearch).where(*wanted).values(next_try_at=clock.now(), tries=0)
    return changed_rows(session.execute(query.execution_options(synchronize_session=False)))


def _people_of(registration_id: int) -> Select[int]:
    return select(LtiUser.id).where(LtiUser.registration_id == registration_id)


def _columns_of(registration_id: int) -> Select[int]:
    return (
        select(LineItem.id)
        .join(ResourceLink, ResourceLink.id == LineItem.resource_link_id)
        .join(Context, Context.id == ResourceLink.context_id)
        .join(Deployment, Deployment.id == Context.deployment_id)
        .where(Deployment.registration_id == registration_id)
    )


def _subject(score_id: int | None, registration_id: int | None) -> str:
    if score_id is not None:
        return f"score {score_id}"
    return "scores" if registration_id is None else f"registration {registration_id}"


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for begin in range(0, len(ids), AT_ONCE):
        yield ids[begin : begin + AT_ONCE]
