"""Where platforms take handlers for notices, as rows: one for each deployment, and when it is to be told of ours."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from config.database import changed_rows
from lti_tool.launch import Launch
from lti_tool.models import Deployment, NoticeHandler
from lti_tool.permission import may_be_called
from lti_tool.registrations import find_deployment

RENEWED = timedelta(days=7)  # platforms do not say when they forget a handler
TRIED_ANEW = timedelta(days=1)  # by a launch, after all tries have failed: an admin may have granted the scope
CLAIMED = timedelta(minutes=2)  # longer than a call may take
FIRST_RETRY, MOST_TRIES = timedelta(minutes=1), 6


@dataclass(frozen=True, slots=True)
class Telling:
    """A claimed row as plain values: whom to tell, where, and how often it was tried before."""

    deployment_id: int
    registration_id: int
    url: str
    tries: int


def want_handler(session: Session, launch: Launch, handler: str) -> bool:
    """Note where an admitted launch says that handlers are taken. True when a worker is to register `handler` there:
    the platform has not been told yet, or of another address, or long ago."""
    deployment = find_deployment(session, launch.registration_id, launch.deployment_id) if launch.notices_url else None
    if deployment is None or launch.notices_url is None:
        return False
    now = clock.now()
    row = session.get(NoticeHandler, deployment.id)
    if row is None:
        with suppress(IntegrityError), session.begin_nested():  # another launch of the class was faster
            session.add(NoticeHandler(deployment_id=deployment.id, url=launch.notices_url, next_try_at=now))
        return True
    is_told = row.handler == handler and row.told_at is not None and row.told_at > now - RENEWED
    if row.url == launch.notices_url:
        has_just_tried = row.tried_at is not None and row.tried_at > now - TRIED_ANEW
        if is_told or row.next_try_at is not None or (has_just_tried and row.handler in {None, handler}):
            return False
    row.url, row.next_try_at, row.tries = launch.notices_url, now, 0
    return True


def due_ids(session: Session, limit: int = 100) -> list[int]:
    """The deployments whose platforms are to be told now."""
    query = select(NoticeHandler.deployment_id).where(
        NoticeHandler.next_try_at <= clock.now(), may_be_called(NoticeHandler.deployment_id)
    )
    return list(session.scalars(query.order_by(NoticeHandler.next_try_at).limit(limit)))


def claim(session: Session, deployment_id: int) -> Telling | None:
    """Take a due row for a while; None when it is not due, or somebody else's. Told twice, a platform is none the
    worse."""
    now = clock.now()
    claimed = session.execute(
        update(NoticeHandler)
        .where(NoticeHandler.deployment_id == deployment_id, NoticeHandler.next_try_at <= now)
        .where(may_be_called(NoticeHandler.deployment_id))
        .values(next_try_at=now + CLAIMED, tried_at=now)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(claimed):
        return None
    row = session.get_one(NoticeHandler, deployment_id, populate_existing=True)
    deployment = session.get_one(Deployment, deployment_id)
    return Telling(deployment_id, deployment.registration_id, row.url, row.tries)


def note_told(session: Session, telling: Telling, handler: str) -> None:
    """The platform has taken our handler."""
    row = session.get(NoticeHandler, telling.deployment_id, with_for_update=True)
    if row is None or row.url != telling.url:
        return
    row.handler, row.told_at, row.next_try_at, row.tries, row.cause = handler, clock.now(), None, 0, None


def note_failed(session: Session, telling: Telling, cause: str, *, is_retryable: bool) -> None:
    """It has not. After some tries, or where trying is no use, a launch of another day begins anew."""
    row = session.get(NoticeHandler, telling.deployment_id, with_for_update=True)
    if row is None or row.url != telling.url:
        return
    row.cause, row.tries = cause[:40], telling.tries + 1
    is_tried = is_retryable and row.tries < MOST_TRIES
    row.next_try_at = clock.now() + FIRST_RETRY * 4 ** (row.tries - 1) if is_tried else None
