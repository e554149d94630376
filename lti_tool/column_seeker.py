"""One column looked for: claim the row, ask the platform with no transaction open, write down what became of it."""

import logging
from contextlib import suppress

import requests

from config import metrics
from config.database import Database
from config.leases import LeaseKeeper
from lti_tool import column_searches
from lti_tool.ags import Connector, ServiceFailed
from lti_tool.column_searches import Search
from lti_tool.delivery import service_account
from lti_tool.gradebook import owe_missing_scores
from lti_tool.line_items import change_column, choose_column, find_columns, make_column, remove_column
from lti_tool.models import LineItem

log = logging.getLogger(__name__)

RENEW_EVERY = column_searches.LEASE / 4


class ColumnSeeker:
    """Finds and makes columns for one worker process."""

    def __init__(self, database: Database, http: requests.Session) -> None:
        self._database = database
        self._http = http
        self._keeper = LeaseKeeper(database, RENEW_EVERY, column_searches.renew_leases)

    def seek(self, line_item_id: int) -> None:
        """See to one due row; does nothing if it is not due or another worker has it."""
        with self._database.transaction() as session:
            search = column_searches.claim(session, line_item_id)
            account = service_account(session, search.registration_id) if search else None
        if search is None or account is None:
            return
        connector = Connector(self._database, account, self._http)
        with self._keeper.holding(search.owner):
            try:
                self._see_to(search, connector)
            except ServiceFailed as failure:
                with self._database.transaction() as session:
                    column_searches.note_failed(session, search, failure.cause, is_retryable=failure.retryable)
                metrics.count(metrics.COLUMNS, str(search.registration_id), "failed", failure.cause)
                log.warning("column not found", extra={**_fields(search), "cause": failure.cause})

    def _see_to(self, search: Search, connector: Connector) -> None:
        if search.url is not None:
            self._change(search, search.url, connector)
            return
        url = _find(search, connector)
        made = None if url else search.wanted
        url = url or make_column(connector, search.container_url, search.wanted)
        if self._note(search, url, made):
            metrics.count(metrics.COLUMNS, str(search.registration_id), "made" if made else "found", "")
            log.info("column made" if made else "column found", extra=_fields(search))
        elif made is not None:
            # Another worker or a launch was faster. Nobody has been told of this one, so it holds nothing.
            with suppress(ServiceFailed):
                remove_column(connector, url)

    def _change(self, search: Search, url: str, connector: Connector) -> None:
        made = search.made or {}
        changes = {name: value for name, value in search.wanted.items() if made.get(name) != value}
        if search.made is not None and changes:
            change_column(connector, url, changes)
        self._note(search, url, None if search.made is None else search.wanted)

    def _note(self, search: Search, url: str, made: dict[str, object] | None) -> bool:
        with self._database.transaction() as session:
            is_kept = column_searches.note_found(session, search, url, made)
            if is_kept:
                owe_missing_scores(session, session.get_one(LineItem, search.line_item_id))
        return is_kept


def _find(search: Search, connector: Connector) -> str | None:
    """A column that is there: by the link first, then by what it is for."""
    found = find_columns(connector, search.container_url, resource_link_id=search.link_id) if search.link_id else []
    found += find_columns(connector, search.container_url, resource_id=search.wanted["resourceId"])
    chosen = choose_column(found, search.wanted, taken=search.taken, link_id=search.link_id)
    return chosen.url if chosen else None


def _fields(search: Search) -> dict[str, object]:
    return {"line_item": search.line_item_id, "registration": search.registration_id}
