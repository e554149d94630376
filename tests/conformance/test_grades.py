"""1EdTech certification, Assignment and Grade Services: a token, a column, a score, each as specified."""

import pytest
import requests

from lti_tool.cli.demo_student import Form, forms_of
from tests.conformance import names
from tests.conformance.platform import CLIENT_ID, COLUMN, COLUMNS, LEARNER, SCORE, Platform
from tests.conformance.visitor import SECONDS, Visitor, fresh_link, person, title_of
from tests.support.factory import QUIZ, answers
from tests.support.stack import wait_until

pytestmark = pytest.mark.processes


def send(visitor: Visitor, page: requests.Response, form: Form, **fields: str) -> requests.Response:
    """A form of a page, filled in; the page it leads to."""
    answer = visitor.browser.post(form.action, data={**form.fields, **fields}, timeout=SECONDS)
    assert answer.ok, title_of(answer)
    return answer


def hand_in_quiz(visitor: Visitor, column: str | None = None) -> None:
    """A learner's launch of the quiz, and all of its questions answered."""
    link = fresh_link()
    services = visitor.platform.services(link[names.RESOURCE_LINK]["id"], column=column)
    page = visitor.enter({**person("learner"), **link, **services, names.CUSTOM: {"item": QUIZ.id}})
    start = next((form for form in forms_of(page) if form.action.endswith("/attempts")), None)
    if start is not None:
        page = send(visitor, page, start)
    form = next(form for form in forms_of(page) if "/attempts/" in form.action)
    given = {f"q.{question}": choice for question, choice in answers(4).items()}
    send(visitor, page, form, action="submit", **given)


@pytest.fixture(scope="module")
def delivered(tool: str, platform: Platform) -> dict[str, object]:
    """The score of a learner whose launch named a container and no column, as it arrived."""
    hand_in_quiz(Visitor(tool, platform))
    return dict(wait_until("a score arrives", lambda: platform.scores and platform.scores[-1], 60))


def test_access_token_is_asked_for_with_a_signed_assertion_and_only_the_scopes_needed(
    delivered: dict[str, object], platform: Platform
) -> None:
    for assertion in platform.assertions:  # their signatures were checked on arrival
        assert assertion["grant"] == "client_credentials"
        assert assertion["iss"] == assertion["sub"] == CLIENT_ID
        assert assertion["exp"] - assertion["iat"] <= 300
        scopes = set(assertion["scope"].split())
        grading = {names.SCOPE_LINE_ITEM, names.SCOPE_SCORE, names.SCOPE_RESULT}
        assert scopes <= grading or scopes in ({names.SCOPE_MEMBERS}, {names.SCOPE_NOTICES})
    assert len({assertion["jti"] for assertion in platform.assertions}) == len(platform.assertions)


def test_line_item_is_looked_for_and_then_created_with_the_right_media_types(
    delivered: dict[str, object], platform: Platform
) -> None:
    asked = [kind for method, path, kind in platform.asked if (method, path) == ("GET", "/lineitems")]
    made = [kind for method, path, kind in platform.asked if (method, path) == ("POST", "/lineitems")]
    assert asked
    assert set(asked) == {COLUMNS}
    assert set(made) == {COLUMN}
    column = platform.columns[str(delivered["column"])]
    assert column["label"]
    assert column["scoreMaximum"] == 5
    assert column["resourceId"]


def test_score_publish(delivered: dict[str, object], platform: Platform) -> None:
    assert delivered["userId"] == LEARNER
    assert (delivered["activityProgress"], delivered["gradingProgress"]) == ("Completed", "FullyGraded")
    assert (delivered["scoreGiven"], delivered["scoreMaximum"]) == (4, 5)
    assert str(delivered["timestamp"]).endswith("Z")
    assert delivered["query"] == "link=1", "the query of the column's address stays"
    kinds = {kind for method, path, kind in platform.asked if method == "POST" and path.endswith("/scores")}
    assert kinds == {SCORE}


def test_a_column_that_the_launch_names_is_used_and_no_other_is_made(
    delivered: dict[str, object], visitor: Visitor, platform: Platform
) -> None:
    platform.columns["named"] = {
        "id": f"{platform.address}/lineitems/named?link=2",
        "label": "Named",
        "scoreMaximum": 5,
    }
    made = len(platform.columns)
    hand_in_quiz(visitor, column="named")
    wait_until("its score arrives", lambda: any(score["column"] == "named" for score in platform.scores), 60)
    assert len(platform.columns) == made


def test_an_instructors_preview_brings_no_score(visitor: Visitor, platform: Platform) -> None:
    before = len(platform.scores)
    link = fresh_link()
    services = visitor.platform.services(link[names.RESOURCE_LINK]["id"], column="named")
    page = visitor.enter({**person("instructor"), **link, **services, names.CUSTOM: {"item": QUIZ.id}})
    start = next((form for form in forms_of(page) if form.action.endswith("/attempts")), None)
    page = send(visitor, page, start) if start else page
    form = next(form for form in forms_of(page) if "/attempts/" in form.action)
    result = send(visitor, page, form, action="submit-anyway")
    assert "This was a preview" in result.text
    assert len(platform.scores) == before
