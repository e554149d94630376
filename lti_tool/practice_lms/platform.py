"""What every view needs, in one object kept by the Flask app."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from lti_tool.practice_lms.settings import Settings
from lti_tool.practice_lms.store import Store
from lti_tool.practice_lms.tool_keys import ToolKeys

EXTENSION = "practice_lms"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Platform:
    """Settings, the store, the tool's keys and the clock (aware, UTC)."""

    settings: Settings
    store: Store
    tool_keys: ToolKeys
    clock: Clock


def current() -> Platform:
    """The platform of the app that answers this request."""
    return cast(Platform, current_app.extensions[EXTENSION])
