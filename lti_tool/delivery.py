"""One score on its way: claim the row, post it with no transaction open, write down what became of it."""

import logging

import requests
from sqlalchemy.orm import Session

from config.database import Database
from config.leases import LeaseKeeper
from lti_tool import outbox
from lti_tool.ags import Connector, ServiceAccount, ServiceFailed, post_score, result_share
from lti_tool.keys import signing_key
from lti_tool.models import Registration
from lti_tool.outbox import Delivery

log = logging.getLogger(__name__)

RENEW_EVERY = outbox.LEASE / 4
SAME_SHARE = 0.00005  # half of the finest step we send: a gradebook's rounding is not a difference
MOST_RESTAMPS = 5


class Deliverer:
    """Sends scores for one worker process and keeps their leases alive while it does."""

    def __init__(self, database: Database, http: requests.Session) -> None:
        self._database = database
        self._http = http
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
            if answer == "held":
                outbox.mark_delivered(session, delivery)
            elif delivery.conflicts < MOST_RESTAMPS:
                outbox.restamp(session, delivery)
            else:
                outbox.mark_stuck(session, delivery, outbox.CONFLICT)
        log.info("score delivered" if answer == "held" else "score to be stamped anew", extra=_fields(delivery))

    def _post(self, delivery: Delivery, connector: Connector) -> str:
        """Post, and say whether the platform now holds this score ("held") or another one ("other")."""
        if delivery.line_item_url is None:
            raise ServiceFailed(outbox.NO_LINE_ITEM, retryable=False)
        try:
            post_score(connector, delivery.line_item_url, delivery.body)
        except ServiceFailed as failure:
            if failure.status != 409:
                raise
            return self._after_conflict(delivery, connector, delivery.line_item_url)
        return "held"

    def _after_conflict(self, delivery: Delivery, connector: Connector, line_item_url: str) -> str:
        # 409: the platform holds a score with this timestamp or a later one. Mostly it is this very score, whose
        # answer was lost; the gradebook says so. Where we may not read it, an earlier post of these bytes is likely.
        if delivery.reads_results:
            try:
                held = result_share(connector, line_item_url, delivery.user_id)
            except ServiceFailed as failure:
                if failure.retryable:
                    raise
            else:
                return "held" if held is not None and abs(held - delivery.share) < SAME_SHARE else "other"
        return "held" if delivery.may_have_arrived and not delivery.conflicts else "other"

    def _record_failure(self, delivery: Delivery, failure: ServiceFailed) -> None:
        with self._database.transaction() as session:
            if failure.was_not_taken:
                outbox.note_not_posted(session, delivery)
            if failure.retryable:
                outbox.mark_for_retry(session, delivery, failure.cause, failure.retry_after)
            else:
                outbox.mark_stuck(session, delivery, failure.cause)
        log.warning(
            "score not delivered, will retry" if failure.retryable else "score stuck",
            extra={**_fields(delivery), "cause": failure.cause, "status": failure.status},
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
    return {"outbox": delivery.outbox_id, "registration": delivery.registration_id, "tries": delivery.tries + 1}
