"""The review pages with something on them, for real browsers: a lab that waits for a decision, and one whose result is
appealed."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, Page
from sqlalchemy import update

from config import clock
from config.database import Database
from config.settings import Settings
from course.models import Attempt, Learner, Placement
from grading.models import RubricAssessment
from grading.review import appeal
from lti_tool.models import Context, LinkRepair, LtiUser
from lti_tool.reviewing import decide
from tests.grading.lab_class import GOOD, LabClass
from tests.support.lab_desk import LabDesk, running_tool

APPEAL = "My fourth turn says what would prove me wrong: a top five that scores far below 91."
SHORT = ("It is the loss, I would say.", "The loss pays for the usual five places, so the usual five win.")


class ReviewDesk:
    """An instructor's way to the review pages of a lab, and what stands in the database by then."""

    def __init__(self, desk: LabDesk, room: LabClass, instructor: Learner, attempt_ids: tuple[int, int]) -> None:
        self.room = room
        self.attempt_ids = attempt_ids
        self._desk = desk
        self._instructor = instructor

    def open(self, context: BrowserContext, path: str = "review") -> Page:
        """The list of what waits, or another page of the instructor's."""
        return self._desk.open(context, self._instructor, path, role="instructor")

    def lead_a_link_astray(self) -> None:
        """Make the course a copy, with a link that names what we do not have."""
        now = clock.now()
        room = self.room.room
        with self.room.database.transaction() as session:
            copied = session.get_one(Context, room.context.id)
            origin = Context(deployment_id=copied.deployment_id, lti_context_id="origin", created_at=now)
            session.add(origin)
            session.flush()
            copied.copied_from_id, copied.copied_at = origin.id, now
            session.add(
                LinkRepair(
                    context_id=copied.id,
                    lti_resource_link_id="astray",
                    title="Quiz 9",
                    named_course_id="deep-learning",
                    named_item_id="quiz-9",
                    seen_at=now,
                )
            )

    def decide_what_waits(self) -> None:
        """As another instructor would meanwhile."""
        ids = [criterion.id for criterion in self.room.lab.rubric.criteria]
        with self.room.database.transaction() as session:
            attempt = session.get_one(Attempt, self.attempt_ids[0])
            decide(session, attempt, self._instructor.id, dict.fromkeys(ids, 3), dict.fromkeys(ids, "As it says."))


@contextmanager
def running_review_desk(settings: Settings, database: Database) -> Iterator[ReviewDesk]:
    """Serve a lab in which Ada's work waits to be decided and Alan asks about his result."""
    room = LabClass(database, None)
    waiting, appealed = room.hand_in(*GOOD, sub="ada"), room.hand_in(*SHORT, sub="alan")
    room.grade(waiting, appealed)
    ids = [criterion.id for criterion in room.lab.rubric.criteria]
    with database.transaction() as session:
        for sub, name in (("ada", "Ada Lovelace"), ("alan", "Alan Turing")):
            session.execute(update(LtiUser).where(LtiUser.sub == sub).values(name=name))
        room.room.session = session
        grace: LtiUser = room.room.person("grace")
        instructor = session.get_one(Learner, grace.learner_id)
        attempt = session.get_one(Attempt, appealed)
        decide(session, attempt, grace.learner_id, dict.fromkeys(ids, 2), dict.fromkeys(ids, "As the turns show."))
        appeal(session, attempt, "mechanism", APPEAL)
        session.execute(update(RubricAssessment).values(is_sampled=False))
        placement = session.get_one(Placement, room.placement_id)
    with running_tool(settings, database) as (app, tool):
        yield ReviewDesk(
            LabDesk(app, database, placement, room.room.registration.id, tool), room, instructor, (waiting, appealed)
        )
