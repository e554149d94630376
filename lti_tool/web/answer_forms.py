"""What a quiz page posts, read and judged before anything is done with it.

Fields are `q.<question id>` = choice id, several times where several may be chosen; `present.q.<question id>` where
none may be left of those, since a browser says nothing of boxes without a tick; `writer`, this page's own name, and
`seen_writer`, that of the page it found at work; and `action`.
"""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from config.public_ids import is_public_id
from config.words import N_
from course.models import Attempt
from course.refusals import ResponseNotTaken

FIELD = "q."
PRESENT = "present.q."
CHECK = "check:"
SAVE, REVIEW, SUBMIT, SUBMIT_ANYWAY = "save", "review", "submit", "submit-anyway"


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """`given` maps question ids to choice ids, `checks` is the id of the question to check, or None. `writer` and
    `seen_writer` are '' on a form that knows nothing of them."""

    action: str
    given: dict[str, list[str]]
    writer: str
    seen_writer: str

    @property
    def checks(self) -> str | None:
        return self.action.removeprefix(CHECK) if self.action.startswith(CHECK) else None

    @property
    def leaves(self) -> bool:
        """Whether the learner is about to leave the questions: then an attempt handed in meanwhile shows its result."""
        return self.hands_in or self.action == REVIEW

    @property
    def hands_in(self) -> bool:
        return self.action in {SUBMIT, SUBMIT_ANYWAY}

    def says_nothing_new(self, attempt: Attempt) -> bool:
        """Whether every answer in it is saved already as it is."""
        saved = {response.question_id: set(response.choice_ids) for response in attempt.responses}
        return all(set(choice_ids) == saved.get(question, set()) for question, choice_ids in self.given.items())


def read_answers(form: MultiDict[str, str]) -> AnswerForm:
    """Raises `ResponseNotTaken` for an action or a page name that none of our pages sends."""
    action = form.get("action", SAVE)
    if action not in {SAVE, REVIEW, SUBMIT, SUBMIT_ANYWAY} and not action.startswith(CHECK):
        raise ResponseNotTaken(N_("This page asks for something that a quiz does not do."))
    names = [form.get(name, "") for name in ("writer", "seen_writer")]
    if any(name and not is_public_id(name) for name in names):
        raise ResponseNotTaken(N_("This page does not say properly which page it is."))
    given: dict[str, list[str]] = {name.removeprefix(PRESENT): [] for name in form if name.startswith(PRESENT)}
    given |= {name.removeprefix(FIELD): values for name, values in form.lists() if name.startswith(FIELD)}
    return AnswerForm(action, given, *names)
