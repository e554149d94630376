"""Labs while AI is switched off: none is judged by what a model has said, none is lost, and all go on when it is on."""

import pytest
from sqlalchemy import select

from config.database import Database
from course.conversations import SCRIPTED
from grading import assessments
from grading.grader import Grader, Work
from grading.votes import Reason
from lti_tool.admin.models import AuditEntry
from lti_tool.ai_switches import Place, SwitchRefused, group_of, switch_off, switch_on, switches_off
from lti_tool.registrations import remove_platform
from tests.grading.lab_class import GOOD, LabClass
from tests.support.factory import Classroom, make_registration
from tests.support.model_service import RunningModelService


@pytest.fixture
def room(database: Database, service: RunningModelService) -> LabClass:
    return LabClass(database, service)


def _off(room: LabClass) -> None:
    with room.database.transaction() as session:
        assert switch_off(session, "ada", Place(context_key=room.context_key), "It says odd things.")


def _on(room: LabClass) -> None:
    with room.database.transaction() as session:
        assert switch_on(session, "ada", Place(context_key=room.context_key))


def test_a_lab_waits_while_ai_is_off_and_is_judged_once_it_is_on(room: LabClass, service: RunningModelService) -> None:
    attempt_id = room.hand_in(*GOOD)
    _off(room)
    room.grade(attempt_id)
    row = room.assessment(attempt_id)
    assert (row.state, row.cause, room.outcomes(attempt_id), service.asked()) == ("waiting", "switched_off", [], [])
    _on(room)
    room.grade(attempt_id)
    assert len(room.outcomes(attempt_id)) == 1


def test_what_was_read_becomes_no_grade_while_it_is_off_and_is_not_asked_for_again(
    room: LabClass, service: RunningModelService, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt_id = room.hand_in(*GOOD)
    read = Grader._read

    def read_and_switch_off(self: Grader, work: Work) -> Reason | None:
        reason = read(self, work)
        _off(room)
        return reason

    monkeypatch.setattr(Grader, "_read", read_and_switch_off)
    room.grade(attempt_id)
    monkeypatch.undo()
    assert (room.assessment(attempt_id).cause, room.outcomes(attempt_id)) == ("switched_off", [])
    asked = len(service.asked())
    assert asked == len(room.readings(attempt_id)) > 0
    _on(room)
    room.grade(attempt_id)
    assert len(room.outcomes(attempt_id)) == 1
    assert len(service.asked()) == asked


def test_after_a_day_a_person_decides(room: LabClass, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt_id = room.hand_in(*GOOD)
    _off(room)
    monkeypatch.setattr(assessments, "GIVE_UP_AFTER", assessments.FIRST_RETRY * 0)
    room.grade(attempt_id)
    row = room.assessment(attempt_id)
    assert (row.state, row.cause) == ("person", "switched-off")


def test_what_was_begun_without_ai_is_read_by_a_person_though_it_is_on_by_now(
    room: LabClass, service: RunningModelService
) -> None:
    attempt_id = room.hand_in(*GOOD, partner=SCRIPTED)
    room.grade(attempt_id)
    row = room.assessment(attempt_id)
    assert (row.state, row.cause, service.asked()) == ("person", "no-model", [])


def test_who_switched_it_when_and_why_is_written_down(database: Database) -> None:
    with database.transaction() as session:
        registration = make_registration(session, name="Our LMS")
        place = Place(registration_id=registration.id)
        for reason in (" ", "x" * 301):
            with pytest.raises(SwitchRefused):
                switch_off(session, "ada", place, reason)
        for nowhere in (Place(registration_id=registration.id + 1), Place(context_key="context-77")):
            with pytest.raises(SwitchRefused):
                switch_off(session, "ada", nowhere, "A drill.")
        assert switch_off(session, "ada", place, " A \n drill. ")
        assert not switch_off(session, "eve", place, "Again.")
    with database.transaction() as session:
        (found,) = switches_off(session)
        assert (found.place, found.title, found.by, found.reason) == (place, "Our LMS", "ada", "A drill.")
        assert not switch_on(session, "ada", Place())
        assert switch_on(session, "ada", place, "It was one.")
        assert switches_off(session) == ()
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    subject = f"registration {registration.id}"
    assert [(one.action, one.subject, one.detail) for one in entries] == [
        ("ai.off", subject, {"reason": "A drill."}), ("ai.on", subject, {"reason": "It was one."}),
    ]  # fmt: skip


def test_a_platform_that_goes_takes_its_switches_along(database: Database) -> None:
    with database.transaction() as session:
        first, other = Classroom(session), Classroom(session, issuer="https://other.example")
        for room in (first, other):
            for place in (Place(room.registration.id), Place(context_key=f"context-{room.context.id}")):
                assert switch_off(session, "ada", place, "A drill.")
        for row in (first.line_item, first.resource_link):
            session.delete(row)
        session.flush()
        assert remove_platform(session, issuer=first.registration.issuer, client_id=first.registration.client_id)
        assert {one.title for one in switches_off(session)} == {"A platform", "C"}
        assert len(switches_off(session)) == 2


def test_contexts_and_lone_links_belong_to_their_platform(database: Database) -> None:
    with database.transaction() as session:
        room = Classroom(session)
        theirs = f"platform-{room.registration.id}"
        assert group_of(session, f"context-{room.context.id}") == theirs
        assert group_of(session, f"link-{room.resource_link.id}") == theirs
        for nowhere in ("", "context-", "context-77", "link-77", "elsewhere"):
            assert group_of(session, nowhere) is None
