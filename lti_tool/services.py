"""What a web process works with, made once and handed to every view."""

from dataclasses import dataclass

import requests

from config.database import Database
from config.settings import Settings
from config.task_queue import Nudger
from course.catalog import Catalog
from course.replies import Replies
from lti_tool.measures import Measures


@dataclass(frozen=True, slots=True)
class Services:
    """Settings, database, courses, the way out to platforms, the way to nudge workers, the partner's replies, and
    what the database and the broker say of how things stand."""

    settings: Settings
    database: Database
    catalog: Catalog
    http: requests.Session
    nudger: Nudger
    replies: Replies
    measures: Measures
