from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.database import Base, Database
from course.models import Learner, Placement
from lti_tool import admission
from lti_tool.admission import Admission, admit
from lti_tool.launch import Launch
from lti_tool.models import Context, Deployment, LineItem, LtiUser, Registration, ResourceLink
from tests.lti_tool.conftest import Tool
from tests.lti_tool.fake_platform import Platform

SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


@pytest.fixture
def launch(tool: Tool, platform: Platform) -> Launch:
    return tool.launch(platform, TOOL_PLATFORM={"product_family_code": "moodle"})


def enter(database: Database, launch: Launch, item_id: str | None = "quiz-1", **changes: Any) -> Admission:
    with database.transaction() as session:
        return admit(session, replace(launch, **changes), course_id="deep-learning", item_id=item_id)


def count(database: Database, table: type[Base]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def line_items(database: Database) -> list[tuple[str, str | None, str | None, list[str]]]:
    with database.reading() as session:
        rows = session.scalars(select(LineItem).order_by(LineItem.id))
        return [(row.item_id, row.url, row.container_url, row.scopes) for row in rows]


def test_a_first_launch_makes_all_it_names(database: Database, launch: Launch) -> None:
    admitted = enter(database, launch)
    assert (admitted.placement.course_id, admitted.placement.item_id) == ("deep-learning", "quiz-1")
    assert admitted.placement.context_key == f"context-{admitted.resource_link.context_id}"
    assert (admitted.lti_user.name, admitted.role) == ("Ada Lovelace", "learner")
    assert admitted.learner.id == admitted.lti_user.learner_id
    assert admitted.resource_link.title == "Unit 3"
    with database.reading() as session:
        assert session.scalars(select(Context.title)).all() == ["Machine learning"]
        assert session.scalars(select(Registration.product_family)).all() == ["moodle"]


def test_a_second_launch_finds_it_all_again(database: Database, launch: Launch) -> None:
    first, second = enter(database, launch), enter(database, launch)
    assert (first.placement.id, first.learner.id) == (second.placement.id, second.learner.id)
    for table in (Deployment, Context, ResourceLink, Placement, LtiUser, Learner):
        assert count(database, table) == 1


def test_names_follow_the_launch_but_are_not_lost(database: Database, launch: Launch) -> None:
    enter(database, launch)
    renamed = enter(database, launch, name="Countess", resource_link_title="Unit 4", context_title="")
    assert (renamed.lti_user.name, renamed.resource_link.title) == ("Countess", "Unit 4")
    silent = enter(database, launch, name="", resource_link_title="", product_family="")
    assert (silent.lti_user.name, silent.resource_link.title) == ("Countess", "Unit 4")
    with database.reading() as session:
        assert session.scalars(select(Context.title)).all() == ["Machine learning"]


def test_links_of_one_context_belong_together(database: Database, launch: Launch) -> None:
    first = enter(database, launch)
    second = enter(database, launch, resource_link_id="32", item_id="lesson-1")
    assert first.placement.id != second.placement.id
    assert first.placement.context_key == second.placement.context_key


def test_links_outside_any_context_stand_alone(database: Database, launch: Launch) -> None:
    first = enter(database, launch, context_id="")
    second = enter(database, launch, context_id="", resource_link_id="32")
    assert first.placement.context_key == f"link-{first.resource_link.id}"
    assert second.placement.context_key == f"link-{second.resource_link.id}"
    assert enter(database, launch, context_id="").placement.context_key == first.placement.context_key


def test_the_same_ids_in_another_deployment_are_other_places(database: Database, launch: Launch) -> None:
    first, second = enter(database, launch), enter(database, launch, deployment_id="8")
    assert first.placement.id != second.placement.id
    assert first.learner.id == second.learner.id


def test_the_same_sub_of_another_registration_is_another_person(database: Database, launch: Launch, tool: Tool) -> None:
    other = tool.launch(tool.register(Platform(client_id="client-2")))
    assert enter(database, launch).learner.id != enter(database, other).learner.id


def test_a_link_that_was_pointed_elsewhere_keeps_its_placement(database: Database, launch: Launch) -> None:
    first, second = enter(database, launch), enter(database, launch, item_id="quiz-2")
    assert second.placement.id == first.placement.id
    assert second.placement.item_id == "quiz-2"
    assert enter(database, launch, item_id=None).placement.item_id is None


def test_a_column_is_remembered_with_the_addresses_of_the_last_launch(database: Database, launch: Launch) -> None:
    enter(database, launch)
    assert line_items(database) == []
    enter(
        database, launch, line_item_url="https://l.example/1", line_items_url="https://l.example/", ags_scopes=(SCORE,)
    )
    enter(database, launch, line_item_url="https://l.example/2?x=1", line_items_url=None)
    assert line_items(database) == [("quiz-1", "https://l.example/2?x=1", None, [])]


def test_a_launch_that_names_no_column_forgets_none(database: Database, launch: Launch) -> None:
    enter(
        database, launch, line_item_url="https://l.example/1", line_items_url="https://l.example/", ags_scopes=(SCORE,)
    )
    enter(database, launch)
    assert line_items(database) == [("quiz-1", "https://l.example/1", "https://l.example/", [SCORE])]
    enter(database, launch, line_items_url="https://l.example/new")
    assert line_items(database) == [("quiz-1", "https://l.example/1", "https://l.example/new", [])]


def test_a_course_as_a_whole_has_no_column_of_its_own(database: Database, launch: Launch) -> None:
    enter(database, launch, item_id=None, line_item_url="https://l.example/1")
    assert line_items(database) == []


def test_a_class_that_opens_a_new_link_at_once_shares_its_rows(database: Database, launch: Launch) -> None:
    with ThreadPoolExecutor(12) as threads:
        admitted = list(
            threads.map(
                lambda number: enter(database, launch, sub=str(number % 20), line_item_url="https://l.example/1"),
                range(40),
            )
        )
    assert len({one.placement.id for one in admitted}) == 1
    assert len({one.learner.id for one in admitted}) == 20
    tables = (Deployment, Context, ResourceLink, Placement, LineItem)
    assert [count(database, table) for table in tables] == [1, 1, 1, 1, 1]
    assert (count(database, LtiUser), count(database, Learner)) == (20, 20)


def test_a_row_that_another_process_makes_meanwhile_is_used(
    database: Database, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What PostgreSQL, with writers side by side, shows in earnest: nothing is there yet, then a constraint objects."""
    first = enter(database, launch, line_item_url="https://l.example/1")
    blind = {"context": True, "resource_link": True, "lti_user": True, "line_item": True}
    see = Session.scalar

    def scalar(session: Session, statement: Any, *args: Any, **kwargs: Any) -> Any:
        table = statement.get_final_froms()[0].name
        return None if blind.pop(table, False) else see(session, statement, *args, **kwargs)

    monkeypatch.setattr(Session, "scalar", scalar)
    second = enter(database, launch, line_item_url="https://l.example/2")
    assert blind == {}
    assert (second.placement.id, second.learner.id) == (first.placement.id, first.learner.id)
    monkeypatch.undo()
    tables = (Context, ResourceLink, Placement, LineItem, LtiUser, Learner)
    assert [count(database, table) for table in tables] == [1, 1, 1, 1, 1, 1]


def test_a_failed_admission_leaves_nothing(database: Database, launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(admission, "lti_user_of", fail)
    with pytest.raises(ZeroDivisionError):
        enter(database, launch)
    assert count(database, Deployment) == count(database, Placement) == 0
