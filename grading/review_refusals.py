"""Why a move in a review or an appeal is refused. Each leaves the grade as it was."""

from config.words import N_
from course.refusals import Refusal


class NotReviewable(Refusal):
    """There is nothing to decide here, or not yet."""

    def __init__(self) -> None:
        super().__init__(N_("There is nothing to decide here at the moment. Go back to the list and open it again."))


class LevelMissing(Refusal):
    """A criterion has no level yet."""

    def __init__(self, name: str) -> None:
        super().__init__(N_("Choose a level for “%(criterion)s”, then save again."), criterion=name)


class ReasonMissing(Refusal):
    """A level that differs from what stood comes without a reason, or an appeal without an answer."""

    def __init__(self, name: str) -> None:
        text = N_("Write for “%(criterion)s” why you decide so, then save again. The student will read it.")
        super().__init__(text, criterion=name)


class NothingDecided(Refusal):
    """Every level is as it stands."""

    def __init__(self) -> None:
        super().__init__(N_("Every level is as it stands, so nothing has been changed."))


class TextTooLong(Refusal):
    """A reason, an appeal or an answer is longer than is kept."""

    def __init__(self, most: int) -> None:
        super().__init__(N_("That is too long. Shorten it to %(most)s characters and send it again."), most=most)


class AppealEmpty(Refusal):
    """The appeal holds no words."""

    def __init__(self) -> None:
        super().__init__(N_("Write what you see differently, then send it."))


class AppealExists(Refusal):
    """Another appeal against the same criterion has been sent."""

    def __init__(self) -> None:
        text = N_("You have already asked for a second look at this criterion. The answer will be on this page.")
        super().__init__(text)


class AppealAnswered(Refusal):
    """Somebody has answered the appeal in the meantime."""

    def __init__(self) -> None:
        super().__init__(N_("This has been answered in the meantime. Open it again to see the answer."))
