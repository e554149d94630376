"""What a worker does for notices: tells platforms where to send them, and works off what has come."""

import json
import logging

import requests

from config.database import Database
from lti_tool.ags import Connector, ServiceFailed
from lti_tool.delivery import service_account
from lti_tool.launch import CONTEXT_COPY_NOTICE, SCOPE_NOTICES
from lti_tool.notices import copying, handlers

log = logging.getLogger(__name__)

HANDLER_PATH = "/lti/notices"
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


def handler_url(base_url: str) -> str:
    """Where platforms send notices. One address for all: a notice says of itself which deployment it is for."""
    return f"{base_url}{HANDLER_PATH}"


class NoticeTender:
    """Tends to handlers and notices for one worker process."""

    def __init__(self, database: Database, http: requests.Session, base_url: str) -> None:
        self._database = database
        self._http = http
        self._handler = handler_url(base_url)

    def tend(self) -> None:
        """Everything that is due, one after the other."""
        with self._database.reading() as session:
            notices, deployments = copying.waiting_ids(session), handlers.due_ids(session)
        for row_id in notices:
            self._work_off(row_id)
        for deployment_id in deployments:
            self._tell(deployment_id)

    def _work_off(self, row_id: int) -> None:
        try:
            with self._database.transaction() as session:
                effect = copying.work_off(session, row_id)
        except Exception:  # of whatever kind: one notice must not keep the others waiting, nor come back for ever
            log.exception("notice not worked off", extra={"notice": row_id})
            with self._database.transaction() as session:
                copying.give_up(session, row_id)
            return
        log.info("notice worked off", extra={"notice": row_id, "effect": effect})

    def _tell(self, deployment_id: int) -> None:
        """Register our handler (Platform Notification Service §3.2); the platform calls it for this deployment."""
        with self._database.transaction() as session:
            telling = handlers.claim(session, deployment_id)
            account = service_account(session, telling.registration_id) if telling else None
        if telling is None or account is None:
            return
        told = {"deployment": deployment_id, "registration": telling.registration_id}
        body = json.dumps({"notice_type": CONTEXT_COPY_NOTICE, "handler": self._handler})
        try:
            Connector(self._database, account, self._http).call("PUT", telling.url, SCOPE_NOTICES, _JSON, body)
        except ServiceFailed as failure:
            with self._database.transaction() as session:
                handlers.note_failed(session, telling, failure.cause, is_retryable=failure.retryable)
            log.warning("notice handler not registered", extra={**told, "cause": failure.cause})
            return
        with self._database.transaction() as session:
            handlers.note_told(session, telling, self._handler)
        log.info("notice handler registered", extra=told)
