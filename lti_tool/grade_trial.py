"""The steps that 1EdTech certifies of grades (AGS §3), taken one by one at a platform on a column of the trial's own.

Each request and each answer is told as it was; the bearer token is not. Nothing of the gradebook's is touched: the
column is made for the trial and removed at its end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from config.database import Database
from lti_tool.ags import Connector, ServiceAccount, ServiceFailed, post_score, read_result, score_body
from lti_tool.line_items import change_column, find_columns, make_column, remove_column
from lti_tool.models import Context, Deployment, LineItem, ResourceLink
from lti_tool.rosters import context_id_of

RESOURCE_ID = "coursewright-trial"
COLUMN = {"label": "Coursewright trial", "scoreMaximum": 10, "resourceId": RESOURCE_ID, "tag": "trial"}
RENAMED = "Coursewright trial, renamed"
POINTS, MAXIMUM = Decimal("8.5"), Decimal(10)
MOST_SHOWN = 2000  # characters of a body


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `headers` are those that name media types; `status` is 0 when there was none."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    status: int
    answer: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it was, what went over the line, and why it failed ('' when it did not)."""

    name: str
    exchanges: tuple[Exchange, ...]
    fault: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a trial is made: a context's platform and its container of columns."""

    registration_id: int
    container_url: str


class _Telling(Connector):
    """A connector that remembers what went over the line."""

    def __init__(self, database: Database, account: ServiceAccount, http: requests.Session) -> None:
        super().__init__(database, account, http)
        self.exchanges: list[Exchange] = []

    def _call_once(
        self, method: str, url: str, scope: str, headers: dict[str, str], body: str | None
    ) -> requests.Response:
        try:
            response = super()._call_once(method, url, scope, headers, body)
        except ServiceFailed as failure:
            self.exchanges.append(Exchange(method, url, headers, body or "", 0, f"{failure.cause} {failure.text}"))
            raise
        answer = response.text[:MOST_SHOWN]
        self.exchanges.append(Exchange(method, url, headers, body or "", response.status_code, answer))
        return response


def place_of(session: Session, context_key: str) -> Place | None:
    """The container that a launch named last in the context; None when none has named one."""
    row = session.execute(
        select(Deployment.registration_id, LineItem.container_url)
        .join(Context, Context.deployment_id == Deployment.id)
        .join(ResourceLink, ResourceLink.context_id == Context.id)
        .join(LineItem, LineItem.resource_link_id == ResourceLink.id)
        .where(Context.id == context_id_of(context_key), LineItem.container_url.is_not(None))
        .order_by(LineItem.updated_at.desc())
        .limit(1)
    ).first()
    return Place(row[0], row[1]) if row and row[1] else None


def try_grades(
    database: Database,
    account: ServiceAccount,
    http: requests.Session,
    *,
    container_url: str,
    user_id: str,
    keeps_column: bool,
) -> Iterator[Step]:
    """Take the steps; one that fails is the last, but the column is removed all the same unless it is to stay."""
    connector = _Telling(database, account, http)
    url: list[str] = []
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("make a column", lambda: url.append(make_column(connector, container_url, COLUMN))),
        ("find it again", lambda: find_columns(connector, container_url, resource_id=RESOURCE_ID)),
        ("rename it", lambda: change_column(connector, url[0], {"label": RENAMED})),
        ("send a score", lambda: post_score(connector, url[0], _score(user_id))),
        ("read the result", lambda: read_result(connector, url[0], user_id)),
    ]
    for name, take in steps:
        step = _step(name, take, connector)
        yield step
        if step.fault:
            break
    if url and not keeps_column:
        yield _step("remove the column", lambda: remove_column(connector, url[0]), connector)


def _step(name: str, take: Callable[[], Any], connector: _Telling) -> Step:
    connector.exchanges = []
    fault = ""
    try:
        take()
    except ServiceFailed as failure:
        fault = failure.cause
    return Step(name, tuple(connector.exchanges), fault)


def _score(user_id: str) -> str:
    now = clock.whole_second(clock.now())
    return score_body(
        user_id=user_id,
        score_given=POINTS,
        score_maximum=MAXIMUM,
        timestamp=now,
        started_at=now - timedelta(minutes=10),
        submitted_at=now,
        extension={},
    )
