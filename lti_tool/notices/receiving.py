"""What a platform posts to our handler: `{"notices": [{"jwt": …}]}`, each notice judged by itself and stored once."""

import json
import logging
from dataclasses import dataclass
from datetime import timedelta

import requests
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import clock
from config.database import Database
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.launch import CONTEXT_COPY_NOTICE
from lti_tool.models import ReceivedNotice
from lti_tool.notices.checking import Notice, check_notice

log = logging.getLogger(__name__)

MOST_NOTICES = 100  # in one request
MOST_WAITING = 1000  # of one platform; beyond it they are let go, and first launches do what they would have done
KEPT = timedelta(days=30)  # far longer than a notice is good for: so none is taken twice


class Unreadable(ValueError):
    """The body is no list of notices."""


@dataclass(frozen=True, slots=True)
class Received:
    """How many notices of a request were good, of which `stored` are new and for us to work off, and why others were
    refused."""

    good: int
    stored: int
    refused: tuple[Cause, ...]


def tokens_of(body: bytes) -> list[str]:
    """The JWTs of a request's body. Raises `Unreadable`."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None
    notices = document.get("notices") if isinstance(document, dict) else None
    if not isinstance(notices, list) or not 0 < len(notices) <= MOST_NOTICES:
        raise Unreadable(f"notices must be a list of 1 to {MOST_NOTICES}")
    tokens = [one.get("jwt") if isinstance(one, dict) else None for one in notices]
    if not all(isinstance(one, str) for one in tokens):
        raise Unreadable("each notice must have a jwt")
    return [str(one) for one in tokens]


def receive(database: Database, http: requests.Session, tokens: list[str]) -> Received:
    """Check each notice and store what is new and of use. No transaction may be open."""
    good, refused = [], []
    for token in tokens:
        try:
            good.append(check_notice(database, http, token))
        except LaunchRefused as error:
            refused.append(error.cause)
    stored = 0
    with database.transaction() as session:
        for notice in good:
            try:
                stored += notice.type == CONTEXT_COPY_NOTICE and _store(session, notice)
            except LaunchRefused as error:
                refused.append(error.cause)
    for cause in refused:
        log.warning("notice refused", extra={"cause": str(cause)})
    return Received(len(tokens) - len(refused), stored, tuple(refused))


def _store(session: Session, notice: Notice) -> bool:
    """Whether the notice is new. Raises `LaunchRefused` if its nonce is another notice's."""
    of_platform = select(ReceivedNotice).where(ReceivedNotice.registration_id == notice.registration_id)
    if session.scalar(of_platform.where(ReceivedNotice.notice_id == notice.notice_id)) is not None:
        return False
    if session.scalar(of_platform.where(ReceivedNotice.nonce_hash == notice.nonce_hash)) is not None:
        raise LaunchRefused(Cause.NONCE_REPLAYED)
    waiting = select(func.count()).select_from(
        of_platform.where(ReceivedNotice.done_at.is_(None)).limit(MOST_WAITING).subquery()
    )
    if session.scalar(waiting) == MOST_WAITING:
        log.warning("notice let go, too many wait", extra={"registration": notice.registration_id})
        return False
    now = clock.now()
    row = ReceivedNotice(
        registration_id=notice.registration_id,
        deployment_id=notice.deployment_id,
        notice_id=notice.notice_id,
        nonce_hash=notice.nonce_hash,
        lti_context_id=notice.context_id,
        context_title=notice.context_title,
        origin_ids=list(notice.origin_ids),
        received_at=now,
        expires_at=now + KEPT,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same notice, in another request at this moment
        return False
    return True
