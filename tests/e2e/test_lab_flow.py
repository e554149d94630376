"""A lab from its first turn to an appeal that is granted, with all real but the model: partner and grader are the
SDK against the loopback service, the grade is the worker's, and what stands in the end is the LMS's gradebook."""

import json
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Frame, Locator, Page, expect
from sqlalchemy import select

from course.models import Attempt, Conversation
from grading.models import Appeal, Outcome
from lti_tool.grade_checks import check_grades
from lti_tool.models import AccessToken, ToolKey
from lti_tool.practice_lms.course import PEOPLE
from tests.e2e import full_run
from tests.e2e.people import ADA, GRACE, gradebook_cell, open_activity, open_activity_in_window, sign_in
from tests.grading.lab_class import GOOD
from tests.support.browser import COLOURS, DESKTOP, PHONE, axe_violations, private_window
from tests.support.labs import LABS
from tests.support.model_service import KEY, RunningModelService
from tests.support.scanning import Scanner
from tests.support.stack import Stack, running_stack

pytestmark = [pytest.mark.browser, pytest.mark.processes]

LAB = LABS[0]
METRICS_TOKEN = "a-token-to-read-metrics-with"
REPLY = "You name the loss and one Tuesday. What does it add up for a place that opened yesterday?"
APPEAL = "My fourth turn says what would prove me wrong: a top five that scores far below 91."
ANSWER = "You are right, the fourth turn names the test and what it would show."
GRADED_MS = 30_000


@pytest.fixture(scope="module")
def service() -> Iterator[RunningModelService]:
    with RunningModelService() as running:
        yield running


@pytest.fixture(scope="module")
def lab_stack(tmp_path_factory: pytest.TempPathFactory, service: RunningModelService) -> Iterator[Stack]:
    """Practice LMS, tool and worker, with a model to talk with and to be graded by."""
    folder = tmp_path_factory.mktemp("lab-stack")
    model = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": service.url}
    counted = {"PROMETHEUS_MULTIPROC_DIR": str(folder / "counted")}  # web and worker answer for each other
    (folder / "counted").mkdir(parents=True)
    seen = {"COURSEWRIGHT_LOG_LEVEL": "debug", "COURSEWRIGHT_METRICS_TOKEN": METRICS_TOKEN}
    with running_stack(folder, "lms", "tool", "worker", "beat", **model, **counted, **seen) as running:
        yield running


def test_an_argued_lab_is_graded_by_its_evidence_appealed_and_overridden_by_a_person(
    browser: Browser, lab_stack: Stack, service: RunningModelService
) -> None:
    service.script({"when": {"structured": False}, "text": REPLY, "tokens_per_second": 8, "times": 1})
    with private_window(browser, PHONE) as context:
        _leave_in_mid_reply(context, lab_stack)
    with private_window(browser, DESKTOP) as context:
        page, lab = _come_back_and_hand_in(context, lab_stack)
        machine = _graded(lab_stack)
        criterion = next(one for one in machine.evidence["criteria"] if one["level"] < 4)
        _read_the_result_and_appeal(lab, machine, criterion)
        with private_window(browser, DESKTOP) as teachers:
            _override(teachers, lab_stack, criterion)
            page.reload()
            _read_the_answer(lab, criterion)
            person = _outcomes(lab_stack)[-1]
            cell = gradebook_cell(teachers, lab_stack.lms, ADA, "lab")
            expect(cell).to_contain_text(f"{float(person.points):g} / 100")
    _both_values_are_on_record(lab_stack, machine, person, criterion["criterion_id"])


def _leave_in_mid_reply(context: BrowserContext, stack: Stack) -> None:
    page = context.new_page()
    sign_in(page, stack.lms, ADA)
    lab = open_activity(page, stack.lms, LAB.id)
    lab.get_by_role("button", name="Agree and start").press("Enter")
    _say(lab, GOOD[0])
    expect(_turns(lab).get_by_text("You name the loss")).to_be_visible()
    assert "yesterday" not in lab.content()
    page.close()


def _come_back_and_hand_in(context: BrowserContext, stack: Stack) -> tuple[Page, Frame]:
    page = context.new_page()
    sign_in(page, stack.lms, ADA)
    lab = open_activity_in_window(page, stack.lms, LAB.id)
    expect(_turns(lab).get_by_text(REPLY)).to_be_visible()
    for left, text in zip((6, 5, 4), GOOD[1:], strict=True):
        _say(lab, text)
        expect(lab.get_by_text(f"{left} turns left")).to_be_visible()
    lab.get_by_role("button", name="Hand in…").press("Enter")
    lab.get_by_role("button", name="Hand in", exact=True).press("Enter")
    expect(lab.get_by_role("heading", name="Criterion by criterion")).to_be_visible(timeout=GRADED_MS)
    return page, lab


def _turns(lab: Frame) -> Locator:
    """What has been said, without what is read out to those who cannot see it."""
    return lab.locator("[data-turns]")


def _say(lab: Frame, text: str) -> None:
    field = lab.get_by_label("Your message")
    expect(field).to_have_value("")
    lab.wait_for_load_state()  # its scripts as well
    send = lab.get_by_role("button", name="Send")
    expect(send).to_be_visible()
    expect(send).not_to_have_attribute("aria-disabled", "true")  # while a reply is on its way
    field.fill(text)
    field.press("Control+Enter")


def _read_the_result_and_appeal(lab: Frame, machine: Outcome, criterion: dict[str, str]) -> None:
    expect(lab.get_by_text("Decided by an AI, by the rubric. You can ask a person")).to_be_visible()
    for one in machine.evidence["criteria"]:
        result = lab.get_by_role("article", name=one["name"])
        expect(result).to_contain_text(one["feedback"])
        for quote in one["quotes"]:
            assert quote["text"] in "\n".join(GOOD)
            expect(result.get_by_role("link", name=quote["text"])).to_be_visible()
    quoted = next(one for one in machine.evidence["criteria"] if one["quotes"])
    lab.get_by_role("article", name=quoted["name"]).get_by_role("link").first.press("Enter")
    expect(lab.locator("mark:target")).to_have_text(quoted["quotes"][0]["text"])
    back = f"a[href='#result-{quoted['criterion_id']}']"
    lab.get_by_role("region", name="The conversation").locator(back).first.press("Enter")
    expect(lab.locator("article:target")).to_contain_text(quoted["name"])
    expect(lab.get_by_text("In your gradebook")).to_be_visible(timeout=GRADED_MS)

    result = lab.get_by_role("article", name=criterion["name"])
    result.get_by_text("Ask a person to look again").press("Enter")
    assert axe_violations(lab) == []
    lab.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert axe_violations(lab, COLOURS) == []
    lab.page.emulate_media(color_scheme="light")
    result.get_by_label("What do you see differently?").fill(APPEAL)
    result.get_by_role("button", name="Send").press("Enter")
    expect(result.get_by_text(APPEAL)).to_be_visible()
    expect(result.get_by_text("Waiting for a person.")).to_be_visible()


def _override(context: BrowserContext, stack: Stack, criterion: dict[str, str]) -> None:
    page = context.new_page()
    sign_in(page, stack.lms, GRACE)
    open_activity_in_window(page, stack.lms, LAB.id)
    page.get_by_role("link", name="Review (1 waits)").press("Enter")
    waiting = page.get_by_role("region", name="Waiting").get_by_role("listitem")
    expect(waiting).to_contain_text("Answer the student")
    waiting.get_by_role("link", name=ADA).press("Enter")
    appeal = page.get_by_role("region", name=f"The student asks about {criterion['name']}")
    expect(appeal.get_by_text(APPEAL)).to_be_visible()
    appeal.get_by_label("Your answer, which the student reads").fill(ANSWER)
    appeal.get_by_label("Level").select_option("4")
    appeal.get_by_role("button", name="Send the answer").press("Enter")
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()


def _read_the_answer(lab: Frame, criterion: dict[str, str]) -> None:
    result = lab.get_by_role("article", name=criterion["name"])
    for text in ("Excellent", ANSWER, "Decided by a person · The AI had found"):
        expect(result).to_contain_text(text)
    expect(lab.get_by_text("Before that it was")).to_be_visible()
    expect(lab.get_by_text("In your gradebook")).to_be_visible(timeout=GRADED_MS)


def _outcomes(stack: Stack) -> list[Outcome]:
    with stack.database.reading() as session:
        attempts = select(Attempt.id).join(Conversation, Conversation.attempt_id == Attempt.id)
        query = select(Outcome).where(Outcome.attempt_id.in_(attempts)).order_by(Outcome.number)
        return list(session.scalars(query))


def _graded(stack: Stack) -> Outcome:
    (machine,) = _outcomes(stack)
    assert machine.decided_by == "rubric"
    return machine


def _both_values_are_on_record(stack: Stack, machine: Outcome, person: Outcome, criterion_id: str) -> None:
    first, second = _outcomes(stack)
    assert (first.id, first.points, first.evidence) == (machine.id, machine.points, machine.evidence)
    assert (second.decided_by, second.id) == ("person", person.id)
    assert second.points > first.points
    assert second.evidence["machine"] == {one["criterion_id"]: one["level"] for one in first.evidence["criteria"]}
    with stack.database.reading() as session:
        (appeal,) = session.scalars(select(Appeal)).all()
        assert check_grades(session).faults == []
    assert (appeal.criterion_id, appeal.words, appeal.answer) == (criterion_id, APPEAL, ANSWER)


# What was written meanwhile

LANDMARKS = {
    "login begun", "launch let in", "launch refused", "request failed", "page refused", "model answered", "reply ended",
    "lab judged", "score delivered", "score not delivered, will retry", "roster read", "admin not signed in",
    "platform not registered",
}  # fmt: skip


def test_no_log_and_no_metric_holds_a_name_a_word_or_a_secret_of_anybody(lab_stack: Stack) -> None:
    """Of the run before, and of what else can be done (full_run.py)."""
    secrets = full_run.leave_traces(lab_stack)
    logs = {name: lab_stack.log(name) for name in ("tool", "worker", "beat")}
    scraped = _scraped(lab_stack)
    lines = [(name, json.loads(line)) for name in logs for line in logs[name].splitlines() if line.startswith("{")]
    missing = LANDMARKS - {line["event"] for _, line in lines}
    assert not missing, "run the whole file: the test before this one is part of the run"
    assert [line for name, line in lines if name == "worker" and "task" not in line] == []
    assert [line for _, line in lines if line.get("cause") == "support"] == [], "who is in distress is nobody's to know"
    scanner = Scanner(
        names=[*(one.name for one in PEOPLE), *full_run.NAMES],
        texts=[*GOOD, REPLY, APPEAL, ANSWER, *full_run.TEXTS],
        secrets=[*secrets, *_secrets_of(lab_stack)],
    )
    for name, written in {**logs, "metrics": scraped}.items():
        assert scanner.finds(written) == [], name
        assert scanner.finds(f"{written} {json.dumps(GOOD[0])}"), "nothing would have been found"
    for metric in ("launches_total", "deliveries_total", "model_tokens_total", "labs_judged_total", "rosters_total"):
        assert f"coursewright_{metric}{{" in scraped, "what the worker counts is told by the web process"


def _scraped(stack: Stack) -> str:
    shown = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    answer = requests.get(f"{stack.tool}/metrics", headers=shown, timeout=15)
    answer.raise_for_status()
    return answer.text


def _secrets_of(stack: Stack) -> list[str]:
    with stack.database.reading() as session:
        keys = [key.private_pem.splitlines()[1] for key in session.scalars(select(ToolKey))]
        tokens = [token.token for token in session.scalars(select(AccessToken))]
    assert keys
    assert tokens
    return [*keys, *tokens, stack.settings.secret_key, KEY, METRICS_TOKEN]
