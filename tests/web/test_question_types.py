"""Questions with several right answers and statements to judge, on both databases, and the order they are shown in."""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from config.database import Database
from config.settings import Settings
from course.catalog import load_course
from course.items import Quiz
from course.models import Response
from course.questions.registry import QUESTION_TYPES
from course.shuffling import in_shown_order
from grading.models import Outcome
from lti_tool.app import create_app
from lti_tool.models import OutboxScore
from lti_tool.web.question_cards import CARDS
from tests.course.course_files import MIXED_QUIZ, write_course
from tests.support.factory import Classroom
from tests.support.visit import Browser, seat

MANY = "q.learned"
RULE = "Each right choice earns an equal part of the credit"
ALL_RIGHT: dict[str, str | list[str]] = {"q.deep": "layers", MANY: ["weights", "biases"], "q.deeper": "false"}


@pytest.fixture
def policy() -> str:
    return "{}"


@pytest.fixture
def ada(settings: Settings, database: Database, tmp_path: Path, policy: str) -> Browser:
    """Ada at the mixed quiz of a small course."""
    files = write_course(tmp_path / "small")
    files.write("module-1/quiz-1.yaml", MIXED_QUIZ)
    files.replace("course.yaml", "label: Quiz", f"label: Quiz\n        policy: {policy}")
    app = create_app(replace(settings, courses=(files.folder,)), database)
    with database.transaction() as session:
        classroom = Classroom(session)
        classroom.placement.course_id = "small"
        learner = classroom.person("ada").learner
    return seat(app.test_client(), database, classroom.placement, learner)


def kept(database: Database) -> dict[str, list[str]]:
    with database.reading() as session:
        return {one.question_id: one.choice_ids for one in session.scalars(select(Response))}


def card(page: str, question_id: str) -> str:
    """The markup of one question's card."""
    (found,) = re.findall(rf'<fieldset[^>]*id="question-{question_id}".*?</fieldset>', page, re.DOTALL)
    return str(found)


def page_of(ada: Browser) -> str:
    return ada.get("/items/quiz-1").text


def test_every_question_type_has_a_card() -> None:
    assert list(CARDS) == list(QUESTION_TYPES)


def test_the_card_says_how_many_may_be_chosen_and_how_they_count(ada: Browser) -> None:
    ada.start()
    page = page_of(ada)
    single, several, statement = (card(page, one) for one in ("deep", "learned", "deeper"))
    assert re.findall(r'type="(\w+)" name="q\.', several) == ["checkbox"] * 4
    assert re.findall(r'type="(\w+)" name="q\.', single + statement) == ["radio"] * 4
    assert "Choose all that apply." in several
    assert RULE in several.partition("</legend>")[0]
    for other in (single, statement):
        assert "Choose one." in other
        assert RULE not in other
        assert "present.q." not in other
    assert "Deeper is <em>always</em> better." in statement
    assert ">True<" in statement


def test_a_quiz_of_all_types_is_graded_with_partial_credit(ada: Browser, database: Database) -> None:
    done = ada.post(ada.start(), action="submit", **{**ALL_RIGHT, MANY: ["biases"]})
    assert done.status_code == 303
    page = ada.client.get(done.location).text
    assert "2.5 of 3" in page
    assert "Partly right: 0.5 of 1 point" in page
    with database.reading() as session:
        outcome = session.scalars(select(Outcome)).one()
        assert outcome.points == Decimal("2.5")
        assert [Decimal(one["points"]) for one in outcome.evidence["questions"]] == [1, Decimal("0.5"), 1]
        assert session.scalars(select(OutboxScore.score_given)).one() == Decimal("2.5")


@pytest.mark.parametrize(
    ("chosen", "state", "words"),
    [
        (["weights", "biases"], "right", ["Right", "Chosen, and right"]),
        (["weights"], "partial", ["Partly right: 0.5 of 1 point", "Chosen, and right", "Right, but not chosen"]),
        (
            ["weights", "biases", "data"],
            "partial",
            ["Partly right: 0.5 of 1 point", "Chosen, and right", "Chosen, but not right"],
        ),
        (
            ["weights", "data"],
            "wrong",
            ["Not quite", "Chosen, and right", "Chosen, but not right", "Right, but not chosen"],
        ),
        (["layers", "data"], "wrong", ["Not quite", "Chosen, but not right", "Right, but not chosen"]),
    ],
)
def test_a_checked_answer_says_in_words_how_right_it_is(
    ada: Browser, chosen: list[str], state: str, words: list[str]
) -> None:
    checked = ada.post(ada.start(), json=True, action="check:learned", **{MANY: chosen})
    assert checked.json is not None
    html = card(checked.json["question_html"], "learned")
    assert f'data-state="{state}"' in html
    verdicts = re.findall(r'<p class="verdict.*?</p>', html, re.DOTALL)
    said = {re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", verdict)).strip() for verdict in verdicts}
    assert said == set(words)
    assert html.count('id="verdict-learned"') == html.count('tabindex="-1"') - 1 == 1
    assert "present.q." not in html
    assert RULE not in html


def test_no_feedback_and_no_number_of_keys_is_told_before_the_answer_is_final(ada: Browser) -> None:
    attempt = ada.start()
    saved = ada.post(attempt, json=True, action="save", **ALL_RIGHT)
    assert saved.json == {"location": None, "seconds_left": None}
    page = page_of(ada)
    for told in ("Yes, weights", "No, fixed", "Yes, biases", "No, given", "may overfit", "is-key", "verdict"):
        assert told not in page
    rows = re.findall(r'<div class="choice[ "].*?</label>', card(page, "learned"), re.DOTALL)
    assert len(rows) == 4
    assert len({re.sub(r'value="\w+"|>The \w+<| is-chosen| checked', "", row) for row in rows}) == 1


def test_taking_every_choice_back_leaves_the_question_open(ada: Browser, database: Database) -> None:
    attempt = ada.start()
    assert re.search(r'name="present\.q\.learned"[^>]* disabled', page_of(ada))
    ada.post(attempt, action="save", **{MANY: ["weights", "data"]})
    assert re.search(r'name="present\.q\.learned" value="1" data-present>', page_of(ada))
    cleared = ada.post(attempt, json=True, action="save", **{"present.q.learned": "1", "q.deep": "layers"})
    assert cleared.status_code == 200
    assert kept(database) == {"deep": ["layers"]}
    page = page_of(ada)
    assert 'data-state="open"' in card(page, "learned")
    asked = ada.post(attempt, action="submit", **{"present.q.learned": "1"})
    assert "Questions 2 and 3 are still open" in ada.client.get(asked.location).text
    done = ada.post(attempt, action="submit-anyway")
    assert "1 of 3" in ada.client.get(done.location).text


def test_a_page_that_shows_no_choices_of_a_question_takes_none_back(ada: Browser, database: Database) -> None:
    attempt = ada.start()
    ada.post(attempt, action="save", **{MANY: ["weights"]})
    ada.post(attempt, action="save", **{"q.deep": "layers"})
    ada.post(attempt, action="save", **{MANY: ["biases"], "present.q.learned": "1"})
    assert kept(database) == {"deep": ["layers"], "learned": ["biases"]}


def test_a_checked_answer_stays_when_an_old_page_takes_it_back(ada: Browser, database: Database) -> None:
    attempt = ada.start()
    ada.post(attempt, json=True, action="check:learned", **{MANY: ["weights"]})
    ada.post(attempt, action="save", **{"present.q.learned": "1"})
    assert kept(database) == {"learned": ["weights"]}


def test_a_link_in_the_feedback_leads_to_the_page_it_names(ada: Browser) -> None:
    checked = ada.post(ada.start(), json=True, action="check:deeper", **{"q.deeper": "false"})
    assert checked.json is not None
    assert f'href="{ada.base}/items/lesson-1#what-it-is"' in checked.json["question_html"]
    assert "item:" not in checked.json["question_html"]


def test_checking_without_a_choice_asks_for_one(ada: Browser) -> None:
    attempt = ada.start()
    refused = ada.post(attempt, json=True, action="check:learned", **{"present.q.learned": "1"})
    assert refused.status_code == 422
    assert refused.json is not None
    assert "Choose an answer first" in refused.json["error"]["text"]
    plainly = ada.post(attempt, action="check:learned", **{"present.q.learned": "1"})
    assert plainly.location.endswith("#question-learned")


@pytest.mark.parametrize(
    "fields",
    [
        {MANY: ["weights", "weights"]},
        {MANY: ["weights", "no-such-choice"]},
        {MANY: ["weights", ""]},
        {MANY: "layers"} | {"q.deep": "weights"},
        {MANY: "true"},
        {MANY: ["x" * 5000]},
        {MANY: ["\x00"]},
        {MANY: ["weights"] * 500},
        {"q.deeper": ["true", "false"]},
        {"q.deeper": "True"},
        {"q.deeper": "1"},
        {"q.deeper": "layers"},
        {"present.q.deeper": "1"},
        {"present.q.deep": "1"},
        {"present.q.no-such-question": "1"},
        {"present.q.": "1"},
        {"q.present.q.learned": "1"},
        {"action": "check:deeper"},
    ],
)  # fmt: skip
def test_answers_that_do_not_fit_are_refused_and_harm_nothing(
    ada: Browser, database: Database, fields: dict[str, str | list[str]]
) -> None:
    attempt = ada.start()
    ada.post(attempt, action="save", **{MANY: ["weights"]})
    refused = ada.post(attempt, json=True, **{"action": "save", **fields})
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["error"]["title"] == "Nothing has changed"
    assert kept(database) == {"learned": ["weights"]}


@pytest.mark.parametrize("policy", ["{shuffle: both}"])
def test_a_shuffled_attempt_keeps_its_order_and_its_numbers(ada: Browser, database: Database, tmp_path: Path) -> None:
    quiz = load_course(tmp_path / "small").item("quiz-1")
    assert isinstance(quiz, Quiz)
    orders = set()
    for _ in range(4):
        attempt = ada.start()
        expected = [one.id for one in in_shown_order(quiz, attempt.rpartition("/")[2])]
        before = _shown(page_of(ada))
        assert before[0] == expected
        ada.post(attempt, action="save", **{MANY: ["biases", "weights"]})
        assert kept(database)["learned"] == ["weights", "biases"]
        asked = ada.client.get(ada.post(attempt, action="submit").location).text
        open_numbers = [place for place, one in enumerate(expected, start=1) if one != "learned"]
        assert f"Questions {open_numbers[0]} and {open_numbers[1]} are still open" in asked
        done = ada.client.get(ada.post(attempt, action="submit-anyway").location).text
        assert _shown(done) == before
        assert "1 of 3" in done
        orders.add(str(before))
    assert len(orders) > 1


def _shown(page: str) -> tuple[list[str], list[str]]:
    """The ids of the questions and of all choices, from top to bottom."""
    return re.findall(r'data-question="([\w-]+)"', page), re.findall(r'name="q\.[\w-]+" value="([\w-]+)"', page)
