"""A student without hands: launches, reads and answers over HTTP alone, by the forms the pages really hold."""

import time
from collections.abc import Callable
from html.parser import HTMLParser
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin

import requests

from course.items import ChoiceQuestion, Course, Page, Quiz

WAIT_SECONDS = 30.0
STEP_SECONDS = 15.0


class StudentFailed(Exception):
    """A step of the way did not work; the text says which and what was answered."""


class Form:
    """A form as found on a page: where it goes, how, and what it holds."""

    def __init__(self, action: str, method: str) -> None:
        self.action = action
        self.method = method
        self.fields: dict[str, str | list[str]] = {}


class _Forms(HTMLParser):
    def __init__(self, page_url: str) -> None:
        super().__init__()
        self._page_url = page_url
        self._open: Form | None = None
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(urljoin(self._page_url, given.get("action", "")), given.get("method", "get").lower())
            self.forms.append(self._open)
        elif tag == "input" and self._open is not None and given.get("type") == "hidden":
            self._open.fields[given.get("name", "")] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def forms_of(response: requests.Response) -> list[Form]:
    """All forms of a page, with their hidden fields."""
    parser = _Forms(response.url)
    parser.feed(response.text)
    return parser.forms


class Browser(requests.Session):
    """A client that sends Secure cookies to http://localhost, as browsers do and Python's cookie jar does not."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(secure_protocols=("https", "wss", "http")))

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """The request with our jar's own cookies: the library copies them into a jar of the default policy."""
        prepared = super().prepare_request(request)
        prepared.headers.pop("Cookie", None)
        prepared.prepare_cookies(self.cookies)
        return prepared


class Student:
    """One person with one browser."""

    def __init__(self, lms: str) -> None:
        self.lms = lms
        self.browser = Browser()

    def sign_in(self, role: str = "student") -> str:
        """Become the first person of a role in the practice LMS; returns the user id."""
        people = self.browser.get(f"{self.lms}/practice.json", timeout=STEP_SECONDS).json()["people"]
        user_id = str(next(person["id"] for person in people if person["role"] == role))
        self._ok(self.browser.post(f"{self.lms}/session", data={"user_id": user_id}, timeout=STEP_SECONDS))
        return user_id

    def launch(self, activity_id: str) -> requests.Response:
        """Open an activity as its frame would: LMS → login → authorisation → launch → our page."""
        page = self._ok(self.browser.get(f"{self.lms}/activity/{activity_id}", timeout=STEP_SECONDS))
        login = self._form(page, lambda form: "login_hint" in form.fields)
        authorisation = self._ok(self._send(login))
        launch = self._form(authorisation, lambda form: "id_token" in form.fields)
        return self._ok(self._send(launch))

    def send(self, page: requests.Response, action_ends: str, **fields: str | list[str]) -> requests.Response:
        """Fill in and send the form of a page whose action ends so; fields named q__x stand for q.x."""
        form = self._form(page, lambda one: one.action.split("?")[0].endswith(action_ends))
        form.fields.update({name.replace("__", "."): value for name, value in fields.items()})
        return self._ok(self._send(form))

    def gradebook_row(self, user_id: str, resource_id: str) -> dict[str, Any] | None:
        """What the LMS's gradebook holds for a user in a column; None while the cell is empty."""
        rows = self.browser.get(f"{self.lms}/gradebook.json", timeout=STEP_SECONDS).json()
        for row in rows:
            mine = str(row["user_id"]) == user_id and row["resource_id"] == resource_id
            if mine and row["result_score"] is not None:
                return dict(row)
        return None

    def _send(self, form: Form) -> requests.Response:
        if form.method == "post":
            return self.browser.post(form.action, data=form.fields, timeout=STEP_SECONDS)
        return self.browser.get(form.action, params=form.fields, timeout=STEP_SECONDS)

    @staticmethod
    def _form(page: requests.Response, wanted: Callable[[Form], bool]) -> Form:
        for form in forms_of(page):
            if wanted(form):
                return form
        raise StudentFailed(f"{page.url.split('?')[0]} holds no form to go on with (status {page.status_code}).")

    @staticmethod
    def _ok(response: requests.Response) -> requests.Response:
        if not response.ok:
            title = response.text.partition("<h1")[2].partition(">")[2].partition("</h1>")[0].strip()
            raise StudentFailed(f"{response.url.split('?')[0]} answered {response.status_code}: {title or 'no title'}")
        return response


def open_each_activity(lms: str, course: Course) -> None:
    """As the instructor, open every activity once, so that each leads on to the next from the start."""
    instructor = Student(lms)
    instructor.sign_in("instructor")
    for item in course.items:
        instructor.launch(item.id)


def earn_a_grade(lms: str, course: Course, say: Callable[[str], None]) -> tuple[dict[str, Any], float]:
    """Launch, read a lesson, take the first quiz with one answer wrong, await the grade.

    Returns the gradebook's row and the seconds from handing in to finding it there. Raises `StudentFailed`.
    """
    student = Student(lms)
    user_id = student.sign_in()
    lesson = next(item for item in course.items if isinstance(item, Page) and item.sections)
    quiz = next(item for item in course.items if isinstance(item, Quiz))
    page = student.launch(lesson.id)
    if lesson.sections[0].title.split()[0] not in page.text:
        raise StudentFailed(f"the launch of {lesson.id} did not lead to the lesson")
    for section in lesson.sections:
        page = student.send(page, f"/items/{lesson.id}/read", section=section.id)
    say(f"Read “{lesson.title}”.")
    page = student.launch(quiz.id)
    page = student.send(page, f"/items/{quiz.id}/attempts")
    answers = _answers(quiz)
    submitted_at = time.monotonic()
    page = student.send(page, page_attempt(page), action="submit", **answers)
    say(f"Handed in “{quiz.title}” with one answer of {len(quiz.questions)} wrong.")
    expected = quiz.policy.points * (len(quiz.questions) - 1) / len(quiz.questions)
    while time.monotonic() - submitted_at < WAIT_SECONDS:
        row = student.gradebook_row(user_id, quiz.id)
        if row is not None:
            if abs(float(row["score_given"]) - expected) > 0.001:
                raise StudentFailed(f"the gradebook holds {row['score_given']}, not {expected}")
            return row, time.monotonic() - submitted_at
        time.sleep(0.1)
    raise StudentFailed(f"no grade stood in the gradebook {WAIT_SECONDS:.0f} s after handing in")


def page_attempt(page: requests.Response) -> str:
    """The end of the address that the answers of the attempt on a page go to."""
    for form in forms_of(page):
        if "/attempts/" in form.action:
            return "/attempts/" + form.action.rpartition("/attempts/")[2]
    raise StudentFailed("the quiz page holds no attempt to answer")


def _answers(quiz: Quiz) -> dict[str, list[str]]:
    """Right answers to all questions but the first."""
    answers = {}
    for position, question in enumerate(quiz.questions):
        if not isinstance(question, ChoiceQuestion):
            raise StudentFailed(f"question {question.id} is of a type the check cannot answer")
        wrong = [choice for choice in question.choices if not choice.is_key][:1]
        answers[f"q__{question.id}"] = [choice.id for choice in (question.keys if position else wrong)]
    return answers
