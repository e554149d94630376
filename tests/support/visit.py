"""A browser at the tool without an LMS in between: seated by the services a launch uses."""

from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.database import Database
from course.models import Learner, Placement
from lti_tool.sessions import Occupant, open_session
from lti_tool.web.cookies import SESSION
from tests.support.factory import QUIZ, answers


@dataclass
class Browser:
    """A test client with a seat, and shorthands for what a learner does at the built-in quiz."""

    client: FlaskClient
    base: str

    def get(self, path: str = "", **options: object) -> TestResponse:
        return self.client.get(self.base + path, **options)  # type: ignore[arg-type]  # passed through

    def csrf(self) -> str:
        page = self.get("/items/lesson-1").text
        return page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def post(self, path: str, json: bool = False, csrf: str | None = None, **fields: str | list[str]) -> TestResponse:
        data = {"csrf_token": self.csrf() if csrf is None else csrf, **fields}
        headers = {"Accept": "application/json"} if json else {}
        return self.client.post(self.base + path, data=data, headers=headers)

    def start(self) -> str:
        """Begin an attempt; returns its path below the placement."""
        assert self.post(f"/items/{QUIZ.id}/attempts").status_code == 303
        page = self.get(f"/items/{QUIZ.id}").text
        return "/attempts/" + page.partition(f'action="{self.base}/attempts/')[2].partition('"')[0]

    def begin_lab(self, item_id: str) -> str:
        """Consent and begin; returns the conversation's path below the placement."""
        page = self.get(f"/items/{item_id}").text
        consent = page.partition('name="consent" value="')[2].partition('"')[0]
        assert self.post(f"/items/{item_id}/conversation", consent=consent).status_code == 303
        page = self.get(f"/items/{item_id}").text
        return "/labs/" + page.partition(f'action="{self.base}/labs/')[2].partition('"')[0]

    def hand_in(self, attempt: str, right: int) -> TestResponse:
        fields = {f"q.{question}": choice for question, choice in answers(right).items()}
        return self.post(attempt, action="submit", **fields)


def seat(
    client: FlaskClient,
    database: Database,
    placement: Placement,
    learner: Learner,
    role: str = "learner",
    *,
    locale: str = "en",
) -> Browser:
    """Seat a client at a placement, as a launch would."""
    token = client.get_cookie(SESSION, domain="localhost")
    with database.transaction() as session:
        occupant = Occupant(placement.id, learner.id, role, "http://127.0.0.1:5080/return", locale)
        fresh = open_session(session, occupant, cookie_token=token.value if token else None)
    client.set_cookie(SESSION, fresh, domain="localhost")
    return Browser(client, f"/in/{placement.key}/{learner.key}")
