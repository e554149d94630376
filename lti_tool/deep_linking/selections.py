"""A choice of activities under way: begun by a launch, found by the address of its page, remembered when it is sent.

The page's address is a secret of its own, good for `LIFETIME`. Where the browser keeps cookies it must show one as
well, so an address that is copied opens nothing elsewhere; in a frame without any, the address alone must do.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import clock
from course.models import Placement
from lti_tool.deep_linking.requests import SelectionRequest
from lti_tool.login_states import fingerprint
from lti_tool.models import ChosenActivity, Context, ResourceLink, Selection

LIFETIME = timedelta(hours=2)
COOKIE_PREFIX = "coursewright_choice_"
_KEY = re.compile(r"[A-Za-z0-9_-]{32}")

Named = tuple[str, str | None]  # a course's id, and an item's; None stands for the whole course


@dataclass(frozen=True, slots=True)
class BegunSelection:
    """What the browser gets: `key` in the address, `binding` in a cookie (None where it keeps none)."""

    key: str = field(repr=False)
    binding: str | None = field(repr=False)


def begin_selection(
    session: Session,
    context: Context,
    request: SelectionRequest,
    *,
    return_url: str | None,
    locale: str,
    keeps_cookies: bool,
) -> BegunSelection:
    """Remember what a launch asked for."""
    begun = BegunSelection(secrets.token_urlsafe(24), secrets.token_urlsafe(24) if keeps_cookies else None)
    session.add(
        Selection(
            key_hash=fingerprint(begun.key),
            binding_hash=fingerprint(begun.binding) if begun.binding else None,
            context=context,
            request=request.as_json(),
            return_url=return_url,
            locale=locale,
            expires_at=clock.now() + LIFETIME,
        )
    )
    session.flush()
    return begun


def cookie_name(key: str) -> str:
    """The name of the cookie that binds the selection of `key`: one each, so that two frames do not disturb another."""
    return COOKIE_PREFIX + fingerprint(key)[:16]


def find_selection(session: Session, key: str, binding: str | None) -> Selection | None:
    """The selection of an address, if this browser may go on with it and it is not too old."""
    if not _KEY.fullmatch(key):
        return None
    row = session.scalar(
        select(Selection).where(Selection.key_hash == fingerprint(key), Selection.expires_at > clock.now())
    )
    if row is None:
        return None
    if row.binding_hash is not None and not hmac.compare_digest(fingerprint(binding or ""), row.binding_hash):
        return None
    return row


def remember_chosen(session: Session, selection: Selection, chosen: Iterable[Named]) -> None:
    """Note what is being sent to the platform."""
    if not selection.context.lti_context_id:
        return  # a choice made outside any course says nothing about the next one
    for course_id, item_id in chosen:
        session.merge(
            ChosenActivity(
                context_id=selection.context_id,
                course_id=course_id,
                item_id=item_id or "",
                selection_id=selection.id,
                chosen_at=clock.now(),
            )
        )


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of an item that stands in a context already: `opened`, or only sent there (the platform may not
    have kept it), and when that was."""

    opened: bool
    at: datetime


def chosen_before(session: Session, selection: Selection) -> dict[Named, Before]:
    """What the context holds already, as far as we can know. What this very selection sent does not count: whoever
    comes back to its page does so because the platform did not take it."""
    if not selection.context.lti_context_id:
        return {}
    sent = select(ChosenActivity).where(
        ChosenActivity.context_id == selection.context_id,
        ChosenActivity.selection_id.is_distinct_from(selection.id),
    )
    before: dict[Named, Before] = {
        (row.course_id, row.item_id or None): Before(opened=False, at=row.chosen_at) for row in session.scalars(sent)
    }
    links = (
        select(Placement)
        .join(ResourceLink, ResourceLink.placement_id == Placement.id)
        .where(ResourceLink.context_id == selection.context_id)
    )
    for placement in session.scalars(links.order_by(Placement.id.desc())):
        before[placement.course_id, placement.item_id] = Before(opened=True, at=placement.created_at)
    return before
