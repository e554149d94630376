"""One roster read: claim it, ask the platform with no transaction open, write down what it said."""

import logging

import requests

from config import metrics
from config.database import Database
from config.leases import LeaseKeeper
from lti_tool import rosters
from lti_tool.ags import Connector, ServiceFailed
from lti_tool.delivery import service_account
from lti_tool.roster_service import read_members

log = logging.getLogger(__name__)

RENEW_EVERY = rosters.LEASE / 4


class RosterReader:
    """Reads rosters for one worker process."""

    def __init__(self, database: Database, http: requests.Session) -> None:
        self._database = database
        self._http = http
        self._keeper = LeaseKeeper(database, RENEW_EVERY, rosters.renew_leases)

    def read(self, context_id: int) -> None:
        """Read a context's roster, unless it has none, was tried just now, or another worker is at it."""
        with self._database.transaction() as session:
            reading = rosters.claim(session, context_id)
            account = service_account(session, reading.registration_id) if reading else None
        if reading is None or account is None:
            return
        told: dict[str, object] = {"context": context_id, "registration": reading.registration_id}
        with self._keeper.holding(reading.owner):
            try:
                members = read_members(Connector(self._database, account, self._http), reading.url)
            except ServiceFailed as failure:
                with self._database.transaction() as session:
                    rosters.note_failed(session, reading, failure.cause)
                metrics.count(metrics.ROSTERS, str(reading.registration_id), "failed", failure.cause)
                log.warning("roster not read", extra={**told, "cause": failure.cause, "status": failure.status})
                return
        with self._database.transaction() as session:
            rosters.keep(session, reading, members)
        metrics.count(metrics.ROSTERS, str(reading.registration_id), "read", "")
        log.info("roster read", extra={**told, "members": len(members)})
