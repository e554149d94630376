"""All readings of a submission, many at once, in an order that lets them share the prompt cache."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future

from config import logs
from course.rubric import Criterion
from grading.judging import Judging
from grading.readings import Asker, Reading
from grading.votes import Seat, Vote

Wanted = tuple[Criterion, Seat]


def read_all(
    judging: Judging,
    asker: Asker,
    executor: Executor,
    keep: Callable[[str, Reading], None] = lambda _id, _reading: None,
) -> None:
    """Make readings until every criterion is settled or waits for a person. `keep` gets each as soon as it is made.

    A prompt can be read from the cache only once a first answer to it has begun, so of each model and view one reading
    goes ahead of the others. Raises what a reading raised, after the others that were on their way have been kept.
    """
    warm: set[tuple[str, str]] = set()
    while wanted := judging.wanted:
        ahead: dict[tuple[str, str], Wanted] = {}
        for criterion, seat in wanted:
            prefix = (asker.model_of(seat), seat.view.value)
            if prefix not in warm:
                ahead.setdefault(prefix, (criterion, seat))
        first = list(ahead.values())
        _read(judging, asker, executor, keep, first)
        warm |= ahead.keys()
        _read(judging, asker, executor, keep, [one for one in wanted if one not in first])


def _read(
    judging: Judging,
    asker: Asker,
    executor: Executor,
    keep: Callable[[str, Reading], None],
    wanted: Iterable[Wanted],
) -> None:
    def one(criterion: Criterion, seat: Seat) -> Reading:
        reading = asker.read(criterion, seat)
        keep(criterion.id, reading)
        return reading

    futures: list[tuple[str, Future[Reading]]] = [
        (criterion.id, executor.submit(logs.carrying(one, criterion, seat))) for criterion, seat in wanted
    ]
    failure: BaseException | None = None
    for criterion_id, future in futures:
        try:
            reading = future.result()
        except Exception as error:  # noqa: BLE001 - the others are waited for, then the first one is raised
            failure = failure or error
            for _, other in futures:
                other.cancel()  # what has not begun need not
        else:
            judging.add(criterion_id, Vote(reading.seat, reading.result))
    if failure is not None:
        raise failure
