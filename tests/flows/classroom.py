"""A running stack with its students: what happens in a classroom, in one line each."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import requests
from sqlalchemy import select

from lti_tool.cli.demo_student import Student, forms_of, page_attempt
from lti_tool.models import LtiUser, OutboxScore
from tests.support.factory import QUIZ, answers
from tests.support.stack import Stack, wait_until

STUDENTS = ("201", "202", "203")  # whose turn it can be; 204 and 205 have never done anything
INSTRUCTOR = "101"
ARRIVES_IN = 15.0  # seconds, whatever was killed


class Person(Student):
    """Somebody of the practice LMS with a browser of their own."""

    def __init__(self, lms: str, user_id: str) -> None:
        super().__init__(lms)
        self.user_id = user_id
        self.page: requests.Response | None = None
        self.browser.post(f"{lms}/session", data={"user_id": user_id}, timeout=15).raise_for_status()

    def open_quiz(self) -> requests.Response:
        """Launch the quiz, and begin an attempt unless one is open."""
        page = self.launch(QUIZ.id)
        if not any("/attempts/" in form.action for form in forms_of(page)):
            page = self.send(page, f"/items/{QUIZ.id}/attempts")
        self.page = page
        return page

    def open_and_look(self) -> requests.Response:
        """Launch the quiz and touch nothing."""
        self.page = self.launch(QUIZ.id)
        return self.page

    def hand_in(self, right: int) -> requests.Response:
        """Answer all questions, `right` of them rightly, and hand in."""
        assert self.page is not None
        given = {f"q__{question_id}": choice_id for question_id, choice_id in answers(right).items()}
        self.page = self.send(self.page, page_attempt(self.page), action="submit", **given)
        return self.page

    def save(self, right: int) -> requests.Response:
        """Answer all questions, `right` of them rightly, and leave them saved."""
        assert self.page is not None
        given = {f"q__{question_id}": choice_id for question_id, choice_id in answers(right).items()}
        self.page = self.send(self.page, page_attempt(self.page), action="save", **given)
        return self.page

    def take_quiz(self, right: int) -> requests.Response:
        self.open_quiz()
        return self.hand_in(right)

    def reload(self) -> str:
        """The page in front of them, asked for again."""
        assert self.page is not None
        page = self.browser.get(self.page.url, timeout=15)
        page.raise_for_status()
        return page.text


@dataclass(frozen=True)
class Turn:
    """A person, and a number of right answers that will be their best so far."""

    person: Person
    right: int


class Classroom:
    """A stack and whose turn it is: no two turns of a stack owe the same score."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._turns = iter([(user_id, right) for right in (2, 3, 5) for user_id in STUDENTS])

    def next_turn(self) -> Turn:
        user_id, right = next(self._turns)
        return Turn(Person(self.stack.lms, user_id), right)

    def person(self, user_id: str) -> Person:
        return Person(self.stack.lms, user_id)

    # What the platform saw

    def grade(self, user_id: str) -> float | None:
        """The cell of the gradebook, None while it is empty."""
        rows = requests.get(f"{self.stack.lms}/gradebook.json", timeout=15).json()
        mine = [row for row in rows if row["user_id"] == user_id and row["resource_id"] == QUIZ.id]
        return mine[0]["result_score"] if mine else None

    def received(self, turn: Turn | str) -> list[dict[str, Any]]:
        """The posts that came for this turn (or for anything of a user), oldest first."""
        user_id = turn if isinstance(turn, str) else turn.person.user_id
        logged = self.stack.control("received-scores")
        # A line that was cut before the body was read leaves an empty one.
        posts = [post for post in logged if post["body"] and json.loads(post["body"])["userId"] == user_id]
        if isinstance(turn, str):
            return posts
        return [post for post in posts if json.loads(post["body"])["scoreGiven"] == turn.right]

    def score_posts_begun(self) -> int:
        """How many posts of scores have reached the platform, answered or not."""
        return sum(n for path, n in self.stack.control("requests").items() if path.endswith("/scores"))

    def forget_requests(self) -> None:
        requests.delete(f"{self.stack.lms}/controls/requests", timeout=15).raise_for_status()

    def revoke_tokens(self) -> None:
        requests.post(f"{self.stack.lms}/controls/revoke-tokens", json={}, timeout=15).raise_for_status()

    # What we owe

    def rows(self, user_id: str) -> list[OutboxScore]:
        """The outbox rows of a user, oldest first."""
        query = select(OutboxScore).join(LtiUser).where(LtiUser.sub == user_id).order_by(OutboxScore.id)
        with self.stack.database.reading() as session:
            return list(session.scalars(query))

    def newest(self, turn: Turn) -> OutboxScore | None:
        """The row of this turn, once it is committed."""
        rows = self.rows(turn.person.user_id)
        return rows[-1] if rows and rows[-1].score_given == turn.right else None

    def has_arrived(self, turn: Turn) -> bool:
        """Whether the gradebook holds the score, and we know it."""
        row = self.newest(turn)
        return row is not None and row.state == "delivered" and self.grade(turn.person.user_id) == turn.right

    def await_arrival(self, turn: Turn, since: float, within: float = ARRIVES_IN) -> float:
        """Wait until the score has arrived; the seconds from `since` (monotonic), which are at most `within`."""
        wait_until("the grade arrives", lambda: self.has_arrived(turn), within + 10)
        seconds = time.monotonic() - since
        print(f"arrived after {seconds:.1f} s")  # noqa: T201 - `pytest -rP` shows it
        assert seconds <= within
        return seconds

    # Processes

    def command(self, *arguments: str) -> str:
        """Run `coursewright` as an admin would, beside the running tool."""
        done = subprocess.run(
            [sys.executable, "-m", "lti_tool.cli", *arguments],
            env={**os.environ, **self.stack.environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def without(self, *names: str) -> "Without":
        """A block in which these processes are killed; they are started again at its end."""
        return Without(self.stack, names)


class Without:
    def __init__(self, stack: Stack, names: tuple[str, ...]) -> None:
        self._stack, self._names = stack, names
        self.restarted_at = 0.0

    def __enter__(self) -> "Without":
        for name in self._names:
            self._stack.kill(name)
        return self

    def __exit__(self, *_: object) -> None:
        self.restarted_at = time.monotonic()
        self._stack.start(*self._names)
