"""What commands about running a course share: the context, item and learner that are meant, or a clear message."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NoReturn

import click
from sqlalchemy.orm import Session

from config.database import GREATEST_ID
from config.settings import Settings
from course.catalog import Catalog
from course.errors import ContentError
from course.items import Course, Graded
from lti_tool.contexts import ContextView, Person, find_people, list_contexts
from lti_tool.models import Registration

row_id = click.IntRange(1, GREATEST_ID)  # a number beyond it would end in the database's own error
context_option = click.option(
    "--context", "context_key", required=True, help="The context; `contexts list` shows their names."
)


def end(*lines: str, code: int = 1) -> NoReturn:
    """End the command with these lines as its error."""
    for line in lines:
        click.echo(line, err=True)
    raise SystemExit(code)


def find_platform(session: Session, platform_id: int) -> Registration:
    """The platform of this id."""
    found = session.get(Registration, platform_id)
    return found or end(f"There is no platform {platform_id}; `coursewright platforms list` shows the ids.")


def find_context(session: Session, key: str) -> ContextView:
    """The context of this name; `5` is short for `context-5`."""
    contexts = {one.key: one for one in list_contexts(session)}
    found = contexts.get(key) or contexts.get(f"context-{key}")
    return found or end(f"There is no context {key!r}; `coursewright contexts list` shows them.")


def courses_of(settings: Settings, context: ContextView) -> list[Course]:
    """The courses of the files that the context's links open."""
    return [course for course in find_catalog(settings).courses if course.id in context.course_ids]


def find_catalog(settings: Settings) -> Catalog:
    """All courses of the files."""
    try:
        return Catalog(settings.courses)
    except ContentError as broken:
        end("The course files have problems, so nothing was changed:", *map(str, broken.problems))


def find_item(courses: Iterable[Course], item_id: str) -> tuple[Course, Graded]:
    """The graded item of this id, with its course."""
    graded = {item.id: (course, item) for course in courses for item in course.items if isinstance(item, Graded)}
    if item_id in graded:
        return graded[item_id]
    close = get_close_matches(item_id, graded, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"The graded items are: {', '.join(graded) or 'none'}."
    end(f"There is no graded item {item_id!r} in this context. {hint}", code=2)


def find_learner(session: Session, context: ContextView, wanted: str) -> Person:
    """The person meant by our key or by the platform's user id."""
    found = find_people(session, context, wanted)
    if not found:
        end(f"Nobody is known as {wanted!r} there; `coursewright people list --context {context.key}` shows them.")
    if len(found) > 1:
        keys = ", ".join(person.key for person in found)
        end(f"{wanted!r} is the name of several people; say which by their key: {keys}.")
    return found[0]
