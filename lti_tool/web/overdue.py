"""An attempt whose time is up, found open by a page. A sweep hands such attempts in as well; whoever looks first is not
kept waiting for it."""

from config.task_queue import DELIVER_SCORES, GRADE_ATTEMPTS
from course.attempts import is_over
from course.items import ItemKind
from course.models import Attempt
from lti_tool.handing_in import hand_in_overdue
from lti_tool.web.current import services
from lti_tool.web.guards import Visit


def result_if_over(visit: Visit, attempt: Attempt | None) -> str | None:
    """The address of the result, if the attempt's time is up; it is then handed in as it was saved.

    The page's own transaction can only read and is at its end after this: nothing more may be asked of its session.
    """
    if attempt is None or not is_over(attempt):
        return None
    is_lab = attempt.snapshot.body.get("kind") == ItemKind.LAB
    location = visit.url("labs.show" if is_lab else "quizzes.show", attempt_key=attempt.key)
    attempt_id = attempt.id
    visit.session.rollback()
    with services().database.transaction() as session:
        owed = hand_in_overdue(session, attempt_id)
        outbox_ids = [owed.id] if owed else []
    if outbox_ids:
        services().nudger.nudge(DELIVER_SCORES, outbox_ids)
    if is_lab:
        services().nudger.nudge(GRADE_ATTEMPTS, [attempt_id])
    return location
