"""Pure: from the readings made so far of one criterion to what is to be done next. Never a level that nothing bears.

The first reader votes three times. The second, stronger one reads where the lab counts, and where the votes are in
doubt; a third, where one is named, breaks a tie between the two. What is left in doubt goes to a person. A level above
the lowest two must also stand on what is about the case beyond doubt (`view` "reduced"). What is not borne by that is
not released: the level falls by one where nothing looks odd, and otherwise a person decides.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from grading.prompt import LevelOrder
from grading.verdict import LOWEST_WITH_EVIDENCE, LevelNumber, Unusable, Verdict

FIRST_VOTES = 3
LEAST_CONFIDENCE = 3  # 1 and 2 are doubts
ORDERS = (LevelOrder.ASCENDING, LevelOrder.DESCENDING, LevelOrder.SHUFFLED)


class Reader(StrEnum):
    """Who reads. Which model stands behind each is the settings' to say."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"


class View(StrEnum):
    """What is read: everything, or only the passages that are about the case beyond doubt."""

    WHOLE = "whole"
    REDUCED = "reduced"


class Reason(StrEnum):
    """Why a criterion waits for a person."""

    NO_READING = "no-reading"  # refusals, cut or unreadable replies, quotes that do not hold
    SPLIT = "split"
    LOW_CONFIDENCE = "low-confidence"
    FLAGGED = "flagged"  # the transcript speaks to whoever grades
    BESIDE_THE_POINT = "beside-the-point"  # the level falls without passages that are not about the case
    LEAK = "leak"  # the prompt's marker came back
    CUT = "cut"  # the conversation was too long to be read whole
    NO_AI_WANTED = "no-ai-wanted"  # the student chose to be read by a person only
    NO_MODEL = "no-model"  # none is configured: a suggestion by rule
    OUTAGE = "outage"
    SWITCHED_OFF = "switched-off"  # an admin has switched AI off, for so long
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Seat:
    """One reading to be made: the `number`th (from 1) by this reader of this view."""

    reader: Reader
    view: View
    number: int

    @property
    def order(self) -> LevelOrder:
        return ORDERS[(self.number - 1) % len(ORDERS)]


@dataclass(frozen=True, slots=True)
class Vote:
    """A reading that was made, with what became of it."""

    seat: Seat
    result: Verdict | Unusable

    @property
    def verdict(self) -> Verdict | None:
        return self.result if isinstance(self.result, Verdict) else None


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known beside the votes. `counts`: the result goes to a gradebook. `is_flagged`: a serious flag.
    `has_flags`: any flag. `has_reduced_view`: some passages are not about the case beyond doubt. `has_third`: a third
    reader is named. `wants_second`: the score is near the pass mark, so every criterion deserves a second reader."""

    counts: bool
    is_flagged: bool = False
    has_flags: bool = False
    has_reduced_view: bool = False
    has_third: bool = False
    was_cut: bool = False
    wants_second: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Readings that are needed before anything can be said."""

    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """The readings agree. `bearing` are the verdicts of that level: its evidence. `has_fallen`: they found one level
    more, but not on what is about the case beyond doubt; a person should look, and nothing waits for it."""

    level: LevelNumber
    bearing: tuple[Verdict, ...]
    has_fallen: bool = False


@dataclass(frozen=True, slots=True)
class ForPerson:
    """A person has to say. `leaning` is what the readings lean to, as help and not as a grade."""

    reason: Reason
    leaning: Verdict | None


Step = Ask | Settled | ForPerson


def next_step(votes: Sequence[Vote], situation: Situation) -> Step:
    """What follows from the votes so far; the same votes always give the same answer, in whatever order they came."""
    whole = [vote for vote in votes if vote.seat.view is View.WHOLE]
    first, second, third = (_by(whole, reader) for reader in Reader)
    needs_second = situation.counts or situation.wants_second or situation.is_flagged
    missing = _missing(first, Reader.FIRST, View.WHOLE, FIRST_VOTES)
    if needs_second or (not missing and _is_doubtful(first)):
        missing += _missing(second, Reader.SECOND, View.WHOLE, 1)
    if missing:
        return Ask(missing)
    if any(isinstance(vote.result, Unusable) and vote.result.leaked for vote in votes):
        return ForPerson(Reason.LEAK, _leaning(whole))
    reading = _read(first, second, third, situation) if second else _only(first)
    reduced = [vote for vote in votes if vote.seat.view is View.REDUCED]
    return _examined(reading, _verdicts(whole), reduced, situation) if isinstance(reading, Settled) else reading


def _examined(reading: Settled, whole: Sequence[Verdict], reduced: Sequence[Vote], situation: Situation) -> Step:
    """The readers agree: whether that may stand without a person."""
    if situation.is_flagged:
        return _for_person_with_comparison(reading, reduced)
    if 2 * sum(verdict.speaks_to_grader for verdict in whole) >= len(whole):
        return ForPerson(Reason.FLAGGED, reading.bearing[0])  # as half of the readings found, or more
    if situation.was_cut:
        return ForPerson(Reason.CUT, reading.bearing[0])
    return _survives(reading, reduced, situation)


def _only(first: Sequence[Vote]) -> Settled | ForPerson:
    level = _middle(_verdicts(first))
    if level is None:
        return ForPerson(Reason.SPLIT, _leaning(first))
    return _settled(level, first)


def _read(
    first: Sequence[Vote], second: Sequence[Vote], third: Sequence[Vote], situation: Situation
) -> Ask | Settled | ForPerson:
    """The first reader's middle level against the second's, and the third's where they differ."""
    votes = [*first, *second, *third]
    one, two = _middle(_verdicts(first)), _middle(_verdicts(second))
    if one is not None and one == two:
        sure = [verdict.confidence >= LEAST_CONFIDENCE for verdict in _verdicts(votes) if verdict.level == one]
        if not any(sure):
            return ForPerson(Reason.LOW_CONFIDENCE, _leaning(votes))
        return _settled(one, votes)
    if not _verdicts(votes):
        return ForPerson(Reason.NO_READING, None)
    if situation.has_third and not third:
        return Ask((Seat(Reader.THIRD, View.WHOLE, 1),))
    three = _middle(_verdicts(third))
    heard = [level for level in (one, two, three) if level is not None]
    agreed = [level for level, times in Counter(heard).items() if times >= 2]
    if agreed and max(heard) - min(heard) <= 1:
        return _settled(agreed[0], votes)
    differ = len({verdict.level for verdict in _verdicts(votes)}) > 1
    return ForPerson(Reason.SPLIT if differ else Reason.NO_READING, _leaning(votes))


def _survives(reading: Settled, reduced: Sequence[Vote], situation: Situation) -> Step:
    """A level must stand on the passages that are about the case beyond doubt: one vote that says so is enough. Where
    three do not, the best they found is released if that is one level less and nothing has a flag."""
    least = 1 if situation.has_flags else LOWEST_WITH_EVIDENCE  # the lowest two are worth the same
    if reading.level < least or not situation.has_reduced_view:
        return reading
    if any(verdict.level >= reading.level for verdict in _verdicts(reduced)):
        return reading
    missing = _missing(reduced, Reader.FIRST, View.REDUCED, FIRST_VOTES)
    if missing:
        return Ask(missing[:1])
    borne = max((verdict.level for verdict in _verdicts(reduced)), default=None)
    if borne is None or situation.has_flags or reading.level - borne > 1:
        return ForPerson(Reason.BESIDE_THE_POINT, reading.bearing[0])
    bearing = tuple(verdict for verdict in _verdicts(reduced) if verdict.level == borne)
    return Settled(borne, bearing, has_fallen=True)


def _for_person_with_comparison(reading: Settled, reduced: Sequence[Vote]) -> Ask | ForPerson:
    """A person decides, and is shown what the transcript earns without the flagged passages, if that is less."""
    if reading.level < LOWEST_WITH_EVIDENCE:
        return ForPerson(Reason.FLAGGED, reading.bearing[0])
    if not reduced:
        return Ask((Seat(Reader.FIRST, View.REDUCED, 1),))
    without = next(iter(_verdicts(reduced)), None)
    is_less = without is not None and without.level < reading.level
    return ForPerson(Reason.FLAGGED, without if is_less else reading.bearing[0])


def _is_doubtful(first: Sequence[Vote]) -> bool:
    verdicts = _verdicts(first)
    levels = [verdict.level for verdict in verdicts]
    if len(verdicts) < len(first) or not verdicts:
        return True
    unsure = sum(verdict.confidence < LEAST_CONFIDENCE for verdict in verdicts)
    return max(levels) - min(levels) >= 2 or unsure * 2 > len(verdicts)


def _settled(level: LevelNumber, votes: Sequence[Vote]) -> Settled | ForPerson:
    bearing = tuple(verdict for verdict in _verdicts(votes) if verdict.level == level)
    # A middle that nobody voted for (of 2 and 4, say) has no evidence of its own.
    return Settled(level, bearing) if bearing else ForPerson(Reason.SPLIT, _leaning(votes))


def _middle(verdicts: Sequence[Verdict]) -> LevelNumber | None:
    """The median level, if it is one that somebody voted for; None without votes and for an even split."""
    levels = [verdict.level for verdict in verdicts]
    return next((level for level in levels if level == median(levels)), None) if levels else None


def _leaning(votes: Sequence[Vote]) -> Verdict | None:
    verdicts = sorted(_verdicts(votes), key=lambda one: one.level)
    return verdicts[(len(verdicts) - 1) // 2] if verdicts else None


def _verdicts(votes: Sequence[Vote]) -> list[Verdict]:
    return [vote.verdict for vote in votes if vote.verdict is not None]


def _by(votes: Sequence[Vote], reader: Reader) -> list[Vote]:
    return sorted((vote for vote in votes if vote.seat.reader is reader), key=lambda vote: vote.seat.number)


def _missing(votes: Sequence[Vote], reader: Reader, view: View, wanted: int) -> tuple[Seat, ...]:
    made = {vote.seat.number for vote in votes}
    return tuple(Seat(reader, view, number) for number in range(1, wanted + 1) if number not in made)
