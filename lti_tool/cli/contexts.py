"""`coursewright contexts` and `coursewright people`."""

from dataclasses import asdict

import click

from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import context_option, find_context
from lti_tool.contexts import list_contexts, people_in


@click.group()
def contexts() -> None:
    """The platforms' courses in which we are placed."""


@contexts.command("list")
@as_json_option
def list_command(as_json: bool) -> None:
    """Show every context, by the name that other commands take."""
    with open_database(load_settings()).reading() as session:
        found = list_contexts(session)
    lines = [f"{one.key:14} {one.title or '(no title)'}  {one.platform}  {', '.join(one.course_ids)}" for one in found]
    empty = "No context is known yet: they appear when somebody first opens a link from a platform."
    show([asdict(one) for one in found], as_json=as_json, text="\n".join(lines) or empty)


@click.group()
def people() -> None:
    """The people who have been in a context."""


@people.command("list")
@context_option
@as_json_option
def list_people(context_key: str, as_json: bool) -> None:
    """Show who has been in a context, with our key for each and their user id on the platform."""
    with open_database(load_settings()).reading() as session:
        found = people_in(session, find_context(session, context_key).key)
    lines = [f"{one.key}  {one.platform_user_id}  {one.name}" for one in found]
    rows = [{"key": one.key, "platform_user_id": one.platform_user_id, "name": one.name} for one in found]
    show(rows, as_json=as_json, text="\n".join(lines) or "Nobody has opened anything in this context yet.")
