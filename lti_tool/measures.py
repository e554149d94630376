"""How things stand, for whoever asks: what is owed, what waits, what has been spent. Read from the database and the
broker when asked, by queries that an index answers, and kept for a few seconds: whoever asks more often waits for
nothing and costs nothing."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import datetime

from kombu.exceptions import KombuError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from config import clock, metrics
from config.database import Database
from config.settings import Settings
from config.task_queue import make_celery, queue_depths
from course.catalog import Catalog
from course.language_model.budgets import standings
from course.language_model.ledger import OPEN
from course.language_model.models import ModelCall
from grading.assessments import HELD, PERSON, WAITING
from grading.models import RubricAssessment
from lti_tool.models import OutboxScore
from lti_tool.outbox import PENDING, STUCK
from lti_tool.worker_signs import last_sweep

log = logging.getLogger(__name__)

KEPT_SECONDS = 5.0
MICRO = 1_000_000  # millionths of a US dollar, as the ledger counts

Values = list[tuple[tuple[str, ...], float]]


class Measures:
    """The one of a web process."""

    def __init__(self, settings: Settings, database: Database, catalog: Catalog) -> None:
        self._settings = settings
        self._database = database
        self._catalog = catalog
        self._celery = make_celery(settings)
        self._lock = threading.Lock()
        self._kept: list[metrics.Family] = []
        self._kept_until = 0.0

    def readings(self) -> list[metrics.Family]:
        """Every `Reading` of `config.metrics`; those that cannot be had now are left out, and `UP` says why."""
        with self._lock:
            if time.monotonic() >= self._kept_until:
                self._kept = list(self._read())
                self._kept_until = time.monotonic() + KEPT_SECONDS
            return self._kept

    def forget(self) -> None:
        """Read anew when somebody asks next."""
        with self._lock:
            self._kept_until = 0.0

    def _read(self) -> Iterator[metrics.Family]:
        up = {"content": not self._catalog.problems, "database": True, "broker": True}
        try:
            with self._database.reading() as session:
                yield from of_database(session, self._settings)
        except SQLAlchemyError as error:
            up["database"] = False
            log.warning("nothing to be read of the database", extra={"cause": error.__class__.__name__})
        try:
            depths = queue_depths(self._celery)
            yield metrics.QUEUE_MESSAGES.of(((name,), depth) for name, depth in depths.items())
        except (OSError, KombuError) as error:
            up["broker"] = False
            log.warning("nothing to be read of the broker", extra={"cause": error.__class__.__name__})
        yield metrics.UP.of(((part,), float(is_up)) for part, is_up in up.items())


def of_database(session: Session, settings: Settings) -> list[metrics.Family]:
    """What the database knows."""
    now = clock.now()
    scores, oldest_score = _by_state(session, OutboxScore.state, OutboxScore.created_at, (PENDING, STUCK), now)
    states = (WAITING, PERSON, HELD)
    labs, oldest_lab = _by_state(session, RubricAssessment.state, RubricAssessment.created_at, states, now)
    calls = session.scalar(select(func.count()).select_from(ModelCall).where(ModelCall.state == OPEN)) or 0
    (month,) = standings(session, settings.budgets)
    money = {"spent": month.spent, "reserved": month.reserved, "limit": month.limit}
    swept_at = last_sweep(session)
    seen: Values = [] if swept_at is None else [((), (now - swept_at).total_seconds())]
    return [
        metrics.OUTBOX_SCORES.of(scores),
        metrics.OUTBOX_OLDEST.of(oldest_score),
        metrics.LABS.of(labs),
        metrics.LABS_OLDEST.of(oldest_lab),
        metrics.MODEL_CALLS_OPEN.of([((), calls)]),
        metrics.MODEL_MONTH.of(((kind,), amount / MICRO) for kind, amount in money.items()),
        metrics.WORKER_SEEN.of(seen),
    ]


def _by_state(
    session: Session,
    state: InstrumentedAttribute[str],
    since: InstrumentedAttribute[datetime],
    states: Iterable[str],
    now: datetime,
) -> tuple[Values, Values]:
    """How many rows there are in each of `states`, and how old the oldest is; 0 where there is none."""
    query = select(state, func.count(), func.min(since)).where(state.in_(list(states))).group_by(state)
    found = {row[0]: (row[1], (now - row[2]).total_seconds()) for row in session.execute(query)}
    counts: Values = [((one,), found.get(one, (0, 0.0))[0]) for one in states]
    return counts, [((one,), max(0.0, found.get(one, (0, 0.0))[1])) for one in states]
