"""What a learner should know before an attempt: time, attempts, pass mark, dates, feedback, and the grade's way."""

from markupsafe import Markup

from config import clock
from course.access import Access
from course.feedback import key_shown_from
from course.items import Counts, Feedback, Late, Policy, Quiz
from lti_tool.web.i18n import gettext, lazy_gettext, ngettext, number, percent
from lti_tool.web.quiz_views import Fact
from lti_tool.web.sentences import paragraph, sentence, time_element

COUNTS_TEXTS = {
    Counts.BEST: lazy_gettext("Your best attempt counts."),
    Counts.LAST: lazy_gettext("Your last attempt counts."),
    Counts.FIRST: lazy_gettext("Your first attempt counts."),
    Counts.AVERAGE: lazy_gettext("The average of your attempts counts."),
}


def facts_before(quiz: Quiz, access: Access, *, is_preview: bool, has_column: bool) -> tuple[Fact, ...]:
    """`quiz` has the rules that hold for everyone in the context, `access` the learner's own."""
    policy = access.policy
    facts = [
        Fact(gettext("Questions"), _questions(quiz, policy)),
        Fact(gettext("Time"), _time(quiz.policy.time_limit_minutes, policy.time_limit_minutes)),
        Fact(gettext("Attempts"), _attempts(access)),
        Fact(gettext("To pass"), _to_pass(policy)),
        Fact(gettext("Due"), _due(policy)),
        Fact(gettext("Closes"), _closes(policy)),
        Fact(gettext("Explained"), _explained(policy)),
        Fact(gettext("Your grade"), _grade(is_preview=is_preview, has_column=has_column)),
    ]
    return tuple(fact for fact in facts if fact.text)


def then_after(policy: Policy, attempts_left: int | None, *, is_preview: bool, has_column: bool) -> tuple[Markup, ...]:
    """What happens when the attempt is handed in; `attempts_left` after this one, None for any number."""
    said = [sentence(gettext("After handing in, your answers can no longer change."))]
    waits_for = key_shown_from(policy)
    if policy.feedback == Feedback.NEVER or (waits_for is not None and waits_for > clock.now()):
        said.append(_explained(policy))
    else:
        said.append(sentence(gettext("You see your score and every answer explained at once.")))
    if not is_preview and attempts_left is not None:
        left = ngettext(
            "%(num)s attempt is left after this one.", "%(num)s attempts are left after this one.", attempts_left
        )
        said.append(sentence(left if attempts_left else gettext("This is your last attempt.")))
    said.append(_grade(is_preview=is_preview, has_column=has_column))
    return tuple(said)


def _questions(quiz: Quiz, policy: Policy) -> Markup:
    count = len(quiz.questions)
    if policy.time_limit_minutes is None:
        return sentence(
            ngettext(
                "%(num)s question. You can leave in between.",
                "%(num)s questions, in any order. You can leave in between.",
                count,
            )
        )
    return sentence(
        ngettext(
            "%(num)s question. You can leave in between, but the time runs on.",
            "%(num)s questions, in any order. You can leave in between, but the time runs on.",
            count,
        )
    )


def _time(for_all: int | None, own: int | None) -> Markup:
    if own is None:
        return Markup()
    extra = own - for_all if for_all is not None else 0
    if extra > 0:
        time = ngettext(
            "%(num)s minute, %(extra)s of it extra for you.",
            "%(num)s minutes, %(extra)s of them extra for you.",
            own,
            extra=number(extra),
        )
    else:
        time = ngettext("%(num)s minute from when you start.", "%(num)s minutes from when you start.", own)
    return paragraph(time, gettext("At the end, what is saved is handed in by itself."))


def _attempts(access: Access) -> Markup:
    policy = access.policy
    counts = str(COUNTS_TEXTS[policy.counts])
    if policy.attempts is None:
        return paragraph(gettext("As many as you like."), counts)
    allowed = ngettext("You have one attempt.", "You have %(num)s attempts.", policy.attempts)
    if policy.attempts == 1:
        return paragraph(allowed)
    if not access.attempts_used:
        return paragraph(allowed, counts)
    left = ngettext("%(num)s is left.", "%(num)s are left.", access.attempts_left or 0)
    return paragraph(allowed, left, counts)


def _to_pass(policy: Policy) -> Markup:
    if policy.pass_percent is None:
        return Markup()
    return sentence(gettext("%(percent)s or more."), percent=percent(policy.pass_percent))


def _due(policy: Policy) -> Markup:
    if policy.due_at is None:
        return Markup()
    due = time_element(policy.due_at)
    if policy.late == Late.REFUSE:
        return sentence(gettext("%(time)s. After that, nothing more is taken."), time=due)
    if policy.late == Late.DEDUCT:
        return sentence(
            gettext("%(time)s. Later, each day begun takes %(percent)s off your points, at most %(most)s."),
            time=due,
            percent=percent(policy.late_percent_per_day),
            most=percent(policy.late_percent_at_most),
        )
    return sentence(gettext("%(time)s. Later is taken as well, and nothing is taken off."), time=due)


def _closes(policy: Policy) -> Markup:
    if policy.closes_at is None or (policy.late == Late.REFUSE and policy.ends_at != policy.closes_at):
        return Markup()
    return sentence(gettext("%(time)s. Nothing is taken after that."), time=time_element(policy.closes_at))


def _explained(policy: Policy) -> Markup:
    if policy.feedback == Feedback.AFTER_ANSWER:
        text = gettext("Check an answer to see why it is right or wrong; once checked, it stays as it is.")
    elif policy.feedback == Feedback.NEVER:
        text = gettext("You see your score only; the answers are not explained.")
    elif (waits_for := key_shown_from(policy)) is not None and waits_for > clock.now():
        message = gettext("Your score is shown at once, your answers are explained after %(time)s.")
        return sentence(message, time=time_element(waits_for))
    else:
        text = gettext("Your answers are explained after you hand in. Until then you can change them.")
    return sentence(text)


def _grade(*, is_preview: bool, has_column: bool) -> Markup:
    if is_preview:
        return sentence(gettext("As an instructor you preview it: nothing is graded."))
    if not has_column:
        return sentence(gettext("No gradebook column belongs to this quiz: your result stays here."))
    return sentence(gettext("When you hand in, your result goes to your course’s gradebook."))
