"""Pages of a platform that is switched off while people sit in its courses: refused calmly, nothing is lost."""

from typing import Any

import pytest
from sqlalchemy import select

from course.models import Response
from lti_tool.deep_linking.requests import SelectionRequest
from lti_tool.deep_linking.selections import begin_selection
from lti_tool.models import Context, Deployment, Registration
from lti_tool.permission import ACTIVE, DISABLED
from lti_tool.switching import switch
from tests.support.factory import QUIZ, answers
from tests.web.conftest import Room


def put(room: Room, table: type[Any], state: str) -> None:
    with room.database.transaction() as session:
        switch(session, session.scalars(select(table)).one(), state)


@pytest.mark.parametrize("table", [Registration, Deployment])
def test_an_open_quiz_is_refused_meanwhile_and_goes_on_afterwards(room: Room, table: type[Any]) -> None:
    ada = room.browser()
    attempt = ada.start()
    (first, right), (second, another) = list(answers(right=5).items())[:2]
    csrf = ada.csrf()
    assert ada.post(attempt, csrf=csrf, **{f"q.{first}": right}).status_code == 303
    put(room, table, DISABLED)
    page = ada.get(f"/items/{QUIZ.id}")
    assert page.status_code == 403
    assert "The tool is switched off here" in page.text
    assert "Nothing is lost" in page.text
    told = ada.post(attempt, json=True, csrf=csrf, **{f"q.{second}": another})
    assert (told.status_code, told.json["error"]["code"]) == (403, "switched_off")
    put(room, table, ACTIVE)
    assert ada.post(attempt, csrf=csrf, **{f"q.{second}": another}).status_code == 303
    with room.database.reading() as session:
        assert {one.question_id for one in session.scalars(select(Response))} >= {first, second}


def test_neither_can_activities_be_chosen(room: Room) -> None:
    with room.database.transaction() as session:
        context = session.scalars(select(Context)).one()
        request = SelectionRequest("https://lms.example.org/back")
        begun = begin_selection(session, context, request, return_url=None, locale="en", keeps_cookies=False)
    client = room.app.test_client()
    assert client.get(f"/lti/select/{begun.key}").status_code == 200
    put(room, Deployment, DISABLED)
    refused = client.get(f"/lti/select/{begun.key}")
    assert refused.status_code == 403
    assert "The tool is switched off here" in refused.text
