"""What the overview says about each thing that needs attention, and which page has more."""

from collections.abc import Callable

from lti_tool.admin.overview import Matter
from lti_tool.web.i18n import gettext, ngettext, percent

Words = tuple[str, str]
PAGES = {
    "late": "admin_grades.show",
    "stuck": "admin_grades.show",
    "no_platform": "admin_platforms.show",
    "registration_waits": "admin_platforms.show",
    "deployment_waits": "admin_platforms.show",
    "registration_off": "admin_platforms.show",
    "refused": "admin_launches.show",
    "roster_not_read": "admin_grades.show",
    "ai_off_everywhere": "admin_ai.show",
    "ai_off": "admin_ai.show",
    "budget": "admin_spend.show",
}


def words_of(matter: Matter) -> Words:
    """A title that says what is so, and a text that says what it means and what helps."""
    return _WORDS[matter.kind](matter.number)


def _worker_silent(_number: int) -> Words:
    title = gettext("No worker is at work")
    return title, gettext(
        "Grades wait and labs are not judged meanwhile; nothing is lost. Check that a worker and beat run, and that "
        "both reach the broker."
    )


def _late(number: int) -> Words:
    title = ngettext("%(num)s grade waits for a worker", "%(num)s grades wait for a worker", number)
    return title, gettext("It is due and nobody takes it: check that a worker runs and that it reaches the broker.")


def _stuck(number: int) -> Words:
    title = ngettext("%(num)s grade is stuck", "%(num)s grades are stuck", number)
    return title, gettext("A platform does not take what was earned. Nothing is lost; the cause stands beside each.")


def _no_platform(_number: int) -> Words:
    title = gettext("No platform is registered yet")
    return title, gettext("Nobody can come in before there is one: invite your LMS, and it registers itself.")


def _registration_waits(number: int) -> Words:
    title = ngettext("%(num)s platform waits to be allowed", "%(num)s platforms wait to be allowed", number)
    return title, gettext("It has registered itself; nobody can launch from it before an admin allows it.")


def _deployment_waits(number: int) -> Words:
    title = ngettext("%(num)s deployment waits to be allowed", "%(num)s deployments wait to be allowed", number)
    return title, gettext("A platform has launched from a place that is new here; nobody comes in from it until then.")


def _registration_off(number: int) -> Words:
    title = ngettext("%(num)s platform is switched off", "%(num)s platforms are switched off", number)
    return title, gettext("Nobody comes in from it, and it is told nothing; grades wait until it is switched on again.")


def _refused(number: int) -> Words:
    title = ngettext(
        "%(num)s launch was refused in the last day", "%(num)s launches were refused in the last day", number
    )
    return title, gettext(
        "It came from a platform that is known here. Somebody did not get to their course; the cause is kept."
    )


def _roster_not_read(number: int) -> Words:
    title = ngettext(
        "The people of %(num)s course cannot be read", "The people of %(num)s courses cannot be read", number
    )
    return title, gettext("Launches and grades go on; who has left a course is not seen.")


def _content(number: int) -> Words:
    title = ngettext("The course files have %(num)s problem", "The course files have %(num)s problems", number)
    return title, gettext("The last good version is served. The command coursewright course check names file and line.")


def _ai_off_everywhere(_number: int) -> Words:
    return gettext("AI is switched off everywhere"), gettext("Labs go on without it, and those handed in wait.")


def _ai_off(number: int) -> Words:
    title = ngettext("AI is switched off in %(num)s place", "AI is switched off in %(num)s places", number)
    return title, gettext("Labs go on there without it, and those handed in wait.")


def _budget(number: int) -> Words:
    title = gettext("%(share)s of this month’s budget for AI is spent", share=percent(number))
    return title, gettext(
        "When it is used up, labs get no replies of AI any more; students are told, and can hand in what they have. "
        "COURSEWRIGHT_BUDGET_MONTH sets how much there is."
    )


_WORDS: dict[str, Callable[[int], Words]] = {
    "worker_silent": _worker_silent,
    "late": _late,
    "stuck": _stuck,
    "no_platform": _no_platform,
    "registration_waits": _registration_waits,
    "deployment_waits": _deployment_waits,
    "registration_off": _registration_off,
    "refused": _refused,
    "roster_not_read": _roster_not_read,
    "content": _content,
    "ai_off_everywhere": _ai_off_everywhere,
    "ai_off": _ai_off,
    "budget": _budget,
}
