"""What an admin reads where a platform did not take a grade or give a column or a list of people: what the code in the
row's `cause` means, where the cause lies, and what to do. English sentences; whoever shows them translates them."""

import re
from dataclasses import dataclass

from config.words import N_
from lti_tool import platforms
from lti_tool.column_searches import GONE
from lti_tool.outbox import CONFLICT, GAVE_UP, NO_LINE_ITEM, TEACHERS_GRADE

OPEN_ONCE = N_("Ask an instructor to open the activity from their course once: that tells us its present column.")
THEN_RETRY = N_("Then choose “Retry” here.")
ASK_PLATFORM = N_("If it lasts, ask whoever runs the platform what its log says of the time of the last try.")

PLATFORM_SETTINGS = N_("In the platform’s settings for this tool")
THEIR_COURSE = N_("In the course on the platform")
THE_PLATFORM = N_("On the platform or on the way to it")
HERE = N_("In this installation")
NOWHERE = N_("Nowhere: all is as it should be")


@dataclass(frozen=True, slots=True)
class Explained:
    """A cause in plain words. `where` says who can mend it, `steps` how; `status` fills `%(status)s` in all of them."""

    title: str
    where: str
    meaning: str
    steps: tuple[str, ...]
    status: str = ""


_COLUMN_GONE = Explained(
    N_("The gradebook column is gone"),
    THEIR_COURSE,
    N_("The platform says that there is no such column any more. The activity or its column was deleted or made anew."),
    (OPEN_ONCE, N_("If the activity was deleted on purpose, there is nothing to do: the result stays here.")),
)
_NO_RIGHT = Explained(
    N_("The platform does not let us write grades"),
    PLATFORM_SETTINGS,
    N_("It knows us, and answered that we may not do this (HTTP %(status)s)."),
    (
        N_("Allow this tool to write scores and to read results. In Moodle that is “IMS LTI Assignment and Grade "
           "Services”, in Canvas the scopes of the developer key."),
        N_("Check that the activity and its course are open, and that the tool is not blocked there."),
        THEN_RETRY,
    ),
)  # fmt: skip
_UNKNOWN_TO_IT = Explained(
    N_("The platform does not accept our sign-in"),
    PLATFORM_SETTINGS,
    N_("Before it takes grades, it asks for a proof of who we are, and it refused ours (HTTP %(status)s)."),
    (
        N_("Compare the client id and the token address of the platform with what is written down here."),
        N_("Check that the platform can reach our public keys: the address is among the values for manual set-up."),
        N_("Run the connection test of the platform; it says at which step it fails."),
        THEN_RETRY,
    ),
)
_NO_ANSWER = Explained(
    N_("The platform cannot be reached"),
    THE_PLATFORM,
    N_("It did not answer, or its certificate, name or address did not hold."),
    (
        N_("Open the platform in a browser. If it is down, wait: grades are sent by themselves once it is back."),
        N_("If it is up, check that this server may connect to it: firewall, proxy, certificate."),
        THEN_RETRY,
    ),
)
_FAULT_THERE = Explained(
    N_("The platform has a fault of its own"),
    THE_PLATFORM,
    N_("It answered that something broke on its side (HTTP %(status)s)."),
    (ASK_PLATFORM, THEN_RETRY),
)
_UNREADABLE = Explained(
    N_("The platform’s answer cannot be read"),
    THE_PLATFORM,
    N_("Something answered that is not its grade service: a page of maintenance or sign-in, or a proxy in between."),
    (
        N_("Open the platform in a browser, and see whether it is closed for maintenance."),
        N_("Check that no sign-in page stands before the addresses of its services."),
        THEN_RETRY,
    ),
)
_REFUSED = Explained(
    N_("The platform refused what we sent"),
    THEIR_COURSE,
    N_("It took the request for a wrong one and did not say why in a way that we know (HTTP %(status)s)."),
    (
        N_("Look at the column in the gradebook: is it locked, of another kind than points, or in a closed course?"),
        N_("Check that the person is still in the course as a student."),
        ASK_PLATFORM,
        THEN_RETRY,
    ),
)

_SCORES: dict[str, Explained] = {
    NO_LINE_ITEM: Explained(
        N_("No gradebook column is known"),
        THEIR_COURSE,
        N_("No launch has named a column for this activity, and we could not find or make one."),
        (
            OPEN_ONCE,
            N_("If that does not help, allow the tool to manage columns in the platform’s settings for it."),
            N_("Then choose “Retry” here; we look for the column again first."),
        ),
    ),
    TEACHERS_GRADE: Explained(
        N_("A teacher’s grade stands in the gradebook"),
        NOWHERE,
        N_("Somebody gave a grade by hand, and we do not write over it."),
        (N_("Nothing is to be done. If the teacher removes their grade, choose “Retry” to send ours."),),
    ),
    CONFLICT: Explained(
        N_("The gradebook holds a newer score"),
        THE_PLATFORM,
        N_("The platform says that it has a score of a later time, whatever time we give. Its clock may be ahead."),
        (N_("Compare the clocks of the platform and of this server."), THEN_RETRY),
    ),
    platforms.NOT_A_STUDENT: Explained(
        N_("The platform does not count the person as a student"),
        THEIR_COURSE,
        N_("Grades are taken only of students of the course, and there this person is none: they left, are suspended, "
           "or have another role."),
        (
            N_("Look the person up in the course by the platform’s user id."),
            N_("If they are to get the grade, enrol them as a student; otherwise there is nothing to do."),
            THEN_RETRY,
        ),
    ),
    platforms.COURSE_ENDED: Explained(
        N_("The course has ended"),
        THEIR_COURSE,
        N_("The platform takes no more grades for a course that is over."),
        (N_("If the grade is still to count, have the course’s end moved in the platform."), THEN_RETRY),
    ),
    platforms.LOCKED: Explained(
        N_("The gradebook is locked there"),
        THEIR_COURSE,
        N_("The column, the grade or the course is locked, so that nobody can write it."),
        (N_("Ask the instructor to unlock the grade or the column in the gradebook."), THEN_RETRY),
    ),
    platforms.NOT_PUBLISHED: Explained(
        N_("The activity is not published"),
        THEIR_COURSE,
        N_("The platform takes grades once the activity is published; until then we try again by ourselves."),
        (N_("Ask the instructor to publish the activity."), THEN_RETRY),
    ),
    platforms.ATTEMPTS_USED_UP: Explained(
        N_("The platform allows no further attempt"),
        THEIR_COURSE,
        N_("The platform counts attempts of its own, and they are used up."),
        (N_("Ask the instructor to allow more attempts in the assignment’s settings."), THEN_RETRY),
    ),
    "service_404": _COLUMN_GONE,
    "service_410": _COLUMN_GONE,
    "results_unreadable": Explained(
        N_("The platform’s list of results cannot be read"),
        THE_PLATFORM,
        N_("Before we send a grade we look whether a teacher has set one, and the answer made no sense."),
        (ASK_PLATFORM, THEN_RETRY),
    ),
}  # fmt: skip

_COLUMNS: dict[str, Explained] = {
    GONE: _COLUMN_GONE,
    "service_401": _NO_RIGHT,
    "service_403": Explained(
        N_("The platform does not let us make columns"),
        PLATFORM_SETTINGS,
        _NO_RIGHT.meaning,
        (
            N_("Allow this tool to manage columns. In Moodle that is “Use this service for grade sync and column "
               "management”, in Canvas the scope for line items of the developer key."),
            N_("Then choose “Look again” here, or have an instructor open the activity."),
        ),
    ),
}  # fmt: skip
_ROSTERS: dict[str, Explained] = {
    "service_403": Explained(
        N_("The platform does not give us the list of people"),
        PLATFORM_SETTINGS,
        _NO_RIGHT.meaning,
        (N_("Allow this tool to read names and roles, if instructors are to see who has not begun."),),
    )
}

_PATTERNS: tuple[tuple[str, Explained], ...] = (
    (r"token_4(\d\d)", _UNKNOWN_TO_IT),
    (r"service_40([13])", _NO_RIGHT),
    (r".*_no_answer_.*", _NO_ANSWER),
    (r".*_throttled", Explained(
        N_("The platform asks us to slow down"),
        THE_PLATFORM,
        N_("It takes only so many requests in a time. We wait as long as it asks, and try again by ourselves."),
        (N_("Nothing is to be done, unless it lasts for hours."), ASK_PLATFORM),
    )),
    (r".*_5\d\d", _FAULT_THERE),
    (r".*(?:_unreadable|_html|_3\d\d)|list_.*|roster_.*", _UNREADABLE),
    (r".*_4\d\d", _REFUSED),
)  # fmt: skip
_OTHER = Explained(
    N_("Sending broke here"),
    HERE,
    N_("Our own program failed at it, so the fault is ours."),
    (N_("Look into the worker’s log for the time of the last try, and report what it says."), THEN_RETRY),
)


def explain_score(cause: str | None) -> Explained:
    """What the cause of a score that was not taken means."""
    return _explained(cause, _SCORES)


def explain_column(cause: str | None) -> Explained:
    """What the cause of a column that was not found or made means."""
    return _explained(cause, _COLUMNS)


def explain_roster(cause: str | None) -> Explained:
    """What the cause of a roster that was not read means."""
    return _explained(cause, _ROSTERS)


def has_given_up(cause: str | None) -> bool:
    """Whether the score was tried for as long as we try before it got stuck."""
    return (cause or "").startswith(GAVE_UP)


def _explained(cause: str | None, known: dict[str, Explained]) -> Explained:
    code = (cause or "").removeprefix(GAVE_UP)
    found = known.get(code) or next((words for pattern, words in _PATTERNS if re.fullmatch(pattern, code)), _OTHER)
    status = re.search(r"_(\d\d\d)$", code)
    return Explained(found.title, found.where, found.meaning, found.steps, status.group(1) if status else "")
