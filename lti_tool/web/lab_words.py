"""The words a lab's page says about itself: who the partner is, what is stored, how it is graded, what went wrong."""

from course.conversations import MODEL, SCRIPTED
from lti_tool.web.i18n import gettext, lazy_gettext, ngettext

LEVEL_NAMES = {
    4: lazy_gettext("Excellent"),
    3: lazy_gettext("Good"),
    2: lazy_gettext("Partial"),
    1: lazy_gettext("Not yet"),
    0: lazy_gettext("Nothing to judge"),
}
SCRIPTED_NOTICE = lazy_gettext("This is a scripted partner: its replies are written in advance.")
AI_NOTICE = lazy_gettext("You are talking with an AI. It errs; what it says is not a judgement on you.")
OFF_NOTICE = lazy_gettext("AI is switched off at the moment: new replies are written in advance, and say so.")
WRITTEN_NOTICE = lazy_gettext("You chose to write one answer. No AI reads it; a person grades it by the same rubric.")
DEFAULT_SUPPORT = lazy_gettext(
    "If you are in danger now, call your local emergency number. Otherwise talk to somebody you trust or to the "
    "counselling service of your school. This lab can wait; your instructor can give you more time."
)
FAILURES = {
    "refused": lazy_gettext(
        "The AI declined to reply to this. Your message is kept and costs you no turn. Try again, or put it in other "
        "words."
    ),
    "budget": lazy_gettext(
        "The partner has used up what may be spent on it for now. Your message is kept and costs you no turn. Try "
        "again later, or tell your instructor."
    ),
    "busy": lazy_gettext(
        "Many people are talking with the AI right now. Your message is kept and costs you no turn. Try again in a few "
        "seconds."
    ),
    "stalled": lazy_gettext("The reply stopped halfway. Your message is kept and costs you no turn. Try again."),
}
FAILED = lazy_gettext(
    "The partner cannot be reached at the moment. Your message is kept and costs you no turn. Try again in a minute."
)


def told_about(partner: str, partner_name: str) -> tuple[tuple[str, str], ...]:
    """What a learner reads before they begin, as headings and sentences; the partner decides which."""
    who = {
        MODEL: gettext(
            "%(name)s is an AI, a language model that plays a role. It errs: question what it says.", name=partner_name
        ),
        SCRIPTED: gettext(
            "%(name)s is a scripted partner: its replies are written in advance and chosen by what you have and have "
            "not spoken of. No AI is involved in the conversation.",
            name=partner_name,
        ),
    }[partner]
    stored = (
        gettext(
            "Your messages and the replies are stored here, and sent to the service that runs the AI without your name "
            "or e-mail address."
        )
        if partner == MODEL
        else gettext("What you write is stored here, and is not sent anywhere else for a reply.")
    )
    return (
        (gettext("Whom you talk with"), who),
        (gettext("What is stored"), stored),
        (gettext("Who sees it"), gettext("You and the instructors of your course can read it.")),
        (gettext("How it is graded"), _graded_how(partner)),
    )


def _graded_how(partner: str) -> str:
    if partner == MODEL:
        return gettext(
            "By the rubric on this page. An AI proposes a level for each criterion and names the words of yours that "
            "it rests on; where it is in doubt, a person decides. You can ask a person to look again."
        )
    return gettext("By the rubric on this page. A person decides.")


def without_partner() -> str:
    """What it means to write one answer instead."""
    return gettext(
        "If you would rather not talk with a partner: write one answer to the task. It is stored here and sent nowhere "
        "else. No AI reads it; a person grades it by the same rubric."
    )


def turns_left_text(left: int) -> str:
    """Such as "3 turns left"."""
    return ngettext("%(num)s turn left", "%(num)s turns left", left) if left else gettext("No turns left")


def failure_text(cause: str | None) -> str:
    """Why there is no reply, what is safe, and what to do."""
    return str(FAILURES.get(cause or "", FAILED))
