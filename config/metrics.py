"""What is counted, and under which names; docs/metrics.md says what each means, and a test compares the two.

What happens in a process is counted in it. Processes that belong together (the web processes of one `serve`, everything
that `serve --all` starts) count in files of one folder, and whichever of them is asked adds all of them up. What the
database knows is not counted here but read when somebody asks (`lti_tool/measures.py`), as a `Reading`.

A label holds a code of ours, a route's rule, a configured model or a registration's id: never a name, an address, an
id of a person, or anything of which there can be ever more.
"""

import hmac
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client import values as _values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY = CollectorRegistry(auto_describe=False)
disable_created_metrics()

log = logging.getLogger(__name__)

Family = Metric  # a metric with its values
_PAGES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
_MODELS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)
_TASKS = (0.01, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0)


def _counter(name: str, text: str, *labels: str) -> Counter:
    return Counter(f"coursewright_{name}", text, labels, registry=REGISTRY)


def _histogram(name: str, text: str, *labels: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(f"coursewright_{name}", text, labels, registry=REGISTRY, buckets=buckets)


LAUNCHES = _counter(
    "launches_total", "Logins and launches by how they ended", "registration", "step", "outcome", "cause"
)
REQUESTS = _histogram("request_seconds", "Time until a request was answered", "route", "status", buckets=_PAGES)
DELIVERIES = _counter("deliveries_total", "Tries to deliver a score", "registration", "result", "cause")
COLUMNS = _counter("columns_total", "Gradebook columns looked for", "registration", "result", "cause")
ROSTERS = _counter("rosters_total", "Rosters read", "registration", "result", "cause")
REPLIES = _counter("replies_total", "Partner's replies by how they ended", "result")
LABS_JUDGED = _counter("labs_judged_total", "Labs that a worker had in hand, by what came of it", "result")
MODEL_CALLS = _counter("model_calls_total", "Calls of a language model", "purpose", "model", "outcome")
MODEL_CALLS_NOT_MADE = _counter("model_calls_not_made_total", "Calls that were not made", "purpose", "model", "cause")
MODEL_TOKENS = _counter("model_tokens_total", "Tokens by the kind that is priced", "purpose", "model", "kind")
MODEL_COST = _counter("model_cost_dollars_total", "Cost of calls in US dollars", "purpose", "model")
MODEL_SECONDS = _histogram("model_seconds", "Time to the last token", "purpose", "model", buckets=_MODELS)
TASKS = _histogram("task_seconds", "Time a worker spent on a task", "task", "outcome", buckets=_TASKS)
NUDGES_LOST = _counter("nudges_lost_total", "Nudges that the broker did not take", "task")
STREAMS_OPEN = Gauge(
    "coursewright_streams_open",
    "Replies being written, and readers that follow one",
    ("side",),
    registry=REGISTRY,
    multiprocess_mode="livesum",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A gauge that is read when somebody asks."""

    name: str
    text: str
    labels: tuple[str, ...] = ()

    def of(self, values: Iterable[tuple[tuple[str, ...], float]]) -> Family:
        """Its values, each with those of its labels."""
        family = GaugeMetricFamily(self.name, self.text, labels=self.labels)
        for labels, value in values:
            family.add_metric(labels, value)
        return family


def _reading(name: str, text: str, *labels: str) -> Reading:
    return Reading(f"coursewright_{name}", text, labels)


UP = _reading("up", "Whether the database and the broker answer, and the course files are in order", "part")
OUTBOX_SCORES = _reading("outbox_scores", "Scores that gradebooks have not taken", "state")
OUTBOX_OLDEST = _reading("outbox_oldest_seconds", "Age of the oldest such score", "state")
LABS = _reading("labs", "Labs that are not released", "state")
LABS_OLDEST = _reading("labs_oldest_seconds", "Age of the oldest such lab", "state")
MODEL_CALLS_OPEN = _reading("model_calls_open", "Calls of a language model that have not ended")
MODEL_MONTH = _reading("model_month_dollars", "Money of the present month in US dollars", "kind")
QUEUE_MESSAGES = _reading("queue_messages", "Messages that wait for a worker", "queue")
WORKER_SEEN = _reading("worker_seen_seconds", "Time since a worker last swept up")
READINGS = (
    UP, OUTBOX_SCORES, OUTBOX_OLDEST, LABS, LABS_OLDEST, MODEL_CALLS_OPEN, MODEL_MONTH, QUEUE_MESSAGES, WORKER_SEEN,
)  # fmt: skip


def count_in_files() -> None:
    """From now on count in files of the folder that PROMETHEUS_MULTIPROC_DIR names, with all others who do.

    To be called before anything is counted. A process that finds that variable at its start does so by itself.
    """
    if not _is_shared():
        _values.ValueClass = _values.MultiProcessValue()


def _is_shared() -> bool:
    return bool(_values.ValueClass._multiprocess)


def counted() -> Iterable[Family]:
    """What this process has counted, or all that share its folder."""
    return MultiProcessCollector(None).collect() if _is_shared() else REGISTRY.collect()


class _Together:
    def __init__(self, readings: Iterable[Family]) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Family]:
        yield from counted()
        yield from self._readings


def exposition(readings: Iterable[Family] = ()) -> bytes:
    """All that has been counted and these readings, in Prometheus's text format 0.0.4."""
    return generate_latest(_Together(readings))


def shows_token(authorization: str, token: str) -> bool:
    """Whether an `Authorization` header shows the bearer token that opens /metrics."""
    scheme, _, shown = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode())


def count(counter: Counter, *labels: str, by: float = 1) -> None:
    """Count an event, or an amount."""
    with _harmless():
        counter.labels(*labels).inc(by)


def observe(histogram: Histogram, value: float, *labels: str) -> None:
    """Count an event that took so long, in seconds."""
    with _harmless():
        histogram.labels(*labels).observe(value)


@contextmanager
def open_stream(side: str) -> Iterator[None]:
    """Count a stream as open while the block runs. `side`: "written" or "followed"."""
    with _harmless():
        STREAMS_OPEN.labels(side).inc()
    try:
        yield
    finally:
        with _harmless():
            STREAMS_OPEN.labels(side).dec()


@contextmanager
def _harmless() -> Iterator[None]:
    try:
        yield
    except OSError as error:  # the folder of the files is gone or full: no reason to deliver no grade
        log.warning("not counted", extra={"cause": error.__class__.__name__})
