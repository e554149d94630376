"""Why a learner's move is refused. Each leaves the attempt as it was, and its words may be shown to the learner.

A refusal carries `template`, a whole sentence with named placeholders that the web layer translates, and `values` for
them: texts, numbers, moments (`datetime`) and lists of titles (tuples of texts), all to be shown in the reader's own
form. `str(refusal)` is the sentence in English.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from config.words import N_


class Refusal(Exception):
    """The parent of every refused move. `for_instructors` says of the same state what an instructor wants to know,
    where that is something else; it takes the same values."""

    for_instructors: ClassVar[str | None] = None

    def __init__(self, template: str, **values: Any) -> None:
        self.template = template
        self.values = values
        super().__init__(template % {name: _in_english(value) for name, value in values.items()})


def _in_english(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else value


class NotOpenYet(Refusal):
    """Attempts may be begun only from a later moment on."""

    for_instructors = N_("Learners can begin this from %(opens_at)s. You can preview it now.")

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(N_("You can begin this from %(opens_at)s. Come back then."), opens_at=opens_at)


class ItemClosed(Refusal):
    """The item takes nothing any more."""

    for_instructors = N_("This has been closed to learners since %(ended_at)s. You can preview it.")

    def __init__(self, ended_at: datetime) -> None:
        text = N_("This has been closed since %(ended_at)s. If you need more time, ask your instructor.")
        super().__init__(text, ended_at=ended_at)


class ItemLocked(Refusal):
    """Other items come first. `titles` are theirs, `must_pass` whether handing in is not enough."""

    for_instructors = N_("Learners can begin this after: %(items)s. You can preview it now.")

    def __init__(self, titles: tuple[str, ...], *, must_pass: bool) -> None:
        text = (
            N_("This opens once you have passed: %(items)s.")
            if must_pass
            else N_("This opens once you have handed in: %(items)s.")
        )
        super().__init__(text, items=titles)


class AttemptsExhausted(Refusal):
    """The policy allows no further attempt."""

    def __init__(self, item_id: str) -> None:
        self.item_id = item_id
        super().__init__(N_("You have used all attempts at this. Your result stands as it is."))


class AttemptClosed(Refusal):
    """The attempt has been handed in; nothing about it can change."""

    def __init__(self, key: str, submitted_at: datetime) -> None:
        self.key = key
        self.submitted_at = submitted_at
        super().__init__(N_("This attempt has been handed in. Nothing about it has changed."))


class AttemptOver(Refusal):
    """The attempt's time is up. What was saved in time is handed in as it is; nothing more is taken."""

    def __init__(self, key: str, ended_at: datetime) -> None:
        self.key = key
        self.ended_at = ended_at
        text = N_("The time for this attempt ended at %(ended_at)s. What was saved until then has been handed in.")
        super().__init__(text, ended_at=ended_at)


class TakenOver(Refusal):
    """Another page, in another window or on another device, has gone on with the attempt since this one was opened."""

    def __init__(self) -> None:
        text = N_(
            "You have gone on with this in another window or on another device, so this page is out of date. "
            "Reload it to go on here. Everything saved there is kept."
        )
        super().__init__(text)


class CheckNotOffered(Refusal):
    """The policy shows what was right only later, so single answers cannot be checked."""

    def __init__(self) -> None:
        super().__init__(N_("Answers are not checked one by one here. Yours is saved and can still be changed."))


class ResponseNotTaken(Refusal):
    """The response does not fit the attempt: a question or choice it does not hold."""


class UnknownSection(Refusal):
    """The page has no such section, perhaps since the course was edited."""

    def __init__(self, item_id: str, section_id: str) -> None:
        self.item_id = item_id
        self.section_id = section_id
        super().__init__(N_("This page has changed since you opened it. Reload it; what you have read is kept."))


class RoleChanged(Refusal):
    """The attempt was begun in another role than the one its owner is here in now."""

    def __init__(self) -> None:
        super().__init__(N_("You began this attempt in another role. Open it from your course to go on with it."))
