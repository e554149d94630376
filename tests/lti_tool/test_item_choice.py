from dataclasses import replace

import pytest

from lti_tool.item_choice import ChosenItem, NotPlaced, choose_item
from lti_tool.launch import Launch, read_launch
from tests.lti_tool.fake_platform import BASE_URL, Platform

ITEMS = {"deep-learning": {"quiz-1", "lesson 1"}, "other": {"quiz-9"}}


class Courses:
    default_course_id = "deep-learning"

    def has_course(self, course_id: str) -> bool:
        return course_id in ITEMS

    def has_item(self, course_id: str, item_id: str) -> bool:
        return item_id in ITEMS.get(course_id, ())


@pytest.fixture
def launch() -> Launch:
    return read_launch(Platform().claims("n"), registration_id=1, base_url=BASE_URL, issued_at=0)


@pytest.mark.parametrize(
    ("custom", "chosen"),
    [
        ({}, ChosenItem("deep-learning", None)),
        ({"course": "other"}, ChosenItem("other", None)),
        ({"item": "quiz-1"}, ChosenItem("deep-learning", "quiz-1")),
        ({"course": "other", "item": "quiz-9"}, ChosenItem("other", "quiz-9")),
        ({"course": "other", "item": "quiz-1"}, NotPlaced("other", "quiz-1")),
        ({"course": "gone"}, NotPlaced("gone", None)),
        ({"item": "\ud800"}, NotPlaced("deep-learning", "\ud800")),
    ],
)
def test_custom_parameters_choose_course_and_item(
    launch: Launch, custom: dict[str, str], chosen: ChosenItem | NotPlaced
) -> None:
    assert choose_item(replace(launch, custom=custom), Courses(), BASE_URL) == chosen


@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("/lti/items/other/quiz-9", ChosenItem("other", "quiz-9")),
        ("/lti/items/deep-learning/lesson%201?x=1#y", ChosenItem("deep-learning", "lesson 1")),
        ("/lti/items/deep-learning/gone", NotPlaced("deep-learning", "gone")),
        ("/lti/items/deep-learning/%2e%2e", NotPlaced("deep-learning", "..")),
        ("/lti/items/deep-learning", ChosenItem("deep-learning", None)),
        ("/lti/items/deep-learning/quiz-1/more", ChosenItem("deep-learning", None)),
        ("/lti/items//quiz-1", ChosenItem("deep-learning", None)),
        ("/lti/launch", ChosenItem("deep-learning", None)),
        ("", ChosenItem("deep-learning", None)),
    ],
)
def test_without_them_the_target_chooses(launch: Launch, path: str, chosen: ChosenItem | NotPlaced) -> None:
    assert choose_item(replace(launch, target_link_uri=BASE_URL + path), Courses(), BASE_URL) == chosen


def test_custom_parameters_outrank_the_target(launch: Launch) -> None:
    both = replace(launch, target_link_uri=f"{BASE_URL}/lti/items/other/quiz-9", custom={"item": "quiz-1"})
    assert choose_item(both, Courses(), BASE_URL) == ChosenItem("deep-learning", "quiz-1")


def test_a_tool_below_a_path_knows_its_own_targets(launch: Launch) -> None:
    below = replace(launch, target_link_uri="https://tool.example/cw/lti/items/other/quiz-9")
    assert choose_item(below, Courses(), "https://tool.example/cw") == ChosenItem("other", "quiz-9")
