"""Celery's entry point: `celery -A workers.app worker`. Settings, database and HTTP are made once per process."""

from functools import cached_property
from typing import Any

import requests
from celery import Celery
from celery.signals import setup_logging, worker_ready

from config import logs, outbound, settings
from config.database import Database
from config.task_queue import CLOSE_OVERDUE, DELIVER_SCORES, SWEEP_LABS, SWEEP_SCORES, SWEEP_SECONDS, make_celery
from course.language_model.calls import LanguageModel, language_model
from lti_tool.ai_switches import group_of
from lti_tool.column_seeker import ColumnSeeker
from lti_tool.delivery import Deliverer
from lti_tool.lab_grading import LabGrading
from lti_tool.notices.tending import NoticeTender
from lti_tool.roster_reader import RosterReader


class Tools:
    """What tasks work with, made at first use so that importing this module opens nothing."""

    def __init__(self, configured: settings.Settings) -> None:
        self.settings = configured

    @cached_property
    def database(self) -> Database:
        return Database(self.settings.database_url)

    @cached_property
    def language_model(self) -> LanguageModel | None:
        """None without a key or with the switch off."""
        return language_model(self.settings, self.database, group_of)

    @cached_property
    def http(self) -> requests.Session:
        return outbound.make_session(allow_private=self.settings.allow_private_platforms, ca_file=self.settings.ca_file)

    @cached_property
    def lab_grading(self) -> LabGrading:
        return LabGrading(self.settings, self.database, self.language_model, _deliver)

    @cached_property
    def deliverer(self) -> Deliverer:
        return Deliverer(self.database, self.http, self.settings.base_url)

    @cached_property
    def roster_reader(self) -> RosterReader:
        return RosterReader(self.database, self.http)

    @cached_property
    def notice_tender(self) -> NoticeTender:
        return NoticeTender(self.database, self.http, self.settings.base_url)

    @cached_property
    def column_seeker(self) -> ColumnSeeker:
        return ColumnSeeker(self.database, self.http)


def _deliver(outbox_id: int) -> None:
    args = ([outbox_id],)
    app.send_task(DELIVER_SCORES.name, args=args, queue=DELIVER_SCORES.queue, expires=SWEEP_SECONDS)


tools = Tools(settings.from_environment())
app: Celery = make_celery(tools.settings)
app.conf.include = [
    "workers.passback",
    "workers.attempts",
    "workers.labs",
    "workers.rosters",
    "workers.notices",
    "workers.maintenance",
    "workers.model_calls",
    "workers.seeing",
]


@setup_logging.connect
def _our_logs(**_: Any) -> None:
    logs.configure(tools.settings.log_level)


@worker_ready.connect
def _sweep_at_start(**_: Any) -> None:
    # Whatever a killed worker left behind is found now, not at the next beat.
    app.send_task(SWEEP_SCORES.name, kwargs={"at_start": True}, queue=SWEEP_SCORES.queue)
    app.send_task(CLOSE_OVERDUE.name, queue=CLOSE_OVERDUE.queue)
    app.send_task(SWEEP_LABS.name, queue=SWEEP_LABS.queue)
