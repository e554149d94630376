"""Reads the rules of graded items, and finds those that contradict each other: in course.yaml, and in the values with
which somebody overrides them for one context."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from course.items import Course, Feedback, Graded, Item, Lab, Late, Policy, UnlockWhen
from course.loading.folder import Fault
from course.loading.reading import ItemEntry, Reading, Values
from course.loading.schemas import misfits
from course.loading.yaml_values import YamlDocument
from course.policy_values import MOMENTS, moment, with_rules

FOR_LABS = ("release", "release_at", "written_answer")
FOR_QUIZZES = ("shuffle", "feedback")
Contradiction = tuple[str, str, str]  # the key at fault, what is wrong, what to do


def policy(given: Mapping[str, Any] | None, points: float, feedback: Feedback = Feedback.AFTER_SUBMIT) -> Policy:
    """The item's rules, with `points` and `feedback` unless given. A date that cannot be one is left out here, and
    reported by `check_policies`."""
    rules = dict(given or {})
    sound = {key: value for key, value in rules.items() if key not in MOMENTS or _is_date(value)}
    return with_rules(Policy(points=float(points), feedback=feedback), sound)


def check_policies(values: Values, entries: Sequence[ItemEntry], reading: Reading) -> None:
    """Reports what the schema cannot see in the policies of course.yaml, at the line of the key."""
    items = {entry.id: reading.items.get(entry.id) for entry in entries}
    for entry in entries:
        item = items[entry.id]
        if entry.policy is not None and isinstance(item, Graded):
            for key, message, hint in contradictions(item.id, item.policy, entry.policy, items):
                values.report((*entry.path, "policy", key), message, hint)


def override_faults(course: Course, item: Graded, rules: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with rules that are to override an item's own; none when they may. All have line 1."""
    found = misfits(YamlDocument(value={"policy": dict(rules)}), "course", at="policy")
    if found:
        return [misfit.fault for misfit in found]
    wrong = [_impossible(key, rules[key]) for key in MOMENTS if not _is_date(rules.get(key))]
    if not wrong:
        changed = replace(item, policy=with_rules(item.policy, rules))
        items = {one.id: one for one in course.items} | {item.id: changed}
        wrong = [*contradictions(item.id, changed.policy, rules, items), *_no_longer_unlocked(changed, items)]
    return [Fault(1, message, hint) for _, message, hint in wrong]


def contradictions(
    item_id: str, policy: Policy, given: Mapping[str, Any], items: Mapping[str, Item | None]
) -> Iterator[Contradiction]:
    """What is wrong with an item's `policy`, of which `given` was written down. `items` are all items of the course by
    their ids; of one whose file cannot be read (None) nothing is said here."""
    yield from (_impossible(key, given[key]) for key in MOMENTS if not _is_date(given.get(key)))
    yield from _without_effect(items.get(item_id), given)
    yield from _dates(policy)
    yield from _lateness(policy)
    if policy.feedback == Feedback.AFTER_DUE and policy.due_at is None:
        message = "`feedback` is after-due, and there is no due date: learners would see it once they hand in."
        yield "feedback", message, "Add `due_at`, or write after-submit."
    yield from _unlocking(item_id, policy, items)


def _no_longer_unlocked(changed: Graded, items: Mapping[str, Item]) -> Iterator[Contradiction]:
    """Which other items nobody could begin any more."""
    if changed.policy.pass_percent is not None:
        return
    for other in items.values():
        if not isinstance(other, Graded) or other.id == changed.id or changed.id not in other.policy.unlock_after:
            continue
        if other.policy.unlock_when == UnlockWhen.PASSED:
            message = f"`{other.id}` unlocks once `{changed.id}` is passed, which nobody could without a pass mark."
            yield "pass_percent", message, f"Keep a `pass_percent`, or first set `unlock_when: done` for `{other.id}`."


def _is_date(value: Any) -> bool:
    try:
        moment(value)
    except ValueError:
        return False
    return True


def _impossible(key: str, value: Any) -> Contradiction:
    hint = "Look at the year (2000 to 2999), the month, the day, the hour and the zone."
    return key, f"`{key}`: there is no such date as {value}.", hint


def _without_effect(item: Item | None, given: Mapping[str, Any]) -> Iterator[Contradiction]:
    for key in FOR_QUIZZES if isinstance(item, Lab) else FOR_LABS:
        if item is not None and given.get(key) is not None:
            yield key, f"`{key}` has no effect on an item of the kind {item.kind}.", "Take it away."


def _dates(policy: Policy) -> Iterator[Contradiction]:
    for later, earlier in (("closes_at", "opens_at"), ("due_at", "opens_at"), ("closes_at", "due_at")):
        first, last = getattr(policy, earlier), getattr(policy, later)
        may_be_one = earlier == "due_at"  # closing at the due date is a way to refuse late work
        if first is not None and last is not None and (last < first or (last == first and not may_be_one)):
            yield later, f"`{later}` is not after `{earlier}`.", "Correct one of the two dates."


def _lateness(policy: Policy) -> Iterator[Contradiction]:
    if policy.late == Late.DEDUCT and not policy.late_percent_per_day:
        yield "late", "`late` is deduct, and nothing is deducted.", "Add `late_percent_per_day`, such as 10."
    if policy.late != Late.DEDUCT and policy.late_percent_per_day:
        message = f"`late_percent_per_day` has no effect while `late` is {policy.late}."
        yield "late_percent_per_day", message, "Write `late: deduct`, or take it away."


def _unlocking(item_id: str, policy: Policy, items: Mapping[str, Item | None]) -> Iterator[Contradiction]:
    graded = {one.id: one for one in items.values() if isinstance(one, Graded)}
    the_graded = f"The graded items are: {', '.join(graded)}."
    for wanted in policy.unlock_after:
        item = items.get(wanted)
        if wanted == item_id:
            yield "unlock_after", f"`{item_id}` would unlock only after itself.", "Take its own id away."
        elif wanted not in items:
            close = get_close_matches(wanted, graded, n=1)
            hint = f"Did you mean `{close[0]}`?" if close else the_graded
            yield "unlock_after", f"The course has no item `{wanted}`.", hint
        elif item is not None and not isinstance(item, Graded):
            yield "unlock_after", f"`{wanted}` is of the kind {item.kind}, which is not graded.", the_graded
        elif item is not None and policy.unlock_when == UnlockWhen.PASSED and item.policy.pass_percent is None:
            message = f"`{wanted}` has no pass mark, so nobody can pass it and unlock `{item_id}`."
            yield "unlock_when", message, f"Give `{wanted}` a `pass_percent`, or write `unlock_when: done`."
    if _waits_for_itself(item_id, policy, graded):
        message = f"`{item_id}` and another item each unlock only after the other."
        yield "unlock_after", message, "Take one of the two away."


def _waits_for_itself(item_id: str, policy: Policy, graded: Mapping[str, Graded]) -> bool:
    """Whether following `unlock_after` from item to item leads back to the item, by way of another one."""
    ahead, seen = [one for one in policy.unlock_after if one != item_id], set[str]()
    while ahead:
        one = ahead.pop()
        if one == item_id:
            return True
        if one not in seen and one in graded:
            seen.add(one)
            ahead += graded[one].policy.unlock_after
    return False
