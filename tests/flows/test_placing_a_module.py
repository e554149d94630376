"""A module in an empty course: placed in one go by Deep Linking, worked through by a student, all grades in."""

import re
from pathlib import Path

import pytest
import requests

from config.database import Database
from course.items import ChoiceQuestion, Graded, Lab, Quiz
from lti_tool.cli.demo_student import STEP_SECONDS, Form, Student, forms_of, page_attempt
from lti_tool.practice_lms.personalities import canvas, moodle
from lti_tool.practice_lms.personality import Personality
from tests.support.factory import BUILT_IN
from tests.support.school import School, running_school

INSTRUCTOR, ADA = "101", "201"
COURSE = {"course": "2"}
MODULE = BUILT_IN.modules[0]
GRADED = [item for item in MODULE.items if isinstance(item, Graded)]


class Somebody(Student):
    """A person of the LMS in its second course, which is empty to begin with."""

    def __init__(self, school: School, user_id: str) -> None:
        super().__init__(school.lms)
        self.user_id = user_id
        self.browser.post(f"{self.lms}/session", data={"user_id": user_id}, timeout=STEP_SECONDS)

    def get(self, path: str, **query: str) -> requests.Response:
        return self._ok(self.browser.get(f"{self.lms}{path}", params={**COURSE, **query}, timeout=STEP_SECONDS))

    def submit(self, form: Form, **fields: str) -> requests.Response:
        form.fields.update({name.replace("__", "."): value for name, value in fields.items()})
        return self._ok(self._send(form))

    def pick(self, action: str) -> requests.Response:
        """Choose by one button of the tool's page, from the LMS's page and back; the LMS's last answer."""
        [login] = forms_of(self.get("/selection"))
        authorised = self._ok(self._send(login))
        page = self.submit(self._form(authorised, lambda form: "id_token" in form.fields))
        signed = self.submit(self._form(page, lambda form: "/lti/select/" in form.action), action=action)
        answer = self.submit(self._form(signed, lambda form: "JWT" in form.fields))
        saving = [form for form in forms_of(answer) if form.action.endswith("/selection/save")]
        return self.submit(saving[0]) if saving else answer

    def activities(self) -> dict[str, str]:
        """The id of the LMS's activity for each item, in the order of the course."""
        listed = self.get("/practice.json").json()["activities"]
        return {one["id"].rpartition("-")[0]: one["id"] for one in listed}

    def take_quiz(self, activity: str, quiz: Quiz) -> None:
        page = self.send(self.launch(activity), f"/items/{quiz.id}/attempts")
        right = {}
        for question in quiz.questions:
            assert isinstance(question, ChoiceQuestion)
            right[f"q__{question.id}"] = [choice.id for choice in question.keys]
        self.send(page, page_attempt(page), action="submit", **right)

    def argue(self, activity: str) -> None:
        page = self.send(self.launch(activity), "/conversation")
        form = self._form(page, lambda one: re.search(r"/labs/\w+$", one.action) is not None)
        said = "The training loss falls and the validation loss rises, so the network repeats what it has seen."
        self.submit(form, action="say", text=said, number="2")
        form.action += "/submit"
        self.submit(form, action="submit-anyway", text="")

    def decide(self, activity: str) -> int:
        """Give every waiting lab the highest level in all its criteria; how many there were."""
        begun = self.launch(activity)
        base = begun.url.partition("/items/")[0]
        queue = self._ok(self.browser.get(f"{base}/review", timeout=STEP_SECONDS))
        cases = sorted(set(re.findall(r'href="[^"]*/review/(\w+)"', queue.text)))
        for key in cases:
            page = self._ok(self.browser.get(f"{base}/review/{key}", timeout=STEP_SECONDS))
            criteria = set(re.findall(r'name="level\.([\w-]+)"', page.text))
            [form] = [one for one in forms_of(page) if one.action.endswith(f"/review/{key}")]
            levels = {f"level__{criterion}": "4" for criterion in criteria}
            self.submit(form, **levels, **{f"why__{criterion}": "All of it is said." for criterion in criteria})
        return len(cases)


@pytest.mark.parametrize("personality", [moodle, canvas], ids=lambda one: one.name)
def test_a_module_placed_in_one_go_gets_all_its_grades(
    tmp_path: Path, sqlite_database: Database, personality: Personality
) -> None:
    with running_school(tmp_path, sqlite_database, personality) as school:
        grace, ada = Somebody(school, INSTRUCTOR), Somebody(school, ADA)
        grace.pick(f"module:{BUILT_IN.id}/{MODULE.id}")
        placed = grace.activities()
        assert list(placed) == [item.id for item in MODULE.items]
        assert len(placed) == 14
        if personality.makes_unpublished:
            grace.browser.post(f"{school.lms}/publish", params=COURSE, timeout=STEP_SECONDS).raise_for_status()
        for item in GRADED:
            if isinstance(item, Lab):
                ada.argue(placed[item.id])
            elif isinstance(item, Quiz):
                ada.take_quiz(placed[item.id], item)
        school.judge()
        assert grace.decide(placed["lab-1"]) == 4
        school.deliver()
        cells = ada.get("/gradebook.json").json()
        grades = {one["resource_id"]: (one["result_score"], one["result_maximum"]) for one in cells}
        assert grades == {item.id: (item.policy.points, item.policy.points) for item in GRADED}
        assert len(grades) == 9
        book = grace.get("/gradebook").text
        assert all(f">{item['label']}</th>" in book for item in cells)
        assert book.count('scope="col"') == 1 + 9, "a column each, and the students' names"
