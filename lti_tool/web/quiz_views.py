"""What the quiz's templates are given, each a frozen dataclass, so that a template can ask for nothing else."""

from dataclasses import dataclass

from markupsafe import Markup

from lti_tool.web.pages import DeliveryView, Frame, Link, PastAttempt
from lti_tool.web.time_left import TimeView


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One option of a question. `is_key` and `feedback_html` are None until the key may be seen."""

    id: str
    html: str
    is_chosen: bool
    is_key: bool | None
    feedback_html: str | None


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question card. `state`: open (nothing chosen), answered (saved), right, partial or wrong (explained); the
    last three have a `points_text` such as "0.5 of 1 point". `template` shows what is answered with.

    `is_closed`: its answer cannot change any more. `is_explained`: the key may be seen; an open one was left open
    then. `can_check`: it can be checked by itself. `is_several`: any number of choices may be chosen; `rule` is then
    how they are counted, in one sentence.
    """

    id: str
    number: int
    template: str
    stem_html: str
    is_several: bool
    instruction: str
    rule: str | None
    choices: tuple[ChoiceView, ...]
    state: str
    points_text: str
    explanation_html: str | None
    is_closed: bool
    is_explained: bool
    can_check: bool

    @property
    def is_answered(self) -> bool:
        return self.state != "open"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to know before starting: "Attempts", "3, and 2 are left. Your best attempt counts."."""

    name: str
    text: Markup


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in the way, or good to know: what is so, what to do, and ways to it. `leads_back`: the way on is the
    platform's course page."""

    title: str
    text: Markup
    what_to_do: str = ""
    links: tuple[Link, ...] = ()
    leads_back: bool = False


@dataclass(frozen=True, slots=True)
class StartView:
    """The button that begins an attempt: POST to `action`."""

    action: str
    text: str


@dataclass(frozen=True, slots=True)
class ReviewView:
    """Before handing in: what is still open, in words and to go to, and what happens then."""

    open_questions: tuple[QuestionView, ...]
    open_text: str
    then: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class ResultView:
    """What came of a submitted attempt: "4 of 5", "80%", whether that passes, what was taken off and why, what counts,
    when it is explained if it is not yet, and where the grade is."""

    points_text: str
    percent_text: str
    is_passed: bool | None
    pass_text: str
    deduction_text: str
    counted_text: str
    ended_text: Markup
    submitted_text: str
    explained_text: Markup
    delivery: DeliveryView
    file_href: str


@dataclass(frozen=True, slots=True)
class QuizPage:
    """template quiz.html. `phase`: before (start button), open (questions), submitted (result).

    `facts` are shown before starting, with `notice` on top: why it cannot be started, or what an instructor should
    know; `start` is None where no attempt can be begun. Of an open attempt, the form posts to `answer_action` what
    `answer_forms` describes, as the page `writer` that found `seen_writer` at work; `standing_href` answers as JSON
    where the attempt stands. `lost` are answers of a page that another one has replaced: question and words. `here`
    is the item's own address, `result_href` that of this attempt.
    """

    frame: Frame
    title: str
    intro_html: str | None
    phase: str
    subtitle: str = ""  # shown before starting
    facts: tuple[Fact, ...] = ()
    notice: Notice | None = None
    start: StartView | None = None
    attempt_text: str = ""  # "Attempt 1 of 3"
    resumed_text: Markup | None = None
    here: str = ""
    result_href: str = ""
    answer_action: str = ""
    standing_href: str = ""
    writer: str = ""
    seen_writer: str = ""
    questions: tuple[QuestionView, ...] = ()
    answered_count: int = 0
    is_long: bool = False
    time: TimeView | None = None
    review: ReviewView | None = None
    lost: tuple[tuple[QuestionView, str], ...] = ()
    result: ResultView | None = None
    past: tuple[PastAttempt, ...] = ()
