"""Why a learner's move is refused. Each leaves the attempt as it was, and its text may be shown to the learner."""

from datetime import datetime


class Refusal(Exception):
    """The parent of every refused move."""


class AttemptClosed(Refusal):
    """The attempt has been handed in; nothing about it can change."""

    def __init__(self, key: str, submitted_at: datetime) -> None:
        self.key = key
        self.submitted_at = submitted_at
        super().__init__("This attempt has been handed in. Nothing about it has changed.")


class AttemptsExhausted(Refusal):
    """The policy allows no further attempt."""

    def __init__(self, item_id: str) -> None:
        self.item_id = item_id
        super().__init__("You have used all attempts at this quiz. Your result stands as it is.")


class ResponseNotTaken(Refusal):
    """The response does not fit the attempt: a question or choice it does not hold."""


class UnknownSection(Refusal):
    """The page has no such section, perhaps since the course was edited."""

    def __init__(self, item_id: str, section_id: str) -> None:
        self.item_id = item_id
        self.section_id = section_id
        super().__init__("This page has changed since you opened it. Reload it; what you have read is kept.")


class RoleChanged(Refusal):
    """The attempt was begun in another role than the one its owner is here in now."""

    def __init__(self) -> None:
        super().__init__("You began this attempt in another role. Open the quiz from your course to go on with it.")
