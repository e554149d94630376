"""`/metrics`: what is counted, how things stand, and who may ask."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import update

from config import clock, metrics
from config.database import Database
from config.settings import Settings, SettingsInvalid, from_environment
from config.task_queue import make_celery, queue_depths
from course.models import Attempt
from grading.assessments import PERSON
from grading.models import RubricAssessment
from lti_tool import measures
from lti_tool.app import create_app
from lti_tool.cli import counting
from lti_tool.metrics_port import answer_with_metrics
from lti_tool.models import OutboxScore
from lti_tool.outbox import STUCK
from lti_tool.worker_signs import note_sweep
from tests.support.factory import Classroom
from tests.web.conftest import Room, on_both_databases
from tests.workers.cells import Cell

TOKEN = "a-token-of-the-tests"
AN_HOUR = timedelta(hours=1)


def value_of(text: str, name: str, **labels: str) -> float | None:
    """The value of one line, None where there is no such line."""
    shown = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    found = re.search(rf"^{re.escape(name + (f'{{{shown}}}' if shown else ''))} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def scrape(app: Flask, **headers: str) -> str:
    app.extensions["coursewright"].measures.forget()
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == metrics.CONTENT_TYPE
    return answer.text


# How things stand


@on_both_databases
def test_what_is_owed_and_what_waits_is_read_from_the_database(
    room: Room, database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        ada, alan, grace = (Cell(database, _Again(session, room.classroom), sub) for sub in ("a", "b", "c"))
        for cell in (ada, alan, grace):
            cell.owe(3, session)
        session.execute(update(OutboxScore).values(created_at=clock.now() - AN_HOUR))
        session.execute(update(OutboxScore).where(OutboxScore.lti_user_id == ada.person_id).values(state=STUCK))
        attempt = session.get_one(Attempt, ada.attempt_id)
        session.add(_assessment(attempt.id))
        note_sweep(session)
        note_sweep(session)  # there is one sign, and it is renewed
    text = scrape(room.app)
    assert value_of(text, "coursewright_outbox_scores", state="pending") == 2
    assert value_of(text, "coursewright_outbox_scores", state="stuck") == 1
    assert 3599 < (value_of(text, "coursewright_outbox_oldest_seconds", state="stuck") or 0) < 3700
    assert value_of(text, "coursewright_labs", state="person") == 1
    assert value_of(text, "coursewright_labs", state="waiting") == 0
    assert value_of(text, "coursewright_model_month_dollars", kind="limit") == settings.budgets.month / 1_000_000
    assert 0 <= (value_of(text, "coursewright_worker_seen_seconds") or -1) < 60
    assert value_of(text, "coursewright_up", part="database") == 1
    assert value_of(text, "coursewright_up", part="broker") == 1


class _Again(Classroom):
    """A classroom that is there already, with another session."""

    def __init__(self, session: Any, made: Classroom) -> None:
        self.__dict__.update(made.__dict__, session=session)


def _assessment(attempt_id: int) -> RubricAssessment:
    now = clock.now()
    names = {"delimiter": "d", "rubric_hash": "r", "prompt_hash": "p"}
    return RubricAssessment(attempt_id=attempt_id, state=PERSON, next_try_at=now, created_at=now, **names)


def test_what_cannot_be_read_is_left_out_and_the_rest_is_there(
    room: Room, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ConnectionRefusedError("redis://:secret@broker is away")

    monkeypatch.setattr(measures, "queue_depths", away)
    text = scrape(room.app)
    assert value_of(text, "coursewright_up", part="broker") == 0
    assert "coursewright_queue_messages{" not in text
    assert value_of(text, "coursewright_outbox_scores", state="pending") == 0
    with database.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE outbox_score RENAME TO gone")
    text = scrape(room.app)
    assert value_of(text, "coursewright_up", part="database") == 0
    assert "coursewright_outbox_scores{" not in text
    assert "coursewright_request_seconds_count" in text


def test_the_database_is_asked_once_in_a_while_however_often_somebody_asks(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(measures, "of_database", lambda *_: asked.append(1) or [])
    room.app.extensions["coursewright"].measures.forget()
    for _ in range(3):
        room.app.test_client().get("/metrics")
    assert len(asked) == 1


def test_messages_that_wait_are_counted_in_files(settings: Settings) -> None:
    celery = make_celery(settings)
    assert set(queue_depths(celery).values()) == {0}
    for _ in range(3):
        celery.send_task("roster.read", args=(1,), queue="roster")
    assert queue_depths(celery) == {"grading": 0, "passback": 0, "roster": 3, "maintenance": 0}


# What is counted


def test_launches_requests_and_refusals_are_counted_by_cause(room: Room) -> None:
    client = room.app.test_client()
    before = scrape(room.app)
    refused = {"registration": "", "step": "login", "outcome": "refused", "cause": "issuer_missing"}
    client.get("/lti/login")
    client.get("/lti/login?iss=https://lms.example.org/ada-lovelace&login_hint=ada@example.org")
    client.get("/no/such/ada-lovelace")
    text = scrape(room.app)
    assert _grown(before, text, "coursewright_launches_total", **refused) == 1
    unknown = {**refused, "cause": "unknown_registration"}
    assert _grown(before, text, "coursewright_launches_total", **unknown) == 1
    of_logins = {"route": "/lti/login", "status": "4xx"}
    assert _grown(before, text, "coursewright_request_seconds_count", **of_logins) == 2
    assert _grown(before, text, "coursewright_request_seconds_count", route="(none)", status="4xx") == 1
    assert "ada-lovelace" not in text
    assert "ada@" not in text


def _grown(before: str, after: str, name: str, **labels: str) -> float:
    return (value_of(after, name, **labels) or 0) - (value_of(before, name, **labels) or 0)


COUNT = """
import os, pathlib, runpy, sys
from config import metrics
counting = runpy.run_path(sys.argv[1])  # without the package around it, which loads every command
with counting["counting_together"](pathlib.Path(sys.argv[2])):
    metrics.NUDGES_LOST.labels("roster.read").inc(2)
    for _ in range(2):
        if not os.fork():  # as a web server's processes, after the start of their parent
            with metrics.open_stream("followed"):
                metrics.NUDGES_LOST.labels("roster.read").inc(5)
                metrics.MODEL_SECONDS.labels("partner", "m").observe(3)
                os._exit(0)  # without a word, as if killed
        os.wait()
    if not os.fork():
        sys.exit()  # as a web server's process that is told to end: it takes nothing along
    os.wait()
    print(metrics.exposition().decode(), "and now")
    counting["forget_dead_processes"]()
    print(metrics.exposition().decode())
print("left behind", os.path.exists(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
"""


def test_processes_that_belong_together_answer_for_each_other_and_for_their_dead(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COUNT, str(counting.__file__), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    before, _, after = done.stdout.partition("and now")
    assert value_of(before, "coursewright_streams_open", side="followed") == 2
    assert value_of(after, "coursewright_streams_open", side="followed") is None  # who had them open is no more
    assert value_of(after, "coursewright_nudges_lost_total", task="roster.read") == 12
    assert value_of(after, "coursewright_model_seconds_count", model="m", purpose="partner") == 2
    assert "left behind False" in after


# Who may ask


@pytest.mark.parametrize(
    ("settings_of", "peer", "headers", "status"),
    [
        ({}, "127.0.0.1", {}, 200),
        ({}, "::1", {}, 200),
        ({}, "192.0.2.7", {}, 403),
        ({}, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ({}, "127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 403),
        ({"trusted_proxies": 1}, "127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
        ({"trusted_proxies": 2}, "127.0.0.1", {"X-Forwarded-For": "127.0.0.1, 192.0.2.7"}, 403),
        ({"env": "production"}, "127.0.0.1", {}, 403),
        ({"metrics_token": TOKEN}, "127.0.0.1", {}, 401),
        ({"metrics_token": TOKEN}, "127.0.0.1", {"Authorization": "Bearer other"}, 401),
        ({"metrics_token": TOKEN}, "127.0.0.1", {"Authorization": f"Basic {TOKEN}"}, 401),
        ({"metrics_token": TOKEN}, "127.0.0.1", {"Authorization": "Bearer \xe9\xff"}, 401),
        ({"metrics_token": TOKEN}, "192.0.2.7", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"metrics_token": TOKEN, "env": "production"}, "192.0.2.7", {"Authorization": f"bearer {TOKEN}"}, 200),
    ],
)
def test_who_may_ask(  # noqa: PLR0917 - a table's columns
    settings: Settings,
    sqlite_database: Database,
    settings_of: dict[str, Any],
    peer: str,
    headers: dict[str, str],
    status: int,
) -> None:
    app = create_app(replace(settings, **settings_of), sqlite_database)
    answer = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert answer.status_code == status
    assert ("coursewright_" in answer.text) == (status == 200)
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_worker_answers_at_a_port_of_its_own_with_what_it_has_counted() -> None:
    metrics.NUDGES_LOST.labels("roster.read").inc(0)
    port = answer_with_metrics(0, TOKEN)
    address = f"http://127.0.0.1:{port}"
    assert requests.get(f"{address}/metrics", timeout=5).status_code == 401
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert requests.get(f"{address}/other", headers=shown, timeout=5).status_code == 404
    text = requests.get(f"{address}/metrics", headers=shown, timeout=5).text
    assert value_of(text, "coursewright_nudges_lost_total", task="roster.read") is not None


@pytest.mark.parametrize("token", ["too-short", "with a\nline in the middle", "mit-Umlaut-aber-lang-ü"])
def test_a_token_that_no_header_can_hold_is_refused_at_the_start(token: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="METRICS_TOKEN") as caught:
        from_environment({"COURSEWRIGHT_DATA_DIR": str(tmp_path), "COURSEWRIGHT_METRICS_TOKEN": token})
    assert token not in str(caught.value)
