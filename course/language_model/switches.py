"""Switches of an admin's: no language model is called everywhere, in a group of contexts, or in one context.

A row is a switch that is off; there is none while all is on. They are asked for in the database before each call, so
that one is heard in all processes at once. What a group is, whoever makes the calls says: here it is only a name.
"""

from collections.abc import Callable
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.language_model.models import ModelSwitch

SwitchScope = Literal["everywhere", "group", "context"]

GroupOf = Callable[[Session, str], str | None]
"""The group that the context of this key belongs to, None for none."""


def no_group(_session: Session, _context_key: str) -> None:
    """For callers whose contexts stand for themselves."""
    return


class Switches:
    """The switches as one process asks for them."""

    def __init__(self, group_of: GroupOf = no_group) -> None:
        self._group_of = group_of

    def found_off(self, session: Session, context_key: str) -> ModelSwitch | None:
        """The switch that is off for calls in this context, the widest if there are several; None while all are on."""
        off = {(one.scope, one.key): one for one in session.scalars(select(ModelSwitch))}
        if not off:
            return None
        group = self._group_of(session, context_key) if any(scope == "group" for scope, _ in off) else None
        places = (("everywhere", ""), ("group", group or ""), ("context", context_key))
        return next((off[place] for place in places if place in off), None)
