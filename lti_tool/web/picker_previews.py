"""What an instructor is told of an item before placing it: what it is, and what is in it."""

from markupsafe import Markup

from course.items import Item, Lab, Lesson, Page, Policy, Quiz
from lti_tool.web.i18n import duration, gettext, ngettext, number, percent
from lti_tool.web.picker_views import PreviewView


def points_text(points: float) -> str:
    """Such as "5 points"."""
    return ngettext("%(points)s point", "%(points)s points", 1 if points == 1 else 2, points=number(points))


def facts_of(item: Item) -> str:
    """What kind of thing an item is and how much of it there is, in a few words."""
    if isinstance(item, Page):
        return gettext("Reading, about %(time)s", time=duration(item.minutes))
    if isinstance(item, Lab):
        return gettext("Conversation, about %(time)s", time=duration(item.minutes))
    if isinstance(item, Quiz):
        return ngettext("%(num)s question", "%(num)s questions", len(item.questions))
    return ""


def preview_of(item: Item) -> PreviewView:
    """What is in an item, as plain text: nothing in it can be clicked or answered."""
    if isinstance(item, Page):
        lead = item.opening_question if isinstance(item, Lesson) and item.opening_question else item.subtitle
        return PreviewView(lead or "", tuple(section.title for section in item.sections), ())
    if isinstance(item, Quiz):
        stems = tuple(_plain(question.stem_html) for question in item.questions)
        return PreviewView(item.subtitle, stems, _rules(item.policy))
    if isinstance(item, Lab):
        turns = ngettext("The student may speak %(num)s time.", "The student may speak %(num)s times.", item.max_turns)
        criteria = tuple(criterion.name for criterion in item.rubric.for_students())
        return PreviewView(_plain(item.task_html), criteria, (turns, *_rules(item.policy)))
    return PreviewView(item.subtitle, (), ())


def _rules(policy: Policy) -> tuple[str, ...]:
    rules = []
    if policy.attempts is None:
        rules.append(gettext("As many attempts as a student likes."))
    else:
        rules.append(ngettext("%(num)s attempt.", "%(num)s attempts.", policy.attempts))
    if policy.time_limit_minutes is not None:
        rules.append(gettext("Time: %(time)s.", time=duration(policy.time_limit_minutes)))
    if policy.pass_percent is not None:
        rules.append(gettext("To pass: %(percent)s.", percent=percent(policy.pass_percent)))
    return tuple(rules)


def _plain(html: str) -> str:
    return Markup(html).striptags()  # noqa: S704 - only to take its tags away
