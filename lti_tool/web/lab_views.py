"""What the lab's templates are given. Nothing here holds exemplars, rulings or the strong answer."""

from dataclasses import dataclass

from lti_tool.web.pages import DeliveryView, Frame
from lti_tool.web.quote_marks import Piece


@dataclass(frozen=True, slots=True)
class LevelView:
    """One level of a criterion, as a student may read it."""

    name: str
    worth: str
    descriptor: str


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion of the rubric, as a student may read it; its levels from the highest down."""

    id: str
    name: str
    weight: str
    levels: tuple[LevelView, ...]


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn. `state`: done, replying, or failed with the words for it in `note`. `is_authored`: a reply written in
    advance, in a conversation in which others are not. `paragraphs` are plain text in pieces."""

    number: int
    speaker: str
    is_student: bool
    paragraphs: tuple[tuple[Piece, ...], ...]
    state: str = "done"
    note: str = ""
    is_authored: bool = False
    events_href: str = ""
    state_href: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a student reads beside the conversation: case, task and rubric."""

    role_line: str
    scenario_html: str
    task_html: str
    criteria: tuple[CriterionView, ...]


@dataclass(frozen=True, slots=True)
class WayIn:
    """A way to begin: the partner it is done with, the version of the words agreed to, and its button's text."""

    partner: str
    consent: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class BeforeView:
    """What stands before the start. `told` are the sentences that are agreed to, each with its heading; `facts` the
    rules. Without `ways` no attempt may be begun."""

    told: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    start_action: str
    ways: tuple[WayIn, ...]


@dataclass(frozen=True, slots=True)
class ComposerView:
    """Where the student writes. Form fields: `text`, `number` (of the turn to be), `action` = "say", "retry" or
    "draft". `can_say` is False while a reply is on its way and when no turns are left; then, unless a draft is still
    there, it `is_over`."""

    action: str
    number: int
    draft: str
    can_say: bool
    is_over: bool
    is_answer: bool
    left_text: str
    most_characters: int


@dataclass(frozen=True, slots=True)
class HandInView:
    """Handing in. `asks`: the learner has pressed once, and is asked whether they mean it; `warnings` say what is lost
    by it."""

    action: str
    asks: bool
    warnings: tuple[str, ...]
    then_text: str
    back_href: str


@dataclass(frozen=True, slots=True)
class QuoteView:
    """Words of the student's that a level rests on: their place in turn `turn`, the id of that place on the page, and
    the id of the criterion to come back to."""

    text: str
    turn: int
    start: int
    end: int
    place: str
    back: str


@dataclass(frozen=True, slots=True)
class RefusedAppeal:
    """An appeal that was not taken: what was typed, and why not."""

    criterion_id: str
    words: str
    trouble: str


@dataclass(frozen=True, slots=True)
class CriterionResultView:
    """What came of one criterion. `boundary` says what would have raised it, `why` is a person's reason; both, and
    `feedback`, are plain text and may be empty. `appeal` are the learner's own words, with the answer to them;
    `appeal_action` takes them; `refused` is one that was just not taken."""

    id: str
    name: str
    level_name: str
    level: int
    points_text: str
    quotes: tuple[QuoteView, ...]
    omission_text: str
    feedback: str
    boundary: str
    decided_text: str
    why: str
    changed_text: str
    appeal: str
    answer: str
    appeal_action: str
    refused: RefusedAppeal | None = None


@dataclass(frozen=True, slots=True)
class FateView:
    """What has become of a submitted attempt, in words that stay true. `state`: preview, waiting, grading, delayed,
    person, held or graded; what comes after `submitted_text` is for the last. `text` may be markup of ours."""

    state: str
    title: str
    text: str
    submitted_text: str
    percent_text: str = ""
    decided_text: str = ""
    deduction_text: str = ""
    earlier_text: str = ""
    criteria: tuple[CriterionResultView, ...] = ()
    delivery: DeliveryView | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in {"preview", "graded"}


@dataclass(frozen=True, slots=True)
class PastLab:
    """One line of the list of attempts."""

    number: int
    href: str
    text: str
    submitted_text: str
    submitted_iso: str


@dataclass(frozen=True, slots=True)
class LabPage:
    """template lab.html. `phase`: before, open, submitted; the views of other phases are None."""

    frame: Frame
    title: str
    phase: str
    attempt_text: str
    brief: Brief
    partner_name: str
    partner_role: str
    notices: tuple[str, ...]
    support_text: str
    shows_support: bool
    turns: tuple[TurnView, ...]
    before: BeforeView | None = None
    composer: ComposerView | None = None
    hand_in: HandInView | None = None
    fate: FateView | None = None
    past: tuple[PastLab, ...] = ()
    copy_href: str = ""
    standing_href: str = ""
    start_again: BeforeView | None = None
