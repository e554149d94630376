"""Past the states of a lab, for pictures: conversation, a reply that failed, handing in, the result."""

from collections.abc import Iterator
from decimal import Decimal

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from config import clock
from course.models import Attempt, Turn
from grading.models import Outcome
from tests.e2e.walk import View
from tests.support.lab_desk import LAB, LabDesk
from tests.support.model_service import RunningModelService

SAID = (
    "The loss. It pays for guessing the next order, so a user’s usual five places always win.",
    "A place that opened yesterday is nobody’s next order yet, so ranking it can only cost.",
)
REPLIES = (
    "You name the loss, and you name who wins. What does it add up for one user on one Tuesday?",
    "That is a claim about newcomers. Where in the file do you find it?",
)


def walk_past_a_lab(context: BrowserContext, desk: LabDesk, service: RunningModelService) -> Iterator[View]:
    """As a new student, from the first sight of the lab to its result."""
    service.script(*({"text": text, "times": 1} for text in REPLIES), {"text": "", "stop_reason": "refusal"})
    page = desk.open(context, desk.student())
    page.get_by_role("button", name="Agree and start").click()
    for text, left in zip(SAID, (7, 6), strict=True):
        _say(page, text)
        expect(page.get_by_text(f"{left} turns left")).to_be_visible()
    _say(page, "Because.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    yield View("lab-failed", page, page.main_frame)
    page.get_by_label("Your message").fill("A draft that has not been sent")
    expect(page.get_by_text("Draft kept.")).to_be_visible()
    yield View("lab-open", page, page.main_frame)
    page.get_by_role("button", name="Hand in…").click()
    yield View("lab-asking", page, page.main_frame)
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.get_by_role("heading", name="waiting to be graded")).to_be_visible()
    yield View("lab-waiting", page, page.main_frame)
    _grade(desk)
    page.reload()
    expect(page.get_by_role("heading", name="Criterion by criterion")).to_be_visible()
    yield View("lab-result", page, page.main_frame)
    _at_quote(page)
    yield View("lab-quote", page, page.main_frame)


def _say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


def _at_quote(page: Page) -> None:
    page.get_by_role("link", name="ranking it can only cost").first.click()
    page.wait_for_url("**#quote-*")


def _grade(desk: LabDesk) -> None:
    """As a grader would: a level for each criterion, some with the student's own words."""
    with desk.database.transaction() as session:
        attempt = session.scalars(select(Attempt).order_by(Attempt.id.desc())).first()
        assert attempt
        turn = session.scalars(select(Turn).where(Turn.attempt_id == attempt.id, Turn.number == 4)).one()
        quote = "ranking it can only cost"
        start = turn.text.index(quote)
        place = {"turn": 4, "start": start, "end": start + len(quote), "text": quote}
        criteria = [
            {
                "criterion_id": criterion.id,
                "name": criterion.name,
                "level": level,
                "points": str(criterion.weight * criterion.level(level).points_percent / 100),
                "points_possible": str(criterion.weight),
                "quotes": [place] if level > 1 else [],
                "omission": level == 1,
                "boundary": "One complaint is explained step by step, the other is only asserted." if level < 4 else "",
                "feedback": "You follow the reward to the screen. Do the same for the newcomers.",
                "decided_by": "model",
                "why": "",
                "readings": [],
            }
            for criterion, level in zip(LAB.rubric.criteria, (4, 3, 2, 1, 1), strict=True)
        ]
        session.add(
            Outcome(
                attempt_id=attempt.id,
                number=1,
                decided_by="rubric",
                points=Decimal("50.5"),
                points_possible=Decimal(100),
                evidence={"criteria": criteria},
                decided_at=clock.now(),
            )
        )
