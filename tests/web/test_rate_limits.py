"""Limits of logins, launches and registrations from one address, at work and switched off."""

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


def test_guesses_at_invitations_are_slowed_down_and_told_when_to_come_back(
    settings: Settings, sqlite_database: Database
) -> None:
    client = create_app(replace(settings, rate_limits=True), sqlite_database).test_client()
    answers = [client.get(f"/lti/register?invitation={number}").status_code for number in range(70)]
    assert set(answers) == {403, 429}
    assert client.get("/lti/login?iss=x").status_code != 429, "a class may go on launching"
