"""What a web process works with, made once and handed to every view."""

from dataclasses import dataclass

import requests

from config.database import Database
from config.settings import Settings
from config.task_queue import Nudger
from course.catalog import Catalog
from course.replies import Replies


@dataclass(frozen=True, slots=True)
class Services:
    """Settings, database, courses, the way out to platforms, the way to nudge workers, and the partner's replies."""

    settings: Settings
    database: Database
    catalog: Catalog
    http: requests.Session
    nudger: Nudger
    replies: Replies
