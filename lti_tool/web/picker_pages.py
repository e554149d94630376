"""The page on which activities are chosen: every course, module and item, with what the platform makes of each."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import url_for
from markupsafe import Markup

from course.items import Course, Graded, Item, Module
from course.policies import course_in_context
from lti_tool.deep_linking.selections import Before, Named, chosen_before
from lti_tool.web.current import services
from lti_tool.web.i18n import gettext, ngettext
from lti_tool.web.picker_guards import Choosing
from lti_tool.web.picker_previews import facts_of, points_text, preview_of
from lti_tool.web.picker_views import ActivityView, CourseChoice, ModuleChoice, PickerPage
from lti_tool.web.sentences import sentence, time_element

SEPARATOR = "/"  # ids of courses and items hold none


def value_of(course: Course, item: Item | Module | None) -> str:
    """What a form calls an item, a module, or (None) the whole course."""
    return f"{course.id}{SEPARATOR}{item.id if item else ''}"


def courses_in_force(choosing: Choosing) -> list[Course]:
    """Our courses under the rules of the context: what is chosen brings those dates along."""
    key = f"context-{choosing.selection.context_id}"
    return [course_in_context(choosing.session, key, course) for course in services().catalog.courses]


def offered_of(choosing: Choosing, course: Course, module: Module) -> list[Item]:
    """The items of a module that this place takes."""
    return [item for item in module.items if item in choosing.offer.items(course)]


def rest_of_module(course: Course, offered: list[Item], before: dict[Named, Before]) -> list[Item]:
    """What "the whole module" adds: what was not chosen before; and where all was and nothing has ever been opened,
    all of it again, since the platform need not have kept it (in Moodle a summary must be saved first)."""
    known = [before.get((course.id, item.id)) for item in offered]
    if offered and all(one and not one.opened for one in known):
        return offered
    return [item for item, one in zip(offered, known, strict=True) if not one]


def picker_page(choosing: Choosing, *, checked: Collection[str] = (), error: str = "") -> PickerPage:
    """The whole page; `checked` and `error` after a form that could not be taken."""
    before = chosen_before(choosing.session, choosing.selection)
    courses = courses_in_force(choosing)
    items = [item for course in courses for item in choosing.offer.items(course)]
    columns = [item for item in items if isinstance(item, Graded) and choosing.offer.with_columns]
    builder = _Builder(choosing, before, frozenset(checked))
    return PickerPage(
        where=_where(choosing.selection.context.title),
        action=url_for("picker.choose", key=choosing.key),
        csrf_token=choosing.csrf_token,
        control="checkbox" if choosing.offer.takes_several else "radio",
        notes=tuple(_notes(choosing)),
        after_notes=tuple(_after_notes(choosing, items)),
        courses=tuple(builder.course(course) for course in courses),
        counts=tuple(_chosen_text(count) for count in range(len(items) + 1)),
        column_counts=tuple(_columns_text(count) for count in range(len(columns) + 1)),
        error=error,
    )


def _where(context_title: str) -> Markup | str:
    if not context_title:
        return ""
    return sentence(gettext("They are added to %(course)s."), course=Markup("<bdi>{}</bdi>").format(context_title))


def _chosen_text(count: int) -> str:
    if not count:
        return gettext("Nothing is chosen yet.")
    return ngettext("%(num)s activity chosen.", "%(num)s activities chosen.", count)


def _columns_text(count: int) -> str:
    if not count:
        return gettext("No gradebook column.")
    return ngettext("%(num)s gradebook column.", "%(num)s gradebook columns.", count)


def _notes(choosing: Choosing) -> list[str]:
    """What the place takes less than the most there is."""
    notes = []
    if choosing.offer.only_graded:
        notes.append(gettext("This place takes one graded activity, so what is only read is not listed."))
    elif not choosing.offer.takes_several:
        notes.append(gettext("This place takes one activity."))
    if not choosing.offer.with_columns:
        notes.append(gettext("What is added here brings no gradebook column along."))
    return notes


def _after_notes(choosing: Choosing, items: list[Item]) -> list[str]:
    notes = []
    has_dates = any(isinstance(item, Graded) and (item.policy.due_at or item.policy.ends_at) for item in items)
    if has_dates and not choosing.platform.takes_dates:
        notes.append(gettext("Your learning platform takes no dates from here. They hold all the same."))
    if not choosing.platform.publishes:
        notes.append(gettext("Students see an activity once you publish it on your learning platform."))
    return notes


@dataclass(frozen=True, slots=True)
class _Builder:
    choosing: Choosing
    before: dict[Named, Before]
    checked: frozenset[str]

    def course(self, course: Course) -> CourseChoice:
        offer = self.choosing.offer
        graded = sum(isinstance(item, Graded) for item in course.items)
        whole = None if offer.only_graded else value_of(course, None)
        return CourseChoice(
            title=course.title,
            language=course.language,
            modules=tuple(module for one in course.modules if (module := self._module(course, one)).activities),
            whole=whole,
            whole_text=self._placed_text(course, None)
            or ngettext(
                "One activity that opens all of it, with %(num)s graded part inside.",
                "One activity that opens all of it, with %(num)s graded parts inside.",
                graded,
            ),
        )

    def _module(self, course: Course, module: Module) -> ModuleChoice:
        offered = offered_of(self.choosing, course, module)
        rest = rest_of_module(course, offered, self.before)
        can_add = self.choosing.offer.takes_several and bool(rest)
        is_again = can_add and (course.id, rest[0].id) in self.before
        return ModuleChoice(
            value=value_of(course, module),
            title=module.title,
            button=_module_button(is_whole=len(rest) == len(offered), is_again=is_again) if can_add else "",
            button_facts=self._module_facts(rest) if can_add else "",
            button_note=gettext(
                "You chose all of this before, and nothing has been opened since. If it is not in your course, add it"
                " again. If it is, that would make each activity and column a second time."
            )
            if is_again
            else "",
            activities=tuple(self._activity(course, item) for item in offered),
        )

    def _module_facts(self, items: list[Item]) -> str:
        activities = ngettext("%(num)s activity", "%(num)s activities", len(items))
        columns = sum(self._has_column(item) for item in items)
        if not columns:
            return activities
        return gettext(
            "%(activities)s, %(columns)s",
            activities=activities,
            columns=ngettext("%(num)s gradebook column", "%(num)s gradebook columns", columns),
        )

    def _has_column(self, item: Item) -> bool:
        return isinstance(item, Graded) and self.choosing.offer.with_columns

    def _activity(self, course: Course, item: Item) -> ActivityView:
        has_column = self._has_column(item)
        return ActivityView(
            value=value_of(course, item),
            label=item.label,
            title=item.title,
            facts=facts_of(item),
            column_text=_column_text(self.choosing, item, has_column=has_column),
            has_column=has_column,
            dates=_dates(item),
            placed_text=self._placed_text(course, item),
            is_opened=self._is_opened(course, item),
            is_checked=value_of(course, item) in self.checked,
            preview=preview_of(item),
        )

    def _is_opened(self, course: Course, item: Item) -> bool:
        known = self.before.get((course.id, item.id))
        return known is not None and known.opened

    def _placed_text(self, course: Course, item: Item | None) -> Markup | str:
        known = self.before.get((course.id, item.id if item else None))
        if known is None:
            return ""
        if known.opened:
            return gettext("In your course already.")
        return sentence(gettext("Chosen before, %(time)s, and not opened since."), time=time_element(known.at))


def _module_button(*, is_whole: bool, is_again: bool) -> str:
    if is_again:
        return gettext("Add the whole module again")
    return gettext("Add the whole module") if is_whole else gettext("Add the rest of the module")


def _column_text(choosing: Choosing, item: Item, *, has_column: bool) -> str:
    if not isinstance(item, Graded):
        return gettext("no grade")
    if not has_column:
        return points_text(item.policy.points)
    maximum = choosing.platform.column_maximum(item.policy.points)
    return gettext("%(points)s in the gradebook", points=points_text(maximum))


def _dates(item: Item) -> tuple[Markup, ...]:
    if not isinstance(item, Graded):
        return ()
    policy = item.policy
    dates = []
    if policy.opens_at:
        dates.append(sentence(gettext("Opens %(time)s."), time=time_element(policy.opens_at)))
    if policy.due_at:
        dates.append(sentence(gettext("Due %(time)s."), time=time_element(policy.due_at)))
    if policy.ends_at and policy.ends_at != policy.due_at:
        dates.append(sentence(gettext("Closes %(time)s."), time=time_element(policy.ends_at)))
    return tuple(dates)
