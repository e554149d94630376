"""A course that was copied in the platform: its own places and work, the original's rules, nobody else's anything."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from config import clock
from config.database import Database
from course.attempts import start_attempt
from course.models import Accommodation, Attempt, Placement, PolicyOverride
from course.policies import override_of, set_override
from lti_tool.admission import Admission, admit
from lti_tool.claims import MAX_TEXT
from lti_tool.columns import names_foreign_column
from lti_tool.course_copies import context_history, link_history
from lti_tool.item_choice import ChosenItem, NotPlaced
from lti_tool.launch import Launch
from lti_tool.link_choices import Opening, note_link, opening_of
from lti_tool.link_repairs import note_good, note_stray, redirect_link, repair, repair_of
from lti_tool.models import Context, LineItem, LinkRepair
from tests.lti_tool.conftest import Tool
from tests.lti_tool.fake_platform import Platform
from tests.support.factory import BUILT_IN, QUIZ, make_learner

COLUMN = "https://lms.example/lineitems/{}?type_id=1"
DATES = {"due_at": "2026-01-31T23:59:00+00:00", "attempts": 2}


class Catalog:
    """Of one course, as launches ask it."""

    default_course_id = BUILT_IN.id

    def has_course(self, course_id: str) -> bool:
        return course_id == BUILT_IN.id

    def has_item(self, course_id: str, item_id: str) -> bool:
        return course_id == BUILT_IN.id and BUILT_IN.find_item(item_id) is not None


CATALOG = Catalog()
WHOLE = ChosenItem(BUILT_IN.id, None, is_named=False)


@pytest.fixture
def launch(tool: Tool, platform: Platform) -> Launch:
    return replace(tool.launch(platform), context_id="old", resource_link_id="1", line_item_url=COLUMN.format(1))


def copied(launch: Launch, *, link: str = "11", context: str = "new", history: str = "old", **changes: Any) -> Launch:
    custom = {"context_history": history} if history else {}
    values = {"custom": custom, "line_item_url": None, **changes}
    return replace(launch, context_id=context, resource_link_id=link, **values)


def enter(database: Database, launch: Launch, item: str | None = QUIZ.id) -> Admission:
    with database.transaction() as session:
        return admit(session, launch, course_id=BUILT_IN.id, item_id=item)


def with_rules(database: Database, admitted: Admission, rules: dict[str, Any] | None = None) -> None:
    with database.transaction() as session:
        set_override(session, admitted.placement.context_key, BUILT_IN, QUIZ, rules or DATES)


def rules(database: Database, admitted: Admission) -> dict[str, Any]:
    with database.reading() as session:
        return override_of(session, admitted.placement.context_key, BUILT_IN.id, QUIZ.id)


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("", ()),
        ("12", ("12",)),
        (" 12 , 9,,7 ,new", ("12", "9", "7")),
        ("a,truncated", ("a",)),
        ("," * 500, ()),
        ("1" * (MAX_TEXT - 5) + ",1234", ("1" * (MAX_TEXT - 5),)),
    ],
)
def test_a_history_is_a_list_of_other_ids_the_newest_first(launch: Launch, value: str, ids: tuple[str, ...]) -> None:
    one = replace(launch, context_id="new", resource_link_id="new", custom={"context_history": value})
    assert context_history(one) == ids
    assert link_history(replace(one, custom={"link_history": value})) == ids
    assert link_history(one) == ()


def test_a_copy_has_the_rules_of_the_original_and_none_of_its_people_or_work(
    database: Database, launch: Launch
) -> None:
    old = enter(database, launch)
    with_rules(database, old)
    with database.transaction() as session:
        key = old.placement.context_key
        session.add(
            Accommodation(
                context_key=key, learner_id=old.learner.id, item_id="", time_percent=150, changed_at=clock.now()
            )
        )
        start_attempt(session, session.get_one(Placement, old.placement.id), old.learner.id, QUIZ, is_preview=False)
    new = enter(database, copied(launch))
    assert new.learner.id == old.learner.id
    assert new.placement.context_key != old.placement.context_key
    assert rules(database, new) == DATES
    with database.reading() as session:
        assert session.scalars(select(Accommodation.context_key)).all() == [old.placement.context_key]
        work = select(func.count()).select_from(Attempt).where(Attempt.placement_id == new.placement.id)
        assert session.scalar(work) == 0
        copy = session.scalars(select(Context).where(Context.lti_context_id == "new")).one()
        assert (copy.copied_from_id, copy.copied_at is not None) == (old.resource_link.context_id, True)


def test_rules_are_carried_over_once(database: Database, launch: Launch) -> None:
    old = enter(database, launch)
    with_rules(database, old)
    new = enter(database, copied(launch))
    with_rules(database, new, {"attempts": 7})
    with_rules(database, old, {"attempts": 1})
    again = enter(database, copied(launch, link="12"))
    assert rules(database, again)["attempts"] == 7
    with database.transaction() as session:
        for row in session.scalars(
            select(PolicyOverride).where(PolicyOverride.context_key == new.placement.context_key)
        ):
            session.delete(row)
    assert rules(database, enter(database, copied(launch, link="13"))) == {}, "what was taken back stays away"


def test_a_history_that_comes_with_a_later_launch_is_as_good_unless_students_have_begun(
    database: Database, launch: Launch
) -> None:
    with_rules(database, enter(database, launch))
    later = enter(database, copied(launch, history=""))
    assert rules(database, later) == {}
    enter(database, copied(launch, link="12"))
    assert rules(database, later) == DATES
    used = enter(database, copied(launch, context="used", history=""))
    with database.transaction() as session:
        placement = session.get_one(Placement, used.placement.id)
        start_attempt(session, placement, used.learner.id, QUIZ, is_preview=False)
    enter(database, copied(launch, context="used", link="12"))
    assert rules(database, used) == {}


def test_the_newest_course_that_is_known_is_the_original(database: Database, launch: Launch) -> None:
    with_rules(database, enter(database, launch), {"attempts": 1})
    with_rules(database, enter(database, replace(launch, context_id="newer")), {"attempts": 2})
    new = enter(database, copied(launch, history="never opened,newer,old"))
    assert rules(database, new) == {"attempts": 2}


def test_a_history_reaches_no_other_deployment_and_no_other_platform(
    database: Database, launch: Launch, tool: Tool
) -> None:
    with_rules(database, enter(database, launch))
    for foreign in (
        copied(launch, deployment_id="8"),
        copied(replace(tool.launch(tool.register(Platform(client_id="client-2"))), deployment_id="7")),
    ):
        new = enter(database, foreign)
        assert rules(database, new) == {}
        with database.reading() as session:
            assert session.get_one(Context, new.resource_link.context_id).copied_from_id is None


def test_links_outside_any_course_are_copies_of_nothing(database: Database, launch: Launch) -> None:
    with_rules(database, enter(database, launch))
    assert rules(database, enter(database, copied(launch, context=""))) == {}


def test_the_column_of_another_course_is_not_this_ones(database: Database, launch: Launch) -> None:
    enter(database, launch)
    copy = copied(launch, line_item_url=COLUMN.format(1))
    with database.reading() as session:
        assert names_foreign_column(session, copy)
        assert not names_foreign_column(session, replace(copy, line_item_url=COLUMN.format(2)))
        assert not names_foreign_column(session, replace(copy, line_item_url=None))
        assert not names_foreign_column(session, replace(launch, resource_link_id="2")), (
            "it changes hands in the course"
        )
        assert not names_foreign_column(session, replace(launch, deployment_id="8")), "the same course, installed anew"
    new = enter(database, replace(copy, line_item_url=COLUMN.format(2)))
    assert new.line_item is not None
    with database.reading() as session:
        assert session.scalars(select(LineItem.url).order_by(LineItem.id)).all() == [COLUMN.format(1), COLUMN.format(2)]


def choice(database: Database, launch: Launch, named: ChosenItem | NotPlaced = WHOLE) -> Opening | NotPlaced:
    """What a launch opens, and its rows as a launch leaves them."""
    with database.transaction() as session:
        opening = opening_of(session, launch, named, CATALOG)
        if isinstance(opening, NotPlaced):
            note_stray(session, launch, opening)
            return opening
        admitted = admit(session, launch, course_id=opening.item.course_id, item_id=opening.item.item_id)
        note_good(session, admitted.resource_link, named)
        note_link(admitted.resource_link, launch, opening)
        return opening


def opens(database: Database, launch: Launch, named: ChosenItem | NotPlaced = WHOLE) -> str | None:
    opening = choice(database, launch, named)
    assert isinstance(opening, Opening)
    return opening.item.item_id


def choose(database: Database, launch: Launch, item: str) -> None:
    with database.transaction() as session:
        admitted = admit(session, launch, course_id=BUILT_IN.id, item_id=item)
        note_link(
            admitted.resource_link, launch, Opening(WHOLE, is_named=False, own_choice=ChosenItem(BUILT_IN.id, item))
        )


def test_a_copied_link_opens_what_was_chosen_for_the_original(database: Database, launch: Launch) -> None:
    choose(database, launch, "quiz-2")
    assert opens(database, copied(launch)) is None, "without a history it asks"
    linked = copied(launch, custom={"link_history": "1"})
    assert opens(database, linked) == "quiz-2", "nobody has begun there yet"
    assert opens(database, copied(launch, custom={})) == "quiz-2", "and that is kept"
    assert opens(database, copied(launch, link="12", custom={"link_history": "never,1"})) == "quiz-2"
    assert opens(database, copied(launch, link="13", deployment_id="8", custom={"link_history": "1"})) is None


def test_a_copied_link_that_lost_its_custom_values_opens_what_the_original_named(
    database: Database, launch: Launch
) -> None:
    choice(database, launch, ChosenItem(BUILT_IN.id, "quiz-3"))
    assert opens(database, copied(launch, custom={"link_history": "1"})) == "quiz-3"


def test_of_two_links_with_one_id_only_that_of_a_named_course_counts(database: Database, launch: Launch) -> None:
    choose(database, launch, "quiz-2")
    choose(database, replace(launch, context_id="elsewhere"), "quiz-3")
    assert opens(database, copied(launch, custom={"link_history": "1"})) is None
    named = copied(launch, link="12", custom={"link_history": "1", "context_history": "elsewhere"})
    assert opens(database, named) == "quiz-3"


def test_what_students_have_begun_is_not_moved_by_a_history(database: Database, launch: Launch) -> None:
    choose(database, launch, "quiz-2")
    opens(database, copied(launch, history=""))
    with database.transaction() as session:
        placement = session.scalars(select(Placement).order_by(Placement.id.desc())).first()
        assert placement is not None
        start_attempt(session, placement, make_learner(session).id, QUIZ, is_preview=False)
    assert opens(database, copied(launch, custom={"link_history": "1"})) is None


def test_a_link_that_leads_nowhere_is_mended_and_stays_so_in_copies(database: Database, launch: Launch) -> None:
    gone = NotPlaced(BUILT_IN.id, "quiz-of-old")
    assert choice(database, launch, gone) == gone
    with database.transaction() as session:
        row = session.scalars(select(LinkRepair)).one()
        repair(row, BUILT_IN.id, "quiz-2")
    assert opens(database, launch, gone) == "quiz-2"
    assert opens(database, copied(launch), gone) == "quiz-2"
    assert choice(database, copied(launch, history=""), NotPlaced(BUILT_IN.id, "another")) != gone
    foreign = copied(launch, deployment_id="8")
    assert choice(database, foreign, gone) == gone
    named = ChosenItem(BUILT_IN.id, "quiz-1")
    assert opens(database, launch, named) == "quiz-1", "it was corrected in the platform"
    with database.reading() as session:
        context = session.scalars(select(Context).where(Context.lti_context_id == "old")).one()
        assert repair_of(session, context.id, "1") is None


def test_a_link_can_be_pointed_elsewhere_while_it_names_the_same(database: Database, launch: Launch) -> None:
    named = ChosenItem(BUILT_IN.id, "quiz-1")
    choice(database, launch, named)
    with database.transaction() as session:
        link = admit(session, launch, course_id=BUILT_IN.id, item_id="quiz-1").resource_link
        redirect_link(session, link, BUILT_IN.id, "quiz-2")
    assert opens(database, launch, named) == "quiz-2"
    assert opens(database, launch, ChosenItem(BUILT_IN.id, "quiz-3")) == "quiz-3"


def test_a_name_that_no_database_takes_leaves_nothing_behind(database: Database, launch: Launch) -> None:
    for item in ("\x00", "\ud800", "x" * 3000):
        assert choice(database, launch, NotPlaced(BUILT_IN.id, item)).item_id == item  # type: ignore[union-attr]
    with database.reading() as session:
        assert session.scalars(select(LinkRepair.named_item_id)).all() == ["x" * 255]
