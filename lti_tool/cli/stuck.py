"""`coursewright grades stuck` and `grades retry`: what /admin shows of grades on their way, and retries."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from config import clock
from lti_tool.admin.audit import CLI
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import end, find_platform, row_id
from lti_tool.retrying import retry_stuck
from lti_tool.stuck_causes import Explained, explain_score
from lti_tool.stuck_scores import Group, Listing, Owed, PlatformFigures, ScoreRow, find_score, owed, stuck_rows

platform_option = click.option("--platform", type=row_id, help="Only this platform; `platforms list` shows the ids.")
cause_option = click.option("--cause", help="Only this cause, as `grades stuck` names it.")


@click.command()
@platform_option
@cause_option
@click.option("--after", type=row_id, help="Go on behind the grade of this id.")
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many grades to list.")
@as_json_option
def stuck(platform: int | None, cause: str | None, after: int | None, most: int, as_json: bool) -> None:
    """Show what is owed to gradebooks: how much is on its way, what is stuck, why, and what to do about it."""
    with open_database(load_settings()).reading() as session:
        if platform is not None:
            find_platform(session, platform)
        found = owed(session)
        rows = stuck_rows(session, registration_id=platform, cause=cause, after=after, length=most)
    groups = [one for one in found.groups if platform in {None, one.registration_id} and cause in {None, one.cause}]
    figures = [one for one in found.platforms if platform in {None, one.registration_id}]
    value = {
        "platforms": [_plain(asdict(one)) for one in figures],
        "stuck": [{**_plain(asdict(one)), **_told(explain_score(one.cause))} for one in groups],
        "grades": [_plain(asdict(one)) for one in rows.rows],
        "after": rows.after,
    }
    show(value, as_json=as_json, text=_text(Owed(tuple(figures), tuple(groups)), rows))


@click.command()
@click.argument("grade_id", type=row_id, required=False)
@platform_option
@cause_option
@click.option("--all", "everything", is_flag=True, help="All that are stuck, on every platform.")
@as_json_option
def retry(grade_id: int | None, platform: int | None, cause: str | None, everything: bool, as_json: bool) -> None:
    """Let stuck grades be tried again: one by its id, or all of a platform or cause.

    One that is on its way or has arrived is left alone, so repeating this does no harm. Grades that a teacher's own
    grade keeps out are meant only by their id or by --cause teachers_grade.
    """
    if grade_id is None and platform is None and cause is None and not everything:
        end("Say which: the id of a grade, --platform, --cause, or --all.", code=2)
    with open_database(load_settings()).transaction() as session:
        if platform is not None:
            find_platform(session, platform)
        row = find_score(session, grade_id) if grade_id is not None else None
        if grade_id is not None and row is None:
            end(f"There is no grade {grade_id}; `coursewright grades stuck` shows the ids.")
        count = retry_stuck(session, CLI, score_id=grade_id, registration_id=platform, cause=cause)
    if count:
        text = (
            f"Retrying {_grades(count)}: a running worker sends them within seconds. See `coursewright grades stuck`."
        )
    else:
        text = f"That grade is not stuck: it is {_state(row)}." if row else "None of them is stuck by now."
    show({"retried": count, "state": row.state if row else None}, as_json=as_json, text=text)


def _text(found: Owed, listing: Listing) -> str:
    if not found.platforms:
        return "No platform is registered yet."
    lines = [_platform(one) for one in found.platforms]
    for group in found.groups:
        lines += ["", *_group(group)]
    if listing.rows:
        lines += ["", *(_row(one) for one in listing.rows)]
        lines += [f"There are more: --after {listing.after}"] if listing.after else []
        lines += ["", "Let them be tried again with `coursewright grades retry ID`, or --platform, or --cause."]
    else:
        lines += ["", "Nothing is stuck."]
    return "\n".join(lines)


def _platform(one: PlatformFigures) -> str:
    told = f"{one.platform} (platform {one.registration_id}): {one.delivered} delivered in the last 24 hours, "
    told += f"{one.on_the_way} on the way{_oldest(one.oldest_on_the_way)}, {one.failing} of them tried in vain; "
    told += "switched off here, so all of it waits; " if one.is_silent else ""
    return told + f"{one.stuck} stuck{_oldest(one.oldest_stuck)}"


def _oldest(moment: datetime | None) -> str:
    return f" (oldest {clock.isoformat(moment)})" if moment else ""


def _group(group: Group) -> list[str]:
    told = explain_score(group.cause)
    return [
        f"{told.title}: {_grades(group.count)} of {group.platform} [--cause {group.cause or '(none)'}]",
        f"  {told.where}. {_filled(told, told.meaning)}",
        *(f"  {number}. {_filled(told, step)}" for number, step in enumerate(told.steps, 1)),
    ]


def _row(row: ScoreRow) -> str:
    tried = clock.isoformat(row.tried_at) if row.tried_at else "never"
    return (
        f"{row.id:>8}  {row.context_title or row.context_key}  {row.course_id}/{row.item_id}  learner {row.learner_key}"
        f"  {row.points.normalize():f} of {row.maximum.normalize():f}  since {clock.isoformat(row.since)}"
        f"  {row.tries} tries, last {tried}  {row.cause or ''}"
    )


def _state(row: ScoreRow | None) -> str:
    if row is None:
        return ""
    words = {"pending": "on its way", "delivered": "in the gradebook", "superseded": "replaced by a newer one"}
    return words.get(row.state, row.state)


def _told(told: Explained) -> dict[str, Any]:
    return {
        "title": told.title,
        "where": told.where,
        "meaning": _filled(told, told.meaning),
        "steps": [_filled(told, step) for step in told.steps],
    }


def _filled(told: Explained, text: str) -> str:
    return text % {"status": told.status}


def _grades(count: int) -> str:
    return "1 grade" if count == 1 else f"{count} grades"


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: clock.isoformat(one) if isinstance(one, datetime) else one for name, one in values.items()}
