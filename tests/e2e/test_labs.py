"""A lab in a real browser: by keyboard and read out, without scripts, and with a tab that is closed in mid-reply."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from config.database import Database
from lti_tool.migrating import upgrade
from tests.support.browser import DESKTOP, PHONE, axe_violations, private_window, sideways_scroll
from tests.support.lab_desk import LAB, LabDesk, running_lab_desk
from tests.support.model_service import RunningModelService
from tests.support.stack import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.processes]

LOSS = "The loss. It pays for guessing the next order, so the same five win."
REPLY = "You name the loss and one Tuesday. What does it add up for a place that opened yesterday?"
READ_OUT = """() => {
  window.heard = [];
  const region = document.querySelector("[data-live]");
  new MutationObserver(() => window.heard.push(region.textContent)).observe(region, {childList: true});
}"""


@pytest.fixture(scope="module")
def service() -> Iterator[RunningModelService]:
    with RunningModelService() as running:
        yield running


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, service: RunningModelService) -> Iterator[LabDesk]:
    folder = tmp_path_factory.mktemp("labs")
    url = f"sqlite:///{folder / 'coursewright.sqlite'}"
    database = Database(url)
    upgrade(database.engine)
    settings = service.settings(COURSEWRIGHT_DATA_DIR=str(folder), COURSEWRIGHT_DATABASE_URL=url)
    with running_lab_desk(settings, database) as running:
        yield running
    database.dispose()


def said(page: Page, text: str) -> None:
    """The conversation shows these words."""
    expect(page.get_by_role("list").filter(has=page.locator(".turn")).get_by_text(text)).to_be_visible()


def test_a_conversation_by_keyboard_is_read_out_turn_by_turn_and_accessible_in_both_themes(
    browser: Browser, desk: LabDesk, service: RunningModelService
) -> None:
    service.script({"text": REPLY, "tokens_per_second": 40})
    with private_window(browser, DESKTOP) as context:
        page = desk.open(context, desk.student())
        assert axe_violations(page) == []
        page.get_by_role("button", name="Agree and start").press("Enter")
        field = page.get_by_label("Your message")
        expect(field).to_be_visible()
        page.wait_for_load_state()
        page.evaluate(READ_OUT)
        field.focus()
        page.keyboard.type(LOSS)
        page.keyboard.press("Control+Enter")
        said(page, REPLY)
        expect(page.get_by_text("7 turns left")).to_be_visible()
        name = LAB.partner.name
        assert page.evaluate("window.heard") == [f"{name} is replying.", f"{name} says: {REPLY}"]
        expect(field).to_be_focused()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # or colours would still be on their way
            assert axe_violations(page) == []
        page.get_by_role("button", name="Hand in…").press("Enter")
        expect(page.get_by_role("alert").filter(has_text="7 turns are left")).to_be_focused()
        assert axe_violations(page) == []
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Handed in, waiting to be graded")).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", name="Handed in, waiting to be graded")).to_be_visible()
        assert axe_violations(page) == []


def test_a_tab_closed_in_mid_reply_loses_nothing_for_another_profile(
    browser: Browser, desk: LabDesk, service: RunningModelService
) -> None:
    service.script({"text": REPLY, "tokens_per_second": 12})
    ada = desk.student()
    with private_window(browser, PHONE) as context:
        page = desk.begin(context, ada)
        page.get_by_label("Your message").fill(LOSS)
        page.get_by_role("button", name="Send").click()
        said(page, "You name")
        assert "yesterday" not in page.content()
        page.close()
    with private_window(browser, DESKTOP) as context:
        page = desk.open(context, ada)
        said(page, LOSS)
        said(page, REPLY)
        wait_until("the reply is kept", lambda: ("partner", "done", REPLY) in desk.turns())


def test_what_is_typed_while_a_turn_is_being_sent_stays(browser: Browser, desk: LabDesk) -> None:
    with private_window(browser, PHONE) as context:
        page = desk.begin(context, desk.student())
        page.get_by_label("Your message").fill(LOSS)
        page.evaluate(
            """() => {
              document.querySelector("[data-send]").click();
              const field = document.getElementById("text");
              field.value = "And another thing";
              field.dispatchEvent(new Event("input", {bubbles: true}));
            }"""
        )
        said(page, LOSS)
        expect(page.get_by_text("7 turns left")).to_be_visible()
        expect(page.get_by_label("Your message")).to_have_value("And another thing")


def test_a_partner_that_fails_says_so_and_answers_when_asked_again(
    browser: Browser, desk: LabDesk, service: RunningModelService
) -> None:
    service.script({"stop_reason": "refusal", "text": "", "times": 1}, {"text": REPLY})
    with private_window(browser, PHONE) as context:
        page = desk.begin(context, desk.student())
        page.get_by_label("Your message").fill(LOSS)
        page.get_by_role("button", name="Send").click()
        said(page, "costs you no turn")
        assert axe_violations(page) + sideways_scroll(page) == []
        page.get_by_role("button", name="Try again").click()
        said(page, REPLY)
        expect(page.get_by_text("7 turns left")).to_be_visible()


def test_without_scripts_a_form_does_it_and_the_page_offers_to_reload_for_a_slow_reply(
    browser: Browser, desk: LabDesk, service: RunningModelService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.web.labs.PATIENCE_SECONDS", 0.0)
    service.script({"text": REPLY, "latency": 0.5})
    with private_window(browser, PHONE, scripts=False) as context:
        page = desk.begin(context, desk.student())
        page.get_by_label("Your message").fill(LOSS)
        page.get_by_role("button", name="Send").click()
        said(page, LOSS)
        wait_until("the reply has come", lambda: desk.turns()[-1][:2] == ("partner", "done"))
        page.get_by_role("button", name="Reload to see the reply").click()
        said(page, REPLY)
        page.get_by_label("Your message").fill("Not sent")
        page.get_by_role("button", name="Hand in…").click()
        expect(page.get_by_text("has not been sent")).to_be_visible()
        page.get_by_role("link", name="Go on").click()
        expect(page.get_by_label("Your message")).to_have_value("Not sent")


def test_a_draft_typed_without_a_connection_is_there_on_another_device_once_it_is_back(
    browser: Browser, desk: LabDesk
) -> None:
    ada = desk.student()
    with private_window(browser, PHONE, allowed=[r"ERR_INTERNET_DISCONNECTED"]) as context:
        page = desk.begin(context, ada)
        context.set_offline(True)
        page.get_by_label("Your message").press_sequentially("Half a thought")
        expect(page.get_by_text("You are offline. Your text is kept on this device.")).to_be_visible()
        context.set_offline(False)
        expect(page.get_by_text("Draft kept.")).to_be_visible()
    with private_window(browser, DESKTOP) as context:
        expect(desk.open(context, ada).get_by_label("Your message")).to_have_value("Half a thought")
