"""`coursewright contexts` and `coursewright people`."""

from dataclasses import asdict

import click

from config import clock
from lti_tool.cli.environment import as_json_option, load_settings, open_database, show
from lti_tool.cli.finding import context_option, find_catalog, find_context
from lti_tool.contexts import list_contexts
from lti_tool.item_choice import CourseIndex
from lti_tool.links import links_of
from lti_tool.people import roster_of


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


@contexts.command("links")
@click.argument("context_key", metavar="CONTEXT")
@as_json_option
def list_links(context_key: str, as_json: bool) -> None:
    """Show the links of a context: what they open, whether they have a gradebook column, which point elsewhere."""
    settings = load_settings()
    with open_database(settings).reading() as session:
        context = find_context(session, context_key)
        links = links_of(session, context.key, CourseIndex(find_catalog(settings)))
    rows = [{**asdict(one), "opened_at": clock.isoformat(one.opened_at) if one.opened_at else None} for one in links]
    lines = [
        f"{one.title or '(no title)'}  {one.course_id}/{one.item_id or '(whole course)'}  {one.columns} column(s)"
        + (f"  POINTS ELSEWHERE: {one.trouble}" if one.trouble else "")
        for one in links
    ]
    show(rows, as_json=as_json, text="\n".join(lines))


@click.group()
def people() -> None:
    """The people of a context."""


@people.command("list")
@context_option
@as_json_option
def list_people(context_key: str, as_json: bool) -> None:
    """Show who is in a context by its platform's list, and who has been there, each with our key and the platform's."""
    with open_database(load_settings()).reading() as session:
        roster = roster_of(session, find_context(session, context_key).key)
    rows = [
        {
            "key": one.key,
            "platform_user_id": one.user_id,
            "name": one.name,
            "role": one.role,
            "status": one.status,
            "last_seen": clock.isoformat(one.last_seen) if one.last_seen else None,
        }
        for one in roster.entries
    ]
    lines = [
        f"{row['key'] or '(never came)':16}  {row['platform_user_id']}  {row['name']}  {row['role']}, {row['status']}"
        for row in rows
    ]
    if roster.fetched_at:
        lines.append(f"The platform's list is as of {clock.isoformat(roster.fetched_at)}.")
    show(rows, as_json=as_json, text="\n".join(lines) or "Nobody is known in this context yet.")
