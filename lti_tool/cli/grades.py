"""`coursewright grades`."""

from dataclasses import asdict

import click

from lti_tool.cli import stuck
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.grade_checks import Checked, check_grades


@click.group()
def grades() -> None:
    """The grades of this installation."""


for command in (stuck.stuck, stuck.retry):
    grades.add_command(command)


@grades.command()
@as_json_option
def check(as_json: bool) -> None:
    """Hold every grade against what is recorded for it, and name what does not fit.

    Every quote is the student's own words, to the character; every score is what its levels or answers are worth; no
    attempt was decided twice by a machine; and what counts is what the gradebook was last owed. Exit status 1 if
    anything is wrong. Attempts are named by their ids; nobody's text is printed.
    """
    with open_database(load_settings()).reading() as session:
        found = check_grades(session)
    show(asdict(found), as_json=as_json, text=_text(found))
    if found.faults:
        raise SystemExit(1)


def _text(found: Checked) -> str:
    looked = f"Looked at {found.outcomes} outcomes, {found.quotes} quotes and {found.scores} scores for gradebooks."
    if not found.faults:
        return f"{looked}\nEach is borne out by what is recorded."
    return "\n".join([looked, f"{len(found.faults)} faults:", *(f"  {one}" for one in found.faults)])
