"""What counts of a learner's attempts at one placed item. Gradebook and pages ask here, so that they say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from course.attempts import policy_as_begun
from course.items import Counts
from course.models import Attempt
from grading.models import Outcome
from grading.service import counted_share, outcomes_of, share_of, to_decimal


@dataclass(frozen=True, slots=True)
class Counted:
    """The `share` (0 to 1) that counts, by the rule `counts` with which the newest decided attempt was begun: editing
    the course does not re-judge work already done. `newest` is that attempt, `outcome` its own. `attempt` is the one
    whose share it is, of equals the first; None for an average."""

    share: Fraction
    counts: Counts
    newest: Attempt
    outcome: Outcome
    attempt: Attempt | None

    @property
    def points(self) -> Decimal:
        """What counts, in points of `points_possible`."""
        return to_decimal(self.share * Fraction(self.outcome.points_possible))

    @property
    def points_possible(self) -> Decimal:
        """What the newest decided attempt could have earned."""
        return self.outcome.points_possible


def what_counts(session: Session, attempts: Sequence[Attempt]) -> Counted | None:
    """What counts of these attempts, given oldest first; None while none is decided. One that waits for its outcome (a
    lab's) is left out until it has one."""
    outcomes = outcomes_of(session, attempts)
    decided = [attempt for attempt in attempts if attempt.id in outcomes]
    if not decided:
        return None
    newest = decided[-1]
    counts = policy_as_begun(newest).counts
    share = counted_share([outcomes[one.id] for one in decided], counts)
    if share is None:
        return None
    return Counted(share, counts, newest, outcomes[newest.id], _whose(decided, outcomes, share, counts))


def _whose(decided: Sequence[Attempt], outcomes: dict[int, Outcome], share: Fraction, counts: Counts) -> Attempt | None:
    if counts == Counts.AVERAGE:
        return None
    if counts == Counts.LAST:
        return decided[-1]
    return next(one for one in decided if share_of(outcomes[one.id]) == share)
