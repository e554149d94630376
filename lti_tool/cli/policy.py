"""`coursewright policy`."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, NoReturn

import click

from course.errors import ContentError
from course.items import Graded
from course.loading.yaml_values import parse_yaml
from course.policies import clear_override, in_context, override_of, set_override
from course.policy_values import RULES
from lti_tool.admin import audit
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import context_option, courses_of, end, find_context, find_item
from lti_tool.policy_changes import apply_changes

item_option = click.option("--item", "item_id", required=True, help="The id of a graded item.")


@click.group()
def policy() -> None:
    """The rules of graded items, for one context: what the course files say, and what is set on top of it."""


@policy.command("show")
@context_option
@item_option
@as_json_option
def show_command(context_key: str, item_id: str, as_json: bool) -> None:
    """Show the rules that hold for an item in a context, and which of them are set there."""
    settings = load_settings()
    with open_database(settings).reading() as session:
        context = find_context(session, context_key)
        course, item = find_item(courses_of(settings, context), item_id)
        own = override_of(session, context.key, course.id, item.id)
        rules = _rules(in_context(session, context.key, course, item))
    _show(context.key, item, own, rules, as_json=as_json)


@policy.command("set")
@context_option
@item_option
@click.argument("rules", nargs=-1, required=True, metavar="RULE=VALUE...")
@as_json_option
def set_command(context_key: str, item_id: str, rules: tuple[str, ...], as_json: bool) -> None:
    """Set rules of an item for one context, written as in course.yaml.

    Such as: attempts=2 due_at=2026-09-30T23:59+02:00 unlock_after=[quiz-1,quiz-2] closes_at=null

    They hold at once, for attempts that run as well. Deductions for late work are worked out anew, and changed grades
    are sent.
    """
    wanted = dict(_rule(text) for text in rules)
    settings = load_settings()
    with open_database(settings).transaction() as session:
        context = find_context(session, context_key)
        courses = courses_of(settings, context)
        course, item = find_item(courses, item_id)
        try:
            own = set_override(session, context.key, course, item, wanted)
        except ContentError as refused:
            _refuse(refused)
        apply_changes(session, context.key, item_id=item.id)
        audit.note(
            session, audit.CLI, "policy.set", context.key, course=course.id, item=item.id, rules=_as_json(wanted)
        )
        now = _rules(in_context(session, context.key, course, item))
    _show(context.key, item, own, now, as_json=as_json)


@policy.command("clear")
@context_option
@item_option
@click.argument("rules", nargs=-1, metavar="[RULE]...")
@as_json_option
def clear_command(context_key: str, item_id: str, rules: tuple[str, ...], as_json: bool) -> None:
    """Let the course file's rules hold again: those named, or all."""
    _check_names(rules)
    settings = load_settings()
    with open_database(settings).transaction() as session:
        context = find_context(session, context_key)
        course, item = find_item(courses_of(settings, context), item_id)
        try:
            own = clear_override(session, context.key, course, item, rules)
        except ContentError as refused:
            _refuse(refused)
        apply_changes(session, context.key, item_id=item.id)
        audit.note(
            session, audit.CLI, "policy.clear", context.key, course=course.id, item=item.id, rules=list(rules or RULES)
        )
        now = _rules(in_context(session, context.key, course, item))
    _show(context.key, item, own, now, as_json=as_json)


def _rule(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        end(f"{text!r} is no rule: write RULE=VALUE, such as attempts=2.", code=2)
    read = parse_yaml(value)
    if read.faults:
        end(f"{name}: {read.faults[0].message} {read.faults[0].hint}", code=2)
    return name, read.value


def _check_names(names: tuple[str, ...]) -> None:
    unknown = [name for name in names if name not in RULES]
    if unknown:
        end(f"There is no rule {', '.join(map(repr, unknown))}. The rules are: {', '.join(RULES)}.", code=2)


def _refuse(refused: ContentError) -> NoReturn:
    """Ends the command, which takes the transaction back."""
    lines = [f"{problem.message} {problem.hint}" for problem in refused.problems]
    end("Nothing was changed:", *lines, f"The rules are: {', '.join(RULES)}.", code=2)


def _rules(item: Graded) -> dict[str, Any]:
    values = asdict(item.policy)
    return _as_json({name: values[name] for name in RULES})


def _as_json(rules: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in rules.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes" if value.second == 0 else "seconds")
    return list(value) if isinstance(value, tuple) else value


def _show(context_key: str, item: Graded, own: Mapping[str, Any], now: Mapping[str, Any], *, as_json: bool) -> None:
    value = {"context": context_key, "item": item.id, "set_here": dict(own), "rules": dict(now)}
    lines = [f"{name:22} {_text(name, now[name]):32} {'set here' if name in own else ''}".rstrip() for name in RULES]
    show(value, as_json=as_json, text="\n".join([f"{item.id} ({item.title}) in {context_key}", *lines]))


def _text(name: str, value: Any) -> str:
    if value is None:
        return "unlimited" if name == "attempts" else "none"
    return json.dumps(value) if isinstance(value, list) else str(value)
