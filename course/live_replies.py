"""A reply while it is being written, as seen by whoever follows it in this process. Knows no database, no network."""

import threading
from dataclasses import dataclass

from course.conversations import STREAMING


@dataclass(frozen=True, slots=True)
class Sight:
    """What a follower sees: the text so far of one take of a reply, and how it stands. A later take replaces the text
    of an earlier one. `cause` says why it failed."""

    take: int
    text: str
    status: str
    cause: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status != STREAMING


class LiveReply:
    """The text of one reply as it grows, for one writer and any number of followers."""

    def __init__(self, turn_id: int, sight: Sight | None = None) -> None:
        self.turn_id = turn_id
        self.followers = 0
        self._changed = threading.Condition()
        self._sight = sight or Sight(0, "", STREAMING)

    @property
    def sight(self) -> Sight:
        """How it stands at this moment."""
        return self._sight

    def show(self, sight: Sight) -> None:
        """Replace what is seen, and wake whoever waits. Once it has ended, nothing changes any more."""
        with self._changed:
            if not self._sight.has_ended and sight != self._sight:
                self._sight = sight
                self._changed.notify_all()

    def wait_for_change(self, seen: Sight | None, seconds: float) -> Sight:
        """The present sight, as soon as it differs from the one seen last or `seconds` have passed."""
        with self._changed:
            self._changed.wait_for(lambda: self._sight is not seen or self._sight.has_ended, seconds)
            return self._sight
