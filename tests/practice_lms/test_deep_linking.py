"""The platform's side of Deep Linking: what it asks, how strictly it reads, and what each personality makes of it."""

import uuid
from typing import Any

import pytest

from lti_tool.practice_lms.deep_linking import DEEP_LINKING, PLACEMENT
from lti_tool.practice_lms.launches import CLAIM
from lti_tool.practice_lms.personalities import canvas, moodle, plain
from lti_tool.practice_lms.personality import Personality
from tests.practice_lms.helpers import ADA, GRACE, ISSUER, Lms, only_form

EVERY_PERSONALITY = pytest.mark.parametrize("personality", [plain, moodle, canvas], ids=lambda one: one.name)
SETTINGS = DEEP_LINKING + "deep_linking_settings"


def ask(lms: Lms, query: str = "?course=2") -> dict[str, Any]:
    """What the tool is asked for, by the instructor."""
    lms.client.post("/session", data={"user_id": GRACE}, base_url=ISSUER)
    form = only_form(lms.client.get(f"/selection{query}", base_url=ISSUER))
    return lms.verified(lms.authorise(lms.auth_request(form["fields"]))["id_token"])


def item(lms: Lms, name: str = "quiz-1", maximum: float | None = 5, **changes: Any) -> dict[str, Any]:
    url = f"{lms.tool.url}/lti/items/deep-learning/{name}"
    column = {"label": f"Column of {name}", "scoreMaximum": maximum, "resourceId": name, "tag": "grade"}
    whole = {"type": "ltiResourceLink", "title": f"Title of {name}", "url": url, "custom": {"item": name}, **changes}
    return whole if maximum is None else {**whole, "lineItem": column}


def answer(lms: Lms, asked: dict[str, Any], items: list[Any], **changes: Any) -> Any:
    """The tool's answer, posted; a change to None leaves a claim out."""
    second = int(lms.clock().timestamp())
    data = asked[SETTINGS].get("data")
    claims = {
        "iss": lms.settings.client_id, "aud": lms.settings.issuer, "iat": second - 5, "exp": second + 300,
        "nonce": uuid.uuid4().hex, CLAIM + "message_type": "LtiDeepLinkingResponse", CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": lms.settings.deployment_id, DEEP_LINKING + "content_items": items,
        DEEP_LINKING + "data": data, **changes,
    }  # fmt: skip
    message = lms.tool.sign({name: value for name, value in claims.items() if value is not None})
    url = asked[SETTINGS]["deep_link_return_url"].removeprefix(lms.settings.address)
    return lms.client.post(url, data={"JWT": message}, base_url=ISSUER)


def activities(lms: Lms) -> list[str]:
    listed = lms.client.get("/practice.json?course=2", base_url=ISSUER).get_json()["activities"]
    return [one["title"] for one in listed]


@EVERY_PERSONALITY
def test_the_request_is_the_personalitys(lms: Lms, personality: Personality) -> None:
    asked = ask(lms)
    assert asked[CLAIM + "message_type"] == "LtiDeepLinkingRequest"
    assert CLAIM + "resource_link" not in asked
    assert asked[CLAIM + "context"]["id"] == personality.context(2) != personality.context(1)
    settings = asked[SETTINGS]
    assert settings["accept_types"] == ["ltiResourceLink"]
    assert ("data" in settings) is (personality is plain)
    assert ("accept_lineitem" in settings) is (personality is plain)
    assert asked.get(PLACEMENT) == ("module_index_menu_modal" if personality is canvas else None)


def test_a_student_may_not_choose(lms: Lms) -> None:
    lms.client.post("/session", data={"user_id": ADA}, base_url=ISSUER)
    assert lms.client.get("/selection", base_url=ISSUER).status_code == 403


def test_what_was_chosen_is_made_when_the_teacher_saves_it_and_in_that_course_alone(lms: Lms) -> None:
    asked = ask(lms)
    summary = answer(lms, asked, [item(lms, "lesson-1", None), item(lms)])
    assert "To be added: 2" in summary.get_data(as_text=True)
    assert activities(lms) == []
    form = only_form(summary)
    assert lms.client.post("/selection/save", data=form["fields"], base_url=ISSUER).status_code == 303
    assert activities(lms) == ["Title of lesson-1", "Title of quiz-1"]
    assert lms.client.post("/selection/save", data=form["fields"], base_url=ISSUER).status_code == 400
    book = lms.client.get("/gradebook?course=2", base_url=ISSUER).get_data(as_text=True)
    assert "Column of quiz-1" in book
    first = lms.client.get("/practice.json", base_url=ISSUER).get_json()["activities"]
    assert [one["id"] for one in first] == ["introduction", "lesson-1", "quiz-1"]


@pytest.mark.parametrize("personality", [canvas])
def test_canvas_makes_assignments_at_once_and_hides_them_until_they_are_published(lms: Lms) -> None:
    done = answer(
        lms, ask(lms), [item(lms, "lesson-1", None), item(lms, submission={"endDateTime": "2027-01-01T00:00:00Z"})]
    )
    assert "Added: 2" in done.get_data(as_text=True)
    assert activities(lms) == ["Title of lesson-1", "Column of quiz-1"], "a column's label gives the title"
    lms.client.post("/session", data={"user_id": ADA}, base_url=ISSUER)
    assert "quiz-1" not in lms.client.get("/course?course=2", base_url=ISSUER).get_data(as_text=True)
    lms.client.post("/session", data={"user_id": GRACE}, base_url=ISSUER)
    assert "due 2027-01-01" in lms.client.get("/course?course=2", base_url=ISSUER).get_data(as_text=True)
    lms.client.post("/publish?course=2", base_url=ISSUER)
    lms.client.post("/session", data={"user_id": ADA}, base_url=ISSUER)
    assert "quiz-1" in lms.client.get("/course?course=2", base_url=ISSUER).get_data(as_text=True)


@pytest.mark.parametrize("personality", [canvas])
def test_one_assignment_is_one(lms: Lms) -> None:
    asked = ask(lms, "?course=2&placement=assignment_selection")
    assert asked[SETTINGS]["accept_multiple"] is False
    assert answer(lms, asked, [item(lms), item(lms, "quiz-2")]).status_code == 400
    assert "To be added: 1" in answer(lms, asked, [item(lms)]).get_data(as_text=True)


@pytest.mark.parametrize("personality", [moodle])
def test_moodle_names_the_column_as_the_activity_takes_no_dates_and_loses_odd_maxima_in_silence(lms: Lms) -> None:
    dates = {"submission": {"endDateTime": "2027-01-01T00:00:00Z"}}
    items = [item(lms, **dates), item(lms, "quiz-2", 12.5), item(lms, "quiz-3", 101), item(lms, "quiz-4", 100)]
    summary = answer(lms, ask(lms), items)
    text = summary.get_data(as_text=True)
    assert "To be added: 2" in text
    assert "column “Title of quiz-1”, 5 points" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"}, {"aud": "somebody"}, {"aud": None}, {"iss": None}, {"exp": 1}, {"iat": 4_000_000_000},
        {"nonce": None}, {CLAIM + "deployment_id": "9"}, {CLAIM + "version": "1.1"}, {CLAIM + "message_type": "x"},
        {DEEP_LINKING + "data": "other"}, {DEEP_LINKING + "data": None}, {DEEP_LINKING + "content_items": None},
        {DEEP_LINKING + "errormsg": "broken"},
    ],
)  # fmt: skip
def test_an_answer_that_is_not_in_order_makes_nothing(lms: Lms, changes: dict[str, Any]) -> None:
    refused = answer(lms, ask(lms), [item(lms)], **changes)
    assert refused.status_code == 400
    assert "cannot be added" in refused.get_data(as_text=True)


def test_items_that_would_break_a_platform_make_nothing(lms: Lms) -> None:
    bad = [
        item(lms, custom={"item": 7}), item(lms, custom={"item": "a\nb"}), item(lms, custom={"item": {"a": "b"}}),
        item(lms, url="https://elsewhere.example/"), item(lms, title=""), item(lms, type="file"),
    ]  # fmt: skip
    for one in bad:
        assert answer(lms, ask(lms), [one]).status_code == 400, one


def test_an_answer_is_good_once_and_for_its_own_question(lms: Lms) -> None:
    asked = ask(lms)
    assert answer(lms, asked, [item(lms)], nonce="n").status_code == 200
    assert answer(lms, asked, [item(lms)], nonce="n").status_code == 400
    other = {**asked, SETTINGS: {**asked[SETTINGS], "deep_link_return_url": f"{ISSUER}/selection/return?ticket=x"}}
    assert answer(lms, other, [item(lms)]).status_code == 400


def test_no_items_mean_that_the_teacher_thought_better_of_it(lms: Lms) -> None:
    assert "Nothing was added" in answer(lms, ask(lms), []).get_data(as_text=True)
    assert activities(lms) == []
