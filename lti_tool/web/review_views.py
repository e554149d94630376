"""What the review's templates are given: for instructors only, so the machine's findings may stand in them."""

from dataclasses import dataclass

from markupsafe import Markup

from lti_tool.web.lab_views import QuoteView, TurnView
from lti_tool.web.pages import Frame, Link


@dataclass(frozen=True, slots=True)
class EntryView:
    """One thing to do. `since` is markup: a moment; `reasons` are sentences."""

    href: str
    title: str
    who: str
    kind_text: str
    reasons: tuple[str, ...]
    since: Markup


@dataclass(frozen=True, slots=True)
class QueuePage:
    """template review.html. `samples` wait for nobody; `done_text` says what was just saved, and `next_href` leads to
    what comes after it, both empty otherwise."""

    frame: Frame
    waiting: tuple[EntryView, ...]
    samples: tuple[EntryView, ...]
    done_text: str = ""
    next_href: str = ""


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A level that can be chosen, with its descriptor."""

    level: int
    name: str
    descriptor: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class CriterionCase:
    """A criterion to be judged. `found` says what was found and by whom, empty in a blind look; `doubt` why a person
    has to say; `reason` is what has been typed before a refusal."""

    id: str
    name: str
    weight: str
    levels: tuple[LevelChoice, ...]
    found: str = ""
    doubt: str = ""
    quotes: tuple[QuoteView, ...] = ()
    boundary: str = ""
    feedback: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class AppealView:
    """An appeal; `answer` is empty while it waits. `typed` and `typed_level` are what a form that was just refused
    held."""

    criterion_id: str
    name: str
    words: str
    since: Markup
    answer: str
    action: str
    typed: str = ""
    typed_level: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    """template review_case.html. `is_blind`: no finding is shown and no grade changes. `standing_text`: the grade that
    stands, if any; `flags`: what the checks found odd, as sentences; `held`: that what is saved is shown at a date
    only, unless `at_once` is ticked; `doubt`: why a person has to say, where it is the same for all criteria;
    `others`: the same person's other attempts, and the list of all work."""

    frame: Frame
    title: str
    who: str
    is_blind: bool
    standing_text: str
    flags: tuple[str, ...]
    turns: tuple[TurnView, ...]
    appeals: tuple[AppealView, ...]
    criteria: tuple[CriterionCase, ...]
    action: str
    back_href: str
    held: Markup | None = None
    at_once: bool = False
    doubt: str = ""
    others: tuple[Link, ...] = ()
