"""A course as it is shown: frozen values, already rendered to safe HTML, with no way back to the files.

Names that end in `_html` hold HTML that `course.markup` made and may go into a page as they are, after
`course.markup.with_urls` has given the course's own links their addresses. All other texts are plain: a template
must escape them. "Inline" HTML has no paragraphs and fits into a label or a heading; "block" HTML has its own `<p>`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from course.errors import UnknownItem
from course.rubric import Rubric

WORDS_A_MINUTE = 215  # adults read plain non-fiction at 200 to 230 words a minute


class ItemKind(StrEnum):
    INTRODUCTION = "introduction"
    LESSON = "lesson"
    QUIZ = "quiz"
    LAB = "lab"
    TEST = "test"


class Counts(StrEnum):
    """Which of a learner's attempts gives the points."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"
    AVERAGE = "average"


class Shuffle(StrEnum):
    """What stands in another order in each attempt."""

    NONE = "none"
    CHOICES = "choices"
    QUESTIONS = "questions"
    BOTH = "both"


class Feedback(StrEnum):
    """From when on a learner sees what was right and why; the score itself is shown as soon as it is handed in."""

    AFTER_ANSWER = "after-answer"
    AFTER_SUBMIT = "after-submit"
    AFTER_DUE = "after-due"
    NEVER = "never"


class Late(StrEnum):
    """What becomes of work that is handed in after its due date."""

    ACCEPT = "accept"
    DEDUCT = "deduct"
    REFUSE = "refuse"


class WrittenAnswer(StrEnum):
    """Whether a lab may be done without a partner: one written answer, by the same rubric, graded by a person."""

    NOT_OFFERED = "not-offered"
    ALLOWED = "allowed"


class UnlockWhen(StrEnum):
    """What must have become of the items named in `unlock_after`."""

    DONE = "done"
    PASSED = "passed"


class Release(StrEnum):
    """Whether a result that a machine gave stands at once, or only after a person has looked at it."""

    AUTOMATIC = "automatic"
    AFTER_REVIEW = "after-review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of a graded item. `attempts` is None when unlimited, else at least 1; `pass_percent` is 0 to 100, or
    None when there is no pass mark; `points` is what a perfect attempt is worth, 0.01 to 100000; `shuffle` concerns
    only what a learner sees, never the points.

    The three dates are aware and in UTC, None for no such limit: an attempt may be begun from `opens_at`, is late
    after `due_at` (see `late`), and nothing more is taken from `closes_at`. A late hand-in loses
    `late_percent_per_day` (0 to 100) of its points for each day begun, and never more than `late_percent_at_most`.
    `unlock_after` are ids of graded items that come first. `release` and `release_at` (a result is neither shown nor
    sent before it) are for labs, and so is `written_answer`.
    """

    points: float
    attempts: int | None = None
    counts: Counts = Counts.BEST
    pass_percent: int | None = None
    shuffle: Shuffle = Shuffle.NONE
    feedback: Feedback = Feedback.AFTER_ANSWER
    time_limit_minutes: int | None = None
    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None
    late: Late = Late.ACCEPT
    late_percent_per_day: int = 0
    late_percent_at_most: int = 100
    unlock_after: tuple[str, ...] = ()
    unlock_when: UnlockWhen = UnlockWhen.DONE
    release: Release = Release.AUTOMATIC
    release_at: datetime | None = None
    written_answer: WrittenAnswer = WrittenAnswer.NOT_OFFERED

    @property
    def ends_at(self) -> datetime | None:
        """From when on nothing is taken: the closing date, or the due date where late work is refused."""
        dates = [self.closes_at, self.due_at if self.late == Late.REFUSE else None]
        return min((one for one in dates if one is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A stop of a module. `label` is its short name in the navigation strip; `subtitle` may be empty."""

    id: str
    kind: ItemKind
    label: str
    title: str
    subtitle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A key term. `definition_html` is inline."""

    id: str
    name: str
    definition_html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A numbered part of a page. `html` is block HTML without the heading; `number` counts from 1;
    `term_ids` are the terms used here first, in the order of use."""

    id: str
    number: int
    title: str
    html: str
    term_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Item):
    """An item to be read. `story_html` (block) is all that stands before the first section, and may be empty;
    `terms` are in the order of first use; `callouts` are the kinds of the callouts, in the order of the text;
    `minutes` is the time to read it all, at least 1."""

    story_html: str
    story_term_ids: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    terms: tuple[Term, ...] = ()
    callouts: tuple[str, ...] = ()
    minutes: int

    def term(self, term_id: str) -> Term:
        """Raises KeyError when the page has no such term; ids in `term_ids` always exist."""
        for term in self.terms:
            if term.id == term_id:
                return term
        raise KeyError(term_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction(Page):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson(Page):
    opening_question: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice of a question. `text_html` is inline, `feedback_html` is block: why the choice is right or wrong."""

    id: str
    text_html: str
    is_key: bool
    feedback_html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a quiz. `stem_html` is inline; `explanation_html` (block) is for everyone who has answered."""

    id: str
    type: str
    stem_html: str
    explanation_html: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceQuestion(Question):
    """A question answered by choosing: at least 2 choices, at least one of them a key."""

    choices: tuple[Choice, ...]

    @property
    def keys(self) -> tuple[Choice, ...]:
        """The right choices, in the order of the choices."""
        return tuple(choice for choice in self.choices if choice.is_key)

    def find_choice(self, choice_id: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.id == choice_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleChoice(ChoiceQuestion):
    """Exactly one of 2 to 8 choices is the key."""

    @property
    def key(self) -> Choice:
        return self.keys[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleChoice(ChoiceQuestion):
    """Any number of 2 to 8 choices are keys, from one to all of them; any number may be chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFalse(ChoiceQuestion):
    """A statement to judge. Its two choices have the ids `true` and `false`, in this order; one is the key."""

    @property
    def key(self) -> Choice:
        return self.keys[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiz(Item):
    """A quiz, or a module test (`kind` says which). `intro_html` is block HTML or None."""

    policy: Policy
    questions: tuple[Question, ...]
    intro_html: str | None = None

    def find_question(self, question_id: str) -> Question | None:
        return next((question for question in self.questions if question.id == question_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Whom a student talks with in a lab. `name` and `role` are plain text and introduce the partner to the student;
    `persona` is Markdown for the language model, and no student sees it."""

    name: str
    role: str
    persona: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A question that an author has prepared for the partner. `text` is plain, in the partner's words; `when` says
    what a student must have said or left out, and is never shown; `covers` is the id of a criterion."""

    id: str
    text: str
    when: str
    covers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab(Item):
    """A conversation about a case, judged by a rubric.

    For students: `role_line` (plain), `scenario_html` and `task_html` (block), the partner's name and role,
    `opening_move` (plain, the partner's first turn), `max_turns` (how often the student may speak, at least 1),
    `minutes` (what it usually takes, at least 1) and `rubric.for_students()`.

    Not for students, and left out of `repr`: `partner.persona` and `follow_ups` are for the partner, `strong_answer`
    (Markdown as the author wrote it) is for authors and instructors and must never reach the partner either, and the
    rest of `rubric` is for graders.
    """

    policy: Policy
    role_line: str
    scenario_html: str
    task_html: str
    partner: Partner
    opening_move: str
    max_turns: int
    minutes: int
    follow_ups: tuple[FollowUp, ...] = field(repr=False)
    strong_answer: str = field(repr=False)
    rubric: Rubric = field(repr=False)


Graded = Quiz | Lab  # the kinds of item with attempts and a policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    id: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """`assets` are the images the course's text uses, as paths below its folder: the only files that may be served."""

    id: str
    title: str
    language: str
    modules: tuple[Module, ...]
    assets: frozenset[str] = frozenset()

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for module in self.modules for item in module.items)

    def find_item(self, item_id: str) -> Item | None:
        return next((item for item in self.items if item.id == item_id), None)

    def item(self, item_id: str) -> Item:
        """Raises UnknownItem."""
        return self.items[self._position(item_id)]

    def module_of(self, item_id: str) -> Module:
        """Raises UnknownItem."""
        for module in self.modules:
            if any(item.id == item_id for item in module.items):
                return module
        raise UnknownItem(self.id, item_id)

    def previous_item(self, item_id: str) -> Item | None:
        """The item before this one in the whole course, None at the start. Raises UnknownItem."""
        position = self._position(item_id)
        return self.items[position - 1] if position else None

    def next_item(self, item_id: str) -> Item | None:
        """The item after this one in the whole course, None at the end. Raises UnknownItem."""
        position = self._position(item_id)
        return self.items[position + 1] if position + 1 < len(self.items) else None

    def _position(self, item_id: str) -> int:
        for position, item in enumerate(self.items):
            if item.id == item_id:
                return position
        raise UnknownItem(self.id, item_id)


def reading_minutes(texts: Iterable[str]) -> int:
    """Whole minutes to read the given plain texts, at least 1."""
    words = sum(len(text.split()) for text in texts)
    return max(1, round(words / WORDS_A_MINUTE))
