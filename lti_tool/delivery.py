"""One score on its way: claim the row, post it with no transaction open, write down what became of it."""

import logging
from enum import Enum

import requests
from sqlalchemy.orm import Session

from config import metrics
from config.database import Database
from config.leases import LeaseKeeper
from lti_tool import column_searches, outbox
from lti_tool.ags import Connector, Result, ServiceAccount, ServiceFailed, post_score, read_result
from lti_tool.keys import signing_key
from lti_tool.models import Registration
from lti_tool.outbox import Delivery
from lti_tool.platforms import ATTEMPTS_USED_UP, NOT_A_STUDENT, NOT_NEWER, WAITING_HELPS
from lti_tool.returning import note_refused

log = logging.getLogger(__name__)

RENEW_EVERY = outbox.LEASE / 4
SAME_SHARE = 0.00005  # half of the finest step we send: a gradebook's rounding is not a difference
MOST_RESTAMPS = 5
NEW_SUBMISSION = '"new_submission":true'


class Answer(Enum):
    """What became of a score, and what the gradebook holds now."""

    HELD = "held"  # this score
    OTHER = "other"  # another one with a later stamp
    OVERRULED = "overruled"  # it was taken, and a teacher's grade is shown
    LEFT_ALONE = "left alone"  # a teacher's grade, which this score would have replaced: it was not sent
    NO_ATTEMPT_LEFT = "no attempt left"  # it would have made one submission too many


WORDS = {
    Answer.HELD: "score delivered",
    Answer.OTHER: "score to be stamped anew",
    Answer.OVERRULED: "score taken, another grade is shown",
    Answer.LEFT_ALONE: "score not sent over a teacher's grade",
    Answer.NO_ATTEMPT_LEFT: "score to be sent without a submission",
}


class Deliverer:
    """Sends scores for one worker process and keeps their leases alive while it does. `base_url` is our own."""

    def __init__(self, database: Database, http: requests.Session, base_url: str) -> None:
        self._database = database
        self._http = http
        self._base_url = base_url
        self._keeper = LeaseKeeper(database, RENEW_EVERY, outbox.renew_leases)

    def deliver(self, outbox_id: int) -> None:
        """Send one due row; does nothing if it is not due or another worker has it."""
        with self._database.transaction() as session:
            delivery = outbox.claim(session, outbox_id)
            account = service_account(session, delivery.registration_id) if delivery else None
        if delivery is None or account is None:
            return
        with self._keeper.holding(delivery.owner):
            try:
                answer = self._post(delivery, Connector(self._database, account, self._http))
            except ServiceFailed as failure:
                self._record_failure(delivery, failure)
                return
            except Exception as error:  # or every sweep would find the row due and post it again
                log.error("sending a score broke", exc_info=error, extra=_fields(delivery))
                self._record_failure(delivery, ServiceFailed(f"failed_{error.__class__.__name__}", retryable=True))
                return
        with self._database.transaction() as session:
            _record(session, delivery, answer)
        metrics.count(metrics.DELIVERIES, str(delivery.registration_id), answer.name.lower(), "")
        log.info(WORDS[answer], extra=_fields(delivery))

    def _post(self, delivery: Delivery, connector: Connector) -> Answer:
        """Post, and say what the platform holds now."""
        if delivery.line_item_url is None:
            raise ServiceFailed(outbox.NO_LINE_ITEM, retryable=False)
        if delivery.platform.loses_teachers_grade and delivery.reads_results:
            held = read_result(connector, delivery.line_item_url, delivery.user_id)
            if held is not None and _is_ours(delivery, held) and delivery.may_have_arrived:
                return Answer.HELD
            if held is not None and not (_is_ours(delivery, held) or _is_before(delivery, held)):
                return Answer.LEFT_ALONE
        try:
            post_score(connector, delivery.line_item_url, self._body(delivery))
        except ServiceFailed as failure:
            cause = _cause(delivery, failure)
            if cause == ATTEMPTS_USED_UP and NEW_SUBMISSION in delivery.body:
                return Answer.NO_ATTEMPT_LEFT
            if cause != NOT_NEWER:
                raise
            return self._after_conflict(delivery, connector, delivery.line_item_url)
        if delivery.platform.keeps_teachers_grade and delivery.reads_results:
            return self._after_posting(delivery, connector, delivery.line_item_url)
        return Answer.HELD

    def _body(self, delivery: Delivery) -> str:
        # The row keeps no address of ours, which may change between two tries: every try says where we are now.
        return delivery.body.replace(f'"{outbox.SUBMISSION_PATH}', f'"{self._base_url}{outbox.SUBMISSION_PATH}', 1)

    @staticmethod
    def _after_posting(delivery: Delivery, connector: Connector, line_item_url: str) -> Answer:
        # It was taken; whether it is also what the gradebook shows, only the gradebook says.
        try:
            held = read_result(connector, line_item_url, delivery.user_id)
        except ServiceFailed:
            return Answer.HELD
        return Answer.HELD if held is not None and _is_ours(delivery, held) else Answer.OVERRULED

    def _after_conflict(self, delivery: Delivery, connector: Connector, line_item_url: str) -> Answer:
        # The platform holds a score with this timestamp or a later one. Mostly it is this very score, whose answer was
        # lost; the gradebook says so. Where we may not read it, an earlier post of these bytes is likely.
        if delivery.reads_results:
            try:
                held = read_result(connector, line_item_url, delivery.user_id)
            except ServiceFailed as failure:
                if failure.retryable:
                    raise
            else:
                return Answer.HELD if held is not None and _is_ours(delivery, held) else Answer.OTHER
        return Answer.HELD if delivery.may_have_arrived and not delivery.conflicts else Answer.OTHER

    def _record_failure(self, delivery: Delivery, failure: ServiceFailed) -> None:
        told = _cause(delivery, failure)
        cause = told or failure.cause
        is_retryable = failure.retryable if told is None else told in WAITING_HELPS
        with self._database.transaction() as session:
            if failure.was_not_taken:
                outbox.note_not_posted(session, delivery)
            if failure.status == 404 and delivery.line_item_url is not None:
                column_searches.note_gone(session, delivery.line_item_id, delivery.line_item_url)
            if is_retryable:
                outbox.mark_for_retry(session, delivery, cause, failure.retry_after)
            else:
                outbox.mark_stuck(session, delivery, cause)
            if cause == NOT_A_STUDENT:
                note_refused(session, delivery.line_item_id, delivery.user_id)
        result = "retry" if is_retryable else "stuck"
        metrics.count(metrics.DELIVERIES, str(delivery.registration_id), result, cause)
        log.warning(
            "score not delivered, will retry" if is_retryable else "score stuck",
            extra={**_fields(delivery), "cause": cause, "status": failure.status},
        )


def _record(session: Session, delivery: Delivery, answer: Answer) -> None:
    match answer:
        case Answer.HELD:
            outbox.mark_delivered(session, delivery)
        case Answer.OVERRULED:
            outbox.mark_delivered(session, delivery, outbox.TEACHERS_GRADE)
        case Answer.LEFT_ALONE:
            outbox.mark_stuck(session, delivery, outbox.TEACHERS_GRADE)
        case Answer.NO_ATTEMPT_LEFT:
            outbox.be_no_new_attempt(session, delivery)
        case Answer.OTHER if delivery.conflicts < MOST_RESTAMPS:
            outbox.restamp(session, delivery)
        case Answer.OTHER:
            outbox.mark_stuck(session, delivery, outbox.CONFLICT)


def _cause(delivery: Delivery, failure: ServiceFailed) -> str | None:
    if failure.status is None or failure.cause.startswith("token_") or failure.cause.endswith("_throttled"):
        return None
    return delivery.platform.cause_of(failure.status, failure.text, tries=delivery.tries)


def _is_ours(delivery: Delivery, held: Result) -> bool:
    return abs(held.share - delivery.share) < SAME_SHARE


def _is_before(delivery: Delivery, held: Result) -> bool:
    """Whether it holds what we delivered last. Canvas keeps the points when a column's maximum is changed."""
    before = delivery.before
    return before is not None and (
        abs(held.share - before.share) < SAME_SHARE or abs(held.score - before.score) < SAME_SHARE
    )


def service_account(session: Session, registration_id: int) -> ServiceAccount:
    """What is needed to ask a registration's platform for a token."""
    registration = session.get_one(Registration, registration_id)
    kid, private_pem = signing_key(session)
    return ServiceAccount(
        registration_id=registration.id,
        issuer=registration.issuer,
        client_id=registration.client_id,
        token_url=registration.auth_token_url,
        audience=registration.auth_audience,
        kid=kid,
        private_pem=private_pem,
    )


def _fields(delivery: Delivery) -> dict[str, object]:
    return {
        "outbox": delivery.outbox_id,
        "registration": delivery.registration_id,
        "line_item": delivery.line_item_id,
        "tries": delivery.tries + 1,
    }
