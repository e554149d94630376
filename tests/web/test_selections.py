"""A choice of activities under way, in both databases: what may stand in it, who finds it, and what is remembered."""

from datetime import timedelta
from typing import Any

import pytest

from config import clock
from config.database import Database
from lti_tool import claims
from lti_tool.deep_linking.requests import SelectionRequest, read_selection_request
from lti_tool.deep_linking.selections import (
    LIFETIME,
    BegunSelection,
    begin_selection,
    chosen_before,
    find_selection,
    remember_chosen,
)
from lti_tool.expiry import forget_expired
from lti_tool.models import Context, Selection
from tests.support.factory import BUILT_IN, QUIZ, Classroom
from tests.web.conftest import on_both_databases

ASKED = SelectionRequest("https://lms.example/back", data={"odd": ["\x00", "\ud800", 1.5, None]}, targets=("iframe",))


def begin(
    database: Database, *, keeps_cookies: bool = True, context_id: int | None = None
) -> tuple[BegunSelection, int]:
    with database.transaction() as session:
        context = session.get_one(Context, context_id) if context_id else Classroom(session).context
        options: dict[str, Any] = {"return_url": None, "locale": "en", "keeps_cookies": keeps_cookies}
        return begin_selection(session, context, ASKED, **options), context.id


@on_both_databases
def test_what_was_asked_comes_back_to_the_letter_and_only_in_its_own_browser(database: Database) -> None:
    begun, context_id = begin(database)
    with database.reading() as session:
        found = find_selection(session, begun.key, begun.binding)
        assert found
        assert SelectionRequest.from_json(found.request) == ASKED
        for binding in (None, "", "another", begun.key):
            assert find_selection(session, begun.key, binding) is None
        for key in ("", "x", begun.key[:-1], "\x00" * 32, begun.key + "\n"):
            assert find_selection(session, key, begun.binding) is None
    bare, _ = begin(database, keeps_cookies=False, context_id=context_id)
    with database.reading() as session:
        assert find_selection(session, bare.key, None), "in a frame that keeps no cookie the address alone must do"


@on_both_databases
def test_what_was_chosen_is_remembered_when_the_choice_itself_is_forgotten(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, context_id = begin(database)
    other, _ = begin(database, context_id=context_id)
    with database.transaction() as session:
        found = find_selection(session, begun.key, begun.binding)
        assert found
        for _ in range(2):
            remember_chosen(session, found, [(BUILT_IN.id, "lesson-1"), (BUILT_IN.id, None)])
        assert set(chosen_before(session, found)) == {(BUILT_IN.id, QUIZ.id)}, "what it sent itself does not count"
        second = find_selection(session, other.key, other.binding)
        assert second
        before = chosen_before(session, second)
        assert {name: one.opened for name, one in before.items()} == {
            (BUILT_IN.id, QUIZ.id): True, (BUILT_IN.id, "lesson-1"): False, (BUILT_IN.id, None): False,
        }  # fmt: skip
    later = clock.now() + LIFETIME + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with database.transaction() as session:
        assert find_selection(session, begun.key, begun.binding) is None
        forget_expired(session)
        assert session.query(Selection).count() == 0
    newest, _ = begin(database, context_id=context_id)
    with database.reading() as session:
        found = find_selection(session, newest.key, newest.binding)
        assert found
        assert len(chosen_before(session, found)) == 3


def test_missing_settings_mean_the_most_that_is_usual() -> None:
    payload = {claims.DEEP_LINKING_SETTINGS: {"deep_link_return_url": "https://lms.example/back"}}
    asked = read_selection_request(payload)
    assert asked == SelectionRequest("https://lms.example/back")
    assert asked.accept_multiple
    assert asked.accept_lineitem
    assert asked.data is None


def test_a_no_may_be_written_as_text_or_number() -> None:
    for no in (False, "false", " FALSE ", 0, "0"):
        settings = {"deep_link_return_url": "https://lms.example/back", "accept_multiple": no, "accept_lineitem": no}
        asked = read_selection_request({claims.DEEP_LINKING_SETTINGS: settings})
        assert (asked.accept_multiple, asked.accept_lineitem) == (False, False), no
