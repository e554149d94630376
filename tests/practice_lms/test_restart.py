"""What is kept from one run to the next, and how a run is told what to do."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lti_tool.practice_lms.__main__ import read_settings
from lti_tool.practice_lms.activities import ActivitySpec, BadActivities, LineItemSpec, read_activities
from lti_tool.practice_lms.app import create_app
from lti_tool.practice_lms.settings import Settings
from tests.practice_lms.helpers import ADA, GRACE, ISSUER, Lms, only_form


def test_a_restart_keeps_grades_keys_sessions_and_open_launches(lms: Lms, settings: Settings) -> None:
    lms.post_score(lms.quiz_url(), lms.score())
    before, keys = lms.grade(), lms.client.get("/lti/certs").get_json()
    request = lms.auth_request(lms.open(GRACE)["fields"])
    cookie = lms.client.get_cookie("practice_lms_8790", domain="127.0.0.1")
    assert cookie is not None
    lms.client = create_app(settings, lms.clock).test_client()
    lms.client.set_cookie("practice_lms_8790", cookie.value, domain="127.0.0.1")
    assert lms.grade() == before
    assert lms.client.get("/lti/certs").get_json() == keys
    assert lms.client.get("/gradebook", base_url=ISSUER).status_code == 200
    form = only_form(lms.client.get("/lti/auth", query_string=request, base_url=ISSUER))
    assert "id_token" in form["fields"]


def test_a_changed_list_adds_activities_and_keeps_old_ones_with_their_grades(lms: Lms, settings: Settings) -> None:
    lms.post_score(lms.quiz_url(), lms.score())
    column = LineItemSpec("Exam", 20, "exam", "grade")
    changed = (
        ActivitySpec("exam", "Exam", f"{lms.tool.url}/exam", {}, column),
        ActivitySpec("lesson-1", "Lesson one", f"{lms.tool.url}/new"),
    )
    lms.client = create_app(replace(settings, activities=changed), lms.clock).test_client()
    told = lms.client.get("/practice.json").get_json()["activities"]
    assert [one["id"] for one in told] == ["exam", "lesson-1", "introduction", "quiz-1"]
    assert told[1]["title"] == "Lesson one"
    assert lms.grade() is not None
    ags = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    assert lms.launch(ADA, "exam")[ags]["lineitem"] != lms.launch(ADA, "quiz-1")[ags]["lineitem"]


def test_a_column_that_the_tool_changed_or_deleted_stays_so(lms: Lms, settings: Settings) -> None:
    lms.call("DELETE", lms.quiz_url())
    lms.client = create_app(settings, lms.clock).test_client()
    assert "lineitem" not in lms.launch(ADA)["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]


def test_the_data_file_is_for_its_owner_only(lms: Lms) -> None:
    for path in lms.settings.data_dir.iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_activities_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "activities.json"
    column = {"label": "Quiz", "scoreMaximum": 100, "resourceId": "quiz-1", "tag": "grade"}
    entry = {"id": "quiz-1", "title": "Quiz", "url": "http://localhost/x", "custom": {"item": "q"}, "line_item": column}
    path.write_text(json.dumps([entry, {**entry, "id": "two", "line_item": None}]), encoding="utf-8")
    first, second = read_activities(path)
    assert first.line_item == LineItemSpec("Quiz", 100, "quiz-1", "grade")
    assert (second.id, second.custom, second.line_item) == ("two", {"item": "q"}, None)


@pytest.mark.parametrize(
    "entries",
    [
        {},
        [],
        ["x"],
        [{"id": "a", "title": "A"}],
        [{"id": "a/b", "title": "A", "url": "u"}],
        [{"id": "..", "title": "A", "url": "u"}],
        [{"id": "a", "title": "A", "url": "u", "custom": {"n": 1}}],
        [{"id": "a", "title": "A", "url": "u", "line_item": {"label": "A", "scoreMaximum": 0}}],
        [{"id": "a", "title": "A", "url": "u", "line_item": 1}],
        [{"id": "a", "title": "A", "url": "u"}] * 2,
    ],
)
def test_a_wrong_activities_file_is_refused(tmp_path: Path, entries: Any) -> None:
    path = tmp_path / "activities.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    with pytest.raises(BadActivities, match=r"activities\.json"):
        read_activities(path)


def test_the_command_line_makes_the_settings(tmp_path: Path) -> None:
    arguments = ["--port", "8790", "--data-dir", str(tmp_path), "--tool-url", "http://localhost:5000/"]
    settings, bind = read_settings(arguments)
    assert (settings.issuer, bind, settings.controls) == (ISSUER, "127.0.0.1:8790", False)
    assert settings.redirect_uri == "http://localhost:5000/lti/launch"
    assert [activity.id for activity in settings.activities] == ["introduction", "lesson-1", "quiz-1"]


@pytest.mark.parametrize("wrong", [["--tool-url", "localhost"], ["--activities", "/nowhere.json"]])
def test_a_wrong_command_line_says_so(tmp_path: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        read_settings(["--port", "8790", "--data-dir", str(tmp_path), *wrong])
    assert left.value.code == 2
    assert wrong[0].removeprefix("--") in capsys.readouterr().err or wrong[1] in capsys.readouterr().err
