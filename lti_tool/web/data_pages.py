"""What is stored about a person, where it goes and whom to ask: the values of both pages that say so, in words."""

from dataclasses import dataclass

from lti_tool.stored_data import Kind, StoredData
from lti_tool.web.current import services
from lti_tool.web.i18n import gettext, lazy_gettext, ngettext, number
from lti_tool.web.pages import Frame

KINDS = {
    Kind.COURSES: lazy_gettext("Courses visited, and when last"),
    Kind.SECTIONS: lazy_gettext("Sections read"),
    Kind.ATTEMPTS: lazy_gettext("Attempts at quizzes, tests and reading, with their times"),
    Kind.ANSWERS: lazy_gettext("Answers to questions"),
    Kind.LABS: lazy_gettext("Conversations in labs"),
    Kind.TURNS: lazy_gettext("What was written in them, turn by turn"),
    Kind.OUTCOMES: lazy_gettext("Grades, each with what it was given for"),
    Kind.APPEALS: lazy_gettext("Questions asked about a grade"),
    Kind.CONSENTS: lazy_gettext("Times of agreeing to what a lab does with one’s words"),
    Kind.ACCOMMODATIONS: lazy_gettext("Extra time, attempts or days that were granted"),
}
ASK_AT_SCHOOL = lazy_gettext(
    "Ask your instructor, or the office of your school that looks after personal data. They pass it on to whoever runs "
    "this tool."
)
ASK_WHO_RUNS_IT = lazy_gettext("Ask whoever runs this tool for your institution.")


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What _stored_data.html shows. `kept`: kinds and how many; `goes` and `asks` are sentences. `nothing` says that
    nothing is stored, and is '' otherwise."""

    nothing: str
    kept: tuple[tuple[str, str], ...]
    never: str
    goes: tuple[str, ...]
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YourDataPage:
    """template your_data.html: within a visit."""

    frame: Frame
    facts: DataFacts


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """template privacy.html: the answer to a data privacy launch, outside any course. `return_url` may be None."""

    title: str
    about: str
    facts: DataFacts
    return_url: str | None


def facts_of(stored: StoredData, *, is_own: bool) -> DataFacts:
    """The facts in words; `is_own`: for the person themself."""
    if not stored.is_known:
        return DataFacts(_nothing(is_own=is_own), (), "", (), ())
    settings = services().settings
    kept = [(gettext("Who it is about"), _identity(stored))]
    kept += [(str(text), number(stored.count(kind))) for kind, text in KINDS.items() if stored.count(kind)]
    if stored.has_language:
        kept.append((gettext("The language chosen for these pages"), gettext("yes")))
    ask = settings.privacy_contact or str(ASK_AT_SCHOOL if is_own else ASK_WHO_RUNS_IT)
    return DataFacts(
        nothing="",
        kept=tuple(kept),
        never=gettext("No e-mail address, no photo and no password is kept."),
        goes=(
            gettext("Instructors of the course see the work and its grades there."),
            _gradebook(stored),
            _model(stored, is_available=settings.ai_is_available),
            gettext("It goes nowhere else."),
        ),
        asks=(
            gettext("For a copy of all this, a correction or its erasure you ask a person; no button does it yet."),
            ask,
            gettext("Grades that are in the gradebook are the learning platform’s, and stay there."),
        ),
    )


def _nothing(*, is_own: bool) -> str:
    if is_own:
        return gettext("Nothing is stored about you here: you have not opened anything of this tool yet.")
    return gettext(
        "Nothing is stored here about this person, as far as the place goes from which you have come: they have not "
        "opened anything of this tool there."
    )


def _identity(stored: StoredData) -> str:
    if stored.has_name:
        return gettext("Name, and the id at %(platform)s", platform=stored.platform)
    return gettext("The id at %(platform)s, and no name", platform=stored.platform)


def _gradebook(stored: StoredData) -> str:
    sent = number(stored.count(Kind.GRADES_SENT))
    return gettext(
        "Grades go to the gradebook of %(platform)s: %(number)s so far.", platform=stored.platform, number=sent
    )


def _model(stored: StoredData, *, is_available: bool) -> str:
    calls = stored.count(Kind.MODEL_CALLS)
    so_far = ngettext("%(num)s request so far.", "%(num)s requests so far.", calls)
    if is_available:
        text = gettext(
            "What is written in labs with an AI goes to the service that runs the language model, to be answered and "
            "judged, without name and e-mail address."
        )
    else:
        text = gettext("No language model is in use here at present.")
    return f"{text} {so_far}" if is_available or calls else text
