"""Why a move in a lab is refused. Each leaves the conversation as it was; what was typed stays in the composer."""

from config.words import N_
from course.refusals import Refusal


class NothingSaid(Refusal):
    """The text holds no words."""

    def __init__(self) -> None:
        super().__init__(N_("Write something first, then send it."))


class TooMuchSaid(Refusal):
    """The text is longer than one turn may be."""

    def __init__(self) -> None:
        super().__init__(N_("That is too long for one turn. Shorten it and send it again."))


class PartnerIsReplying(Refusal):
    """The partner's reply to the last turn is still on its way."""

    def __init__(self) -> None:
        super().__init__(N_("The reply to your last message is still on its way. Send this one when it has come."))


class ConversationMovedOn(Refusal):
    """Another page has said something in the meantime."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "This conversation went on in another tab or on another device. Reload the page to see it; what you "
                "typed is kept as a draft."
            )
        )


class NoTurnsLeft(Refusal):
    """All turns have been used."""

    def __init__(self) -> None:
        super().__init__(N_("You have used all your turns. Hand in when you are ready."))


class NothingToRetry(Refusal):
    """The reply has come, or is being written at this moment."""

    def __init__(self) -> None:
        super().__init__(N_("This reply does not need another try. Reload the page to see where it stands."))


class ConsentMissing(Refusal):
    """A conversation cannot begin before the learner has agreed to what is done with it."""

    def __init__(self) -> None:
        super().__init__(N_("Tick the box that says you have read how this lab works, then start."))


class WrittenAnswerNotOffered(Refusal):
    """The instructor's policy takes no written answer in this lab."""

    def __init__(self) -> None:
        super().__init__(N_("This lab is done as a conversation. Ask your instructor if you need another way."))
