"""A class opens a copied course in the same moment: it becomes a copy once, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from sqlalchemy import select

from config import clock
from config.database import Database
from course.models import PolicyOverride
from course.policies import set_override
from lti_tool.admission import admit
from lti_tool.launch import Launch
from lti_tool.models import Context
from tests.support.factory import BUILT_IN, QUIZ, Classroom
from tests.web.conftest import on_both_databases

pytestmark = on_both_databases


def test_the_rules_of_the_original_are_carried_over_once(database: Database) -> None:
    with database.transaction() as session:
        classroom = Classroom(session)
        registration_id, original = classroom.registration.id, classroom.context.id
        set_override(session, f"context-{original}", BUILT_IN, QUIZ, {"attempts": 2})

    def enter(number: int) -> None:
        launch = Launch(
            registration_id=registration_id, deployment_id="1", context_id="copy", context_title="Copy",
            resource_link_id=f"link-{number % 3}", resource_link_title="", sub=f"student-{number}", name="",
            role="learner", is_test_user=False, target_link_uri="", custom={"context_history": "course-1"},
            return_url=None, locale="", document_target="", product_family="", line_item_url=None, line_items_url=None,
            ags_scopes=(), issued_at=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        with database.transaction() as session:
            admit(session, launch, course_id=BUILT_IN.id, item_id=QUIZ.id)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(enter, range(12)))
    with database.reading() as session:
        copy = session.scalars(select(Context).where(Context.lti_context_id == "copy")).one()
        assert copy.copied_from_id == original
        assert copy.copied_at is not None
        assert copy.copied_at <= clock.now()
        carried = session.scalars(
            select(PolicyOverride.values).where(PolicyOverride.context_key == f"context-{copy.id}")
        ).all()
        assert carried == [{"attempts": 2}]
