"""The page of the people in a context."""

from datetime import timedelta

from config import clock
from lti_tool.models import Roster, RosterMember
from tests.web.conftest import Room


def with_roster(room: Room, *, minutes: int = 1, **values: object) -> None:
    with room.database.transaction() as session:
        context_id = room.classroom.context.id
        fetched = clock.now() - timedelta(minutes=minutes)
        session.add(Roster(context_id=context_id, url="https://lms.example.org/m", fetched_at=fetched, **values))
        for user_id, name, role, status in (
            ("grace", "Grace <Hopper>", "instructor", "active"),
            ("203", "", "learner", "inactive"),
        ):
            session.add(RosterMember(context_id=context_id, user_id=user_id, name=name, role=role, status=status))


def test_people_are_listed_with_role_state_and_the_age_of_the_list(room: Room) -> None:
    with_roster(room)
    page = room.browser(role="instructor").get("/people").get_data(as_text=True)

    assert "Grace &lt;Hopper&gt;" in page
    assert "No name given by your learning platform" in page
    assert "203" in page
    assert "inactive" in page
    assert "never" in page
    assert "As of <time" in page
    assert room.nudges == []


def test_an_old_list_is_asked_for_anew_and_the_page_says_so(room: Room) -> None:
    with_roster(room, minutes=11)
    page = room.browser(role="instructor").get("/people").get_data(as_text=True)

    assert "Your learning platform is being asked" in page
    assert [name for name, _ in room.nudges] == ["roster.read"]


def test_refresh_asks_at_once(room: Room) -> None:
    with_roster(room)
    answer = room.browser(role="instructor").post("/people/refresh")

    assert answer.status_code == 303
    assert room.nudges == [("roster.read", (room.classroom.context.id,))]


def test_without_a_list_only_those_who_came_are_shown_and_the_page_says_so(room: Room) -> None:
    page = room.browser(role="instructor").get("/people").get_data(as_text=True)

    assert "gives us no list" in page
    assert "Refresh" not in page


def test_why_a_list_could_not_be_read_is_told(room: Room) -> None:
    with_roster(room, cause="service_403")

    assert "Names and Role Provisioning" in room.browser(role="instructor").get("/people").get_data(as_text=True)


def test_a_learner_sees_nobody(room: Room) -> None:
    assert room.browser().get("/people").status_code == 403
    assert room.browser().post("/people/refresh").status_code == 403
