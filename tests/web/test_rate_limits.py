"""Limits of logins and launches from one address, switched off."""

import gc
from dataclasses import replace

from config.database import Database
from config.settings import Settings
from lti_tool.app import create_app


def test_without_limits_a_login_is_answered_however_long_the_tool_runs(
    settings: Settings, sqlite_database: Database
) -> None:
    app = create_app(replace(settings, rate_limits=False), sqlite_database)
    gc.collect()  # the library keeps no hold on a limiter that is switched off
    answer = app.test_client().post("/lti/login", data={"iss": "https://lms.example.org", "login_hint": "ada"})
    assert answer.status_code == 404, "there is no such platform, and no fault of ours"
