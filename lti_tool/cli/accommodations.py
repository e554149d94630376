"""`coursewright accommodations`."""

from datetime import datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from course.accommodations import (
    ALL_ITEMS,
    LIMITS,
    AccommodationInvalid,
    accommodations_in,
    clear_accommodation,
    set_accommodation,
)
from course.models import Accommodation
from course.policy_values import DATES, moment
from lti_tool.admin import audit
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import context_option, courses_of, end, find_context, find_item, find_learner
from lti_tool.contexts import ContextView, Person, people_by_id
from lti_tool.policy_changes import apply_changes


class Moment(click.ParamType[Any]):
    """A date and time with its zone; `none` takes it away."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A datetime, or the word `none`."""
        if value == "none" or isinstance(value, datetime):
            return value
        try:
            return moment(value)
        except ValueError:
            self.fail(f"{value!r} must be a date and time with its zone, such as 2026-09-30T23:59+02:00.", param, ctx)


learner_option = click.option(
    "--learner", required=True, help="Our key of the learner, or their user id on the platform (`people list`)."
)
item_option = click.option("--item", "item_id", help="One graded item; without it, all of them.")


@click.group()
def accommodations() -> None:
    """What single learners have more of, in one context: time, attempts, days, dates of their own."""


@accommodations.command("list")
@context_option
@as_json_option
def list_command(context_key: str, as_json: bool) -> None:
    """Show every accommodation of a context."""
    with open_database(load_settings()).reading() as session:
        rows = accommodations_in(session, find_context(session, context_key).key)
        people = people_by_id(session, {row.learner_id for row in rows})
    found = [_row(people[row.learner_id], row) for row in rows]
    text = "\n".join(_text(row) for row in found) or "Nobody has an accommodation in this context."
    show(found, as_json=as_json, text=text)


@accommodations.command("set")
@context_option
@learner_option
@item_option
@click.option("--time-percent", type=int, help="Of every time limit: 150 is half as much again.")
@click.option("--extra-attempts", type=int, help="Attempts more than the others have.")
@click.option("--extra-days", type=int, help="Days by which due and closing dates are later, of all items.")
@click.option("--opens-at", type=Moment(), help="With --item: a date of their own, or none.")
@click.option("--due-at", type=Moment(), help="With --item: a date of their own, or none.")
@click.option("--closes-at", type=Moment(), help="With --item: a date of their own, or none.")
@as_json_option
def set_command(context_key: str, learner: str, item_id: str | None, as_json: bool, **given: Any) -> None:
    """Give a learner more of something; what is not named stays as it was.

    It holds at once, for attempts that run as well. Deductions for late work are worked out anew, and changed grades
    are sent.
    """
    values = {name: None if value == "none" else value for name, value in given.items() if value is not None}
    if not values:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in (*LIMITS, *DATES))
        end(f"Say what they are to have: {options}.", code=2)
    settings = load_settings()
    with open_database(settings).transaction() as session:
        context = find_context(session, context_key)
        person = find_learner(session, context, learner)
        item = find_item(courses_of(settings, context), item_id)[1].id if item_id else ALL_ITEMS
        try:
            row = set_accommodation(session, context.key, person.learner_id, item, **values)
        except AccommodationInvalid as invalid:
            end("Nothing was changed:", *invalid.faults, code=2)
        apply_changes(session, context.key, learner_id=person.learner_id)
        _note(session, "accommodation.set", context, person, item, **_as_json(values))
        found = _row(person, row)
    show(found, as_json=as_json, text=_text(found))


@accommodations.command("clear")
@context_option
@learner_option
@item_option
def clear_command(context_key: str, learner: str, item_id: str | None) -> None:
    """Take an accommodation away: that of one item, or that of all items."""
    with open_database(load_settings()).transaction() as session:
        context = find_context(session, context_key)
        person = find_learner(session, context, learner)
        if not clear_accommodation(session, context.key, person.learner_id, item_id or ALL_ITEMS):
            end(f"{person.key} has no accommodation for {item_id or 'all items'} in {context.key}.")
        apply_changes(session, context.key, learner_id=person.learner_id)
        _note(session, "accommodation.clear", context, person, item_id or ALL_ITEMS)
    click.echo(f"{person.key} has no accommodation for {item_id or 'all items'} in {context.key} any more.")


def _note(session: Session, action: str, context: ContextView, person: Person, item: str, **values: Any) -> None:
    audit.note(session, audit.CLI, action, context.key, learner=person.key, item=item or None, **values)


def _as_json(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: one.isoformat(timespec="seconds") if isinstance(one, datetime) else one for name, one in values.items()
    }


def _row(person: Person, row: Accommodation) -> dict[str, Any]:
    dates = _as_json({name: getattr(row, name) for name in DATES})
    return {
        "learner": person.key,
        "platform_user_id": person.platform_user_id,
        "name": person.name,
        "item": row.item_id or None,
        **{name: getattr(row, name) for name in LIMITS},
        **dates,
    }


def _text(row: dict[str, Any]) -> str:
    has = [f"{row['time_percent']} % of the time"] if row["time_percent"] != LIMITS["time_percent"][0] else []
    has += [f"{row['extra_attempts']} extra attempts"] if row["extra_attempts"] else []
    has += [f"{row['extra_days']} extra days"] if row["extra_days"] else []
    has += [f"{name} {row[name]}" for name in DATES if row[name]]
    return f"{row['learner']}  {row['name']}  {row['item'] or 'all items'}: {', '.join(has) or 'nothing more'}"
